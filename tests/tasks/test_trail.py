"""The trail between pages, on a real server: by its id a thing is found where it was last shown."""

from uuid import UUID

import pytest
from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client

from tasks.scoring.markdown import Link
from tasks.trail import Thing, bear, leading_to, page


@flow(flow_run_name="{name} {text}")
def shows(name: str, text: str) -> UUID:
    artifact = create_markdown_artifact(text, key="reader")
    bear(Thing.READER, [name])
    return UUID(str(artifact))


@flow
def begins(name: str) -> None:
    bear(Thing.READER, [name])
    bear(Thing.READER, [name])


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect")
def test_a_thing_is_found_where_it_was_shown_last() -> None:
    shows("aa11", "first")
    second = shows("aa11", "second")
    shows("bb22", "another")
    begins("aa11")
    assert leading_to(Thing.READER, "aa11") == Link("aa11", page(second))
    assert leading_to(Thing.READER, "cc33") == Link("cc33", "")
    assert leading_to(Thing.SNAPSHOT, "aa11") == Link("aa11", "")
    with get_client(sync_client=True) as client:
        assert [run.tags for run in client.read_flow_runs() if run.name == "bb22 another"] == [
            ["reader:bb22"]
        ]


def test_outside_of_a_run_nothing_is_borne() -> None:
    bear(Thing.SNAPSHOT, ["x"])
    assert page(None) == ""
