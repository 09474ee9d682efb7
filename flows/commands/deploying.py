"""`silverspan deploy`: a Prefect server is told of this project's work pools and deployments."""

from flows.commands.common import COMMON, Common, finish
from flows.parameters import parse_choice


def deploy(*, pools: str = "process", common: Common = COMMON) -> None:
    """Tell the Prefect server of the project's work pools, deployments and automations; safe to repeat.

    `silverspan --store /srv/silver deploy`

    Then start workers, `prefect worker start --pool cpu` and `prefect worker start --pool gpu`, and run what you like:
    `prefect deployment run 'build-silver/on-demand' -p languages='["es"]'`

    Parameters
    ----------
    pools:
        What missing pools are made as: `process` (the workers' own machines) or `kubernetes`.
    """
    from flows.deployment import PoolType
    from flows.deployment import deploy as tell

    result = tell(common.store, common.memory, parse_choice(PoolType, pools))
    made = [f"work pool {name}: made" for name in result["made"]]
    known = [f"{kind} {name}" for kind in ("deployment", "automation") for name in result[f"{kind}s"]]
    start = [f"prefect worker start --pool {name}" for name in result["pools"]]
    finish(common, result, *made, *known, "Start workers with:", *start)
