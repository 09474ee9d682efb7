"""`silverspan reproduce`: the paper's tables, beside one's own."""

from typing import Any

from flows.commands.common import COMMON, Common, bars, finish
from flows.parameters import check_least


def reproduce(
    *,
    plan: str,
    workers: int = 0,
    mirror: str = "",
    show: bool = False,
    common: Common = COMMON,
) -> None:
    """Train and evaluate a whole grid of systems and seeds, and publish the paper's Tables 1 to 5 beside ours.

    A run that was killed goes on when the same command is given again: nothing is trained or evaluated twice.

    What the plan claims is tested; what was found is told first, in the report and here.

    `silverspan reproduce --plan sample`

    `silverspan reproduce --plan paper --show > mine.toml`

    `silverspan reproduce --plan lab-fast`

    `silverspan reproduce --plan mine.toml`

    Parameters
    ----------
    plan:
        `sample` (the embedded sample and a toy, in minutes), `paper` (the paper whole), `lab-fast`, `lab`, `lab-close`,
        `lab-price`, `lab-twins` (all systems compared in a made-up world, on a laptop), or a TOML file.
    workers:
        Trainings at once; by default one on each GPU; where there is none one, or of the laboratory's one on each core.
    mirror:
        Another host for official downloads.
    show:
        Print the plan and do nothing.
    """
    from flows.plan_files import check_materials, plan_text, read_plan

    chosen = read_plan(plan)
    check_least("workers", workers, 0)
    if show:
        finish(common, chosen.model_dump(mode="json"), plan_text(plan).rstrip())
        return
    from flows.reproduce import reproduce as run_grid
    from tasks.reproduction import GridIncomplete

    check_materials(chosen, plan)
    try:
        with bars():
            result = run_grid(
                chosen, store=common.store, memory=common.memory, mirror=mirror, workers=workers
            )
    except GridIncomplete as error:
        finish(common, error.result, *_lines(error.result))
        raise
    finish(common, result, *_lines(result))


def _lines(result: dict[str, Any]) -> list[str]:
    made = f"{result['trained']} trained and {result['evaluated']} evaluated in this run"
    reports = [f"Report on {name}  {path}" for name, path in result["reports"].items()]
    return [f"{made}, {result['reused']} found done", *result["found"], *reports]
