"""The whole way: silver data built, a reader trained on it, and the reader evaluated."""

from typing import Any

from prefect import flow

from flows.build import build_silver
from flows.evaluate import evaluate_reader
from flows.forms import SystemName
from flows.parameters import SAMPLE, Benchmark
from flows.train import preferred_set, train_reader, training_spec
from model.spec import Preset
from model.systems import system
from storage.errors import UsageError
from storage.store import DEFAULT_STORE
from tasks.artifacts import show_chain
from tasks.pages.chain import Way
from tasks.story import say


@flow(
    name="silver-reader",
    flow_run_name="{system_name} from the source to the report",
    persist_result=True,
    result_serializer="json",
)
def silver_reader(
    languages: list[str],
    source: str = SAMPLE,
    engine: str = "apertium",
    system_name: SystemName = "tall",
    preset: Preset = Preset.BASE,
    encoder: str = "",
    seed: int = 1,
    epochs: int = 1,
    benchmark: Benchmark = Benchmark.MLQA,
    data: str = SAMPLE,
    filters: str = "",
    train_languages: list[str] = [],  # noqa: B006 - Prefect copies it into each run
    store: str = DEFAULT_STORE,
    memory: str = "",
) -> dict[str, Any]:
    """Build silver data, train a reader on it and evaluate the reader.

    Args:
        languages: Languages to translate into, such as `["es", "ca"]`.
        source: A SQuAD-format file, a URL, the name of a data set, or `sample`.
        engine: The engine's name, or one per language: `es=apertium,zh=table:zh.tsv`.
        system_name: A system of Tables 2 and 5; those in en-zh are for English and any one language that is named.
        preset: `base` fine-tunes an encoder; `tiny` makes a toy from nothing, to try the plumbing.
        encoder: A name on the Hub or a folder; by default the preset's.
        seed: Everything random follows from it.
        epochs: Passes over the data.
        benchmark: Which benchmark the reader is put to.
        data: The folder that holds the benchmark, `sample`, or `official` to download it.
        filters: Which projected rows to drop or to trust less, such as `language=on,digits=0.5`; `none` for no filter.
        train_languages: Languages to train on; by default all. at-en-zh and its like take one of them.
        store: Where everything is kept (a folder or an fsspec URL).
        memory: The translation memory, where it is not the store's own.
    """
    chosen = languages_to_train_on(system_name, languages, train_languages)
    # What cannot be trained is not translated first.
    training_spec(system_name, chosen, preset, encoder, seed=seed, epochs=epochs)
    build = build_silver(languages, source, engine=engine, filters=filters, store=store, memory=memory)
    wanted = preferred_set(system_name)
    snapshot, rows = build["snapshots"][wanted], build["rows"][wanted]
    say(f"The silver data is there: {rows:,} rows in snapshot {snapshot}.")
    reader = train_reader(
        system_name, snapshot, chosen, preset, encoder, seed=seed, epochs=epochs, store=store
    )
    say(f"The reader is there: {reader['model']}, after {reader['steps']:,} steps.")
    report = evaluate_reader(reader["model"], benchmark, data, store=store)
    say(f"The report is there: {report['report']}, F1 {report['f1']:.1f} on {benchmark}.")
    made = Way(
        system=system_name,
        snapshot=snapshot,
        rows=rows,
        reader=reader["model"],
        steps=reader["steps"],
        report=report["report"],
        f1=report["f1"],
        plumbing=preset is Preset.TINY,
    )
    show_chain(made)
    return {"build": build, "reader": reader, "report": report}


def languages_to_train_on(system_name: str, built: list[str], named: list[str]) -> list[str]:
    """The languages that were named; for a system that needs one named, the only one that is built will do.

    >>> languages_to_train_on("at-en-zh", ["zh"], [])
    ['zh']
    >>> languages_to_train_on("tall", ["es", "zh"], [])
    []

    Raises:
        UsageError: a language was named that is not built.
    """
    for language in named:
        if language not in built:
            raise UsageError.unknown("language to train on", language, built)
    only = built if system(system_name).languages == "named" and len(built) == 1 else []
    return named or only
