"""The whole way: silver data built, a reader trained on it, and the reader evaluated."""

from typing import Any

from prefect import flow

from flows.build import build_silver, run_name
from flows.evaluate import evaluate_reader
from flows.parameters import SAMPLE, Benchmark
from flows.train import preferred_set, train_reader
from model.spec import Preset
from storage.store import DEFAULT_STORE


@flow(name="silver-reader", flow_run_name=run_name, persist_result=True, result_serializer="json")
def silver_reader(
    languages: list[str],
    source: str = SAMPLE,
    engine: str = "apertium",
    system_name: str = "tall",
    preset: Preset = Preset.BASE,
    encoder: str = "",
    seed: int = 1,
    epochs: int = 1,
    benchmark: Benchmark = Benchmark.MLQA,
    data: str = SAMPLE,
    filters: str = "",
    store: str = DEFAULT_STORE,
    memory: str = "",
) -> dict[str, Any]:
    """Build silver data, train a reader on it and evaluate the reader.

    Args:
        languages: Languages to translate into, such as `["es", "ca"]`.
        source: A SQuAD-format file, a URL, the name of a data set, or `sample`.
        engine: The engine's name, or one per language: `es=apertium,zh=table:zh.tsv`.
        system_name: A system of Tables 2 and 5 that needs no choice of languages: zs, tq, tall, at-en-all, ...
        preset: `base` fine-tunes an encoder; `tiny` makes a toy from nothing, to try the plumbing.
        encoder: A name on the Hub or a folder; by default the preset's.
        seed: Everything random follows from it.
        epochs: Passes over the data.
        benchmark: Which benchmark the reader is put to.
        data: The folder that holds the benchmark, `sample`, or `official` to download it.
        filters: Which projected rows to drop or to trust less, such as `language=on,digits=0.5`; `none` for no filter.
        store: Where everything is kept (a folder or an fsspec URL).
        memory: The translation memory, where it is not the store's own.
    """
    wanted = preferred_set(system_name)
    build = build_silver(languages, source, engine=engine, filters=filters, store=store, memory=memory)
    snapshot = build["snapshots"][wanted]
    reader = train_reader(
        system_name, snapshot, preset=preset, encoder=encoder, seed=seed, epochs=epochs, store=store
    )
    report = evaluate_reader(reader["model"], benchmark, data, store=store)
    return {"build": build, "reader": reader, "report": report}
