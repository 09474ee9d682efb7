"""A trial of projection on parallel data: an engine and a rule against answers that people translated."""

from collections.abc import Callable, Sequence

from storage.errors import InputError
from storage.examples import Answer, Example
from tasks.mt.client import MemoryView, Usage, translate
from tasks.mt.engine import Engine
from tasks.projection.contexts import AnsweredContext, mark_contexts, project_examples
from tasks.projection.evaluate import ProjectionScore, evaluate
from tasks.projection.rules import Rule


def try_projection(
    engine: Engine,
    examples: Sequence[Example],
    human: Sequence[Example],
    rule: Rule,
    memory: MemoryView,
    *,
    source: str,
    target: str,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[ProjectionScore, Usage]:
    """Translate the contexts of `examples`, project their answers and compare these with the human ones.

    Args:
        engine: who translates.
        examples: in the source language.
        human: the same questions by id, their contexts and answers translated by people.
        rule: which marks are good enough.
        memory: where translations are looked up and kept.
        source: the language of `examples`.
        target: the language of `human`.
        on_progress: is told (segments done, segments in all).

    Raises:
        InputError: a question of one is not in the other.
    """
    gold = human_answers(examples, human)
    texts = [marked.text for marked in mark_contexts(examples, engine.markup)]
    usage = translate(engine, texts, source, target, memory=memory, on_progress=on_progress)
    found = project_examples(
        examples,
        memory.lookup([text for text in texts if text not in usage.refused]),
        rule,
        engine.markup,
        source=source,
        target=target,
        refusals=usage.refused,
    )
    answers = [_first(found[example.id]) for example in examples]
    return evaluate(answers, gold, target, same_context=False), usage


def human_answers(examples: Sequence[Example], human: Sequence[Example]) -> list[Answer]:
    """The human answer to each example, in their order.

    Raises:
        InputError: a question of one is not in the other.
    """
    by_id = {example.id: example.answers[0] for example in human}
    if differing := by_id.keys() ^ {example.id for example in examples}:
        raise InputError(f"The two files are not parallel: only one has the question {min(differing)!r}.")
    return [by_id[example.id] for example in examples]


def _first(found: AnsweredContext) -> Answer | None:
    return found.answers[0] if found.answers else None
