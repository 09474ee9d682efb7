"""What all end-to-end tests look at: one Prefect server with a database of its own."""

from collections.abc import Iterator

import pytest

from tests.prefect_server import prefect_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment that points at a Prefect server of its own."""
    with prefect_server(tmp_path_factory.mktemp("prefect")) as running:
        yield running.environment
