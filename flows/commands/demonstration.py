"""`silverspan demo`: the whole chain on the embedded sample, in minutes, with a real engine where there is one."""

from flows.commands.common import COMMON, Common, bars, finish
from flows.parameters import SAMPLE_FOLDER
from storage.errors import EngineError

LANGUAGES = ["es", "ca"]
EPOCHS = 6
REPLAY = SAMPLE_FOLDER / "apertium.tsv"

NO_ENGINE = (
    "Apertium cannot be had here ({why}), so translations that it wrote elsewhere are replayed from {table}."
)


def demo(*, common: Common = COMMON) -> None:
    """Build, train and evaluate on the embedded sample; a second run finds everything done.

    `silverspan demo --store ./silverspan-store`
    """
    engine, notice = choose_engine()
    from flows.chain import silver_reader
    from flows.links import run_link
    from model.spec import Preset
    from storage.store import Store

    with bars():
        state = silver_reader(
            LANGUAGES,
            engine=engine,
            preset=Preset.TINY,
            epochs=EPOCHS,
            store=common.store,
            memory=common.memory,
            return_state=True,
        )
    result = state.result()
    snapshot = result["build"]["snapshots"]["tall"]
    report = result["report"]
    lines = [
        *([notice] if notice else []),
        f"Report    {report['path']}",
        f"          F1 {report['f1']:.1f} over {report['total']:,} questions: plumbing, not quality",
        f"Snapshot  {Store(common.store).path(f'snapshots/squad-tall/{snapshot}')}",
        f"          {result['build']['rows']['tall']:,} rows; {result['build']['requests']:,} requests in this run",
        f"Model     {result['reader']['path']}",
        f"Prefect   {run_link(state.state_details.flow_run_id)}",
    ]
    finish(common, {**result, "engine": engine}, *lines)


def choose_engine() -> tuple[str, str]:
    """Apertium where it is installed with both pairs; else the committed table, and a sentence that says so."""
    from tasks.mt.catalogue import open_engine

    try:
        for language in LANGUAGES:
            open_engine("apertium").identity("en", language)
    except EngineError as error:
        why = str(error).partition(";")[0].rstrip(".")
        return f"table:{REPLAY}", NO_ENGINE.format(why=why, table=REPLAY.name)
    return "apertium", ""
