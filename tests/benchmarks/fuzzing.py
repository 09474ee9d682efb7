"""Coverage-guided fuzzing of marking, reading and projecting: an optional addition to `make fuzz`.

    pip install atheris
    python -m tests.benchmarks.fuzzing -atheris_runs=200000

atheris (Apache-2.0) is no dependency; it takes the place of the seeded generator of `test_fuzz` and checks the same
laws.
"""

import sys

import atheris

with atheris.instrument_imports(include=["tasks.mt.markup", "tasks.projection"]):
    from storage.examples import Span
    from tasks.mt.markup import Markup
    from tasks.projection.contexts import mark_contexts
    from tasks.projection.rules import Rule
    from tests.tasks.projection.test_fuzz import (
        CONTEXTS,
        asked,
        check_projecting,
        check_reading,
        check_round_trip,
    )


def one(data: bytes) -> None:
    """Bytes as a marked text that came back, and as a context with spans of its own."""
    choose = atheris.FuzzedDataProvider(data)
    markup, rule = choose.PickValueInList(list(Markup)), choose.PickValueInList(list(Rule))
    context = choose.PickValueInList(list(CONTEXTS))
    string = choose.ConsumeUnicodeNoSurrogates(sys.maxsize)
    check_reading(string, context, markup)

    spans = [Span(at, min(at + 5, len(string))) for at in range(0, len(string), 3)]
    check_round_trip(string, spans[:6], markup)
    examples = asked(context, [Span(4, 9), Span(2, 6)])
    translations = {marked.text: string for marked in mark_contexts(examples, markup)}
    check_projecting(examples, translations, markup, rule)


def main() -> None:
    """Run until told otherwise by libFuzzer's options."""
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
