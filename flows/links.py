"""Where a run can be looked at in the Prefect UI."""

from uuid import UUID

from prefect.settings import get_current_settings

LOCAL_UI = "http://127.0.0.1:4200"


def run_link(flow_run_id: UUID | None) -> str:
    """The page of a flow run, and what must be started first where no server runs."""
    api = get_current_settings().api.url
    page = f"runs/flow-run/{flow_run_id}"
    if api:
        return f"{api.removesuffix('/api')}/{page}"
    return f"{LOCAL_UI}/{page}  (start the UI first: make ui)"
