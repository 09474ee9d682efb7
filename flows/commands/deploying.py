"""`silverspan deploy`: a Prefect server is told of this project's work pools and deployments."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.commands.common import COMMON, Common, finish, names, note
from flows.parameters import check_language, check_source, engine_by_language, parse_choice
from storage.errors import UsageError

if TYPE_CHECKING:
    from flows.standing import StandingOrder


def deploy(
    *,
    pools: str = "process",
    languages: str = "",
    engine: str = "",
    source: str = "",
    cron: str = "",
    silence_minutes: float | None = None,
    common: Common = COMMON,
) -> None:
    """Tell the Prefect server of the project's work pools, deployments and automations; safe to repeat.

    `silverspan deploy --store /srv/silver`

    `silverspan deploy --store /srv/silver --languages es,de --engine deepl --source squad-v1.1-train`

    The second also gives a standing order: the engines are watched by the clock, and silver data is built anew for the
    languages whose engine has changed. Then start workers, `prefect worker start --pool cpu` and `prefect worker start
    --pool gpu`, and run what you like: `prefect deployment run 'build-silver/on-demand' -p languages='["es"]'`

    Parameters
    ----------
    pools:
        What missing pools are made as: `process` (the workers' own machines) or `kubernetes`.
    languages:
        Languages of the silver data to keep up to date, separated by commas; without, the order that there is stays.
    engine:
        Its engine, or one for each language: `es=deepl,zh=table:/srv/zh.tsv`; at first apertium.
    source:
        Its source: a SQuAD-format file, a URL, the name of an official data set; at first the sample.
    cron:
        When its engines are watched, in UTC; at first each night at three.
    silence_minutes:
        A run that says nothing for so long has lost its worker and is taken up again; at first 5. With less, a run
        whose machine is merely busy might be started twice.
    """
    from flows.deployment import PoolType
    from flows.deployment import deploy as put

    kind, order = parse_choice(PoolType, pools), _order(names(languages), engine, source, cron)
    result = put(common.store, common.memory, kind, order, _silence(silence_minutes), note)
    made = [f"work pool {name}: made" for name in result["made"]]
    known = [f"{kind} {name}" for kind in ("deployment", "automation") for name in result[f"{kind}s"]]
    start = [f"prefect worker start --pool {name}" for name in result["pools"]]
    place = f"store {result['store']}, memory {result['memory'] or 'in the store'}"
    finish(common, result, place, *_watched(result["watched"]), *made, *known, "Start workers with:", *start)


def _silence(minutes: float | None) -> timedelta | None:
    from flows.automations import HEARTBEAT_S, LEAST_SILENCE, MOST_SILENCE

    if minutes is None:
        return None
    least, most = (bound.total_seconds() / 60 for bound in (LEAST_SILENCE, MOST_SILENCE))
    if not least <= minutes <= most:
        raise UsageError(
            f"--silence-minutes {minutes:g} cannot be: runs give a sign of life every {HEARTBEAT_S} seconds; give"
            f" {least:g} to {most:g}."
        )
    return timedelta(minutes=minutes)


def _order(languages: list[str], engine: str, source: str, cron: str) -> "StandingOrder | None":
    from flows.orders import SilverOrder
    from flows.standing import StandingOrder

    if not languages:
        if cron or source or engine:
            raise UsageError(
                "A standing order names its languages; add --languages, such as --languages es,de."
            )
        return None
    for language in languages:
        check_language(language)
    given: dict[str, Any] = {"languages": languages}
    if engine:
        engine_by_language(engine, languages)
        given["engine"] = engine
    if source:
        check_source(source)
        # A worker runs in another folder.
        given["source"] = str(Path(source).resolve()) if Path(source).exists() else source
    return StandingOrder(SilverOrder(**given), cron)


def _watched(order: dict[str, Any]) -> list[str]:
    if not order:
        return []
    clock = "by the clock" if order["active"] else "not now: its schedule is off"
    return [f"watched {', '.join(order['languages'])} by {order['engine'] or 'apertium'}, {clock}"]
