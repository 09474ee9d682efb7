"""Fixtures that several rooms share."""

import os
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from hypothesis import settings

# Before anything of Prefect is imported: tests neither phone home nor fill the terminal.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")


# A busy machine is slow, not wrong. The same tree passes or fails the same laws each time; `make fuzz` looks further.
settings.register_profile("silverspan", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("silverspan")


@pytest.fixture(scope="session")
def prefect() -> Iterator[None]:
    """One real Prefect server for the whole session, with a database of its own."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def xquad() -> Path:
    """The folder of XQuAD's files, where they are at hand beside the repository."""
    folder = Path(__file__).parents[2] / "shared" / "data" / "xquad"
    if not folder.is_dir():
        pytest.skip("XQuAD is not at hand (../shared/data/xquad)")
    return folder


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """The URL of an empty bucket of an S3-compatible service of our own, on loopback."""
    from moto.server import ThreadedMotoServer
    from s3fs import S3FileSystem

    service = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    service.start()
    host, port = service.get_host_and_port()
    given = {"key": "somebody", "secret": "unknown", "endpoint_url": f"http://{host}:{port}"}
    with pytest.MonkeyPatch.context() as patch:
        # Not by the environment: other tests look at what is in it of this provider.
        patch.setitem(fsspec.config.conf, "s3", given)
        S3FileSystem().mkdir("silverspan")
        yield "s3://silverspan"
        S3FileSystem.clear_instance_cache()
    service.stop()
