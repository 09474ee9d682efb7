"""What a plan asks of its reports: its rows in words, its claims, and the knobs of its made-up worlds, all of them."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from flows.plan import Plan
from tasks.scoring.inquiry import Inquiry, Knob, RowAbout, World


def inquiry_of(plan: Plan, worlds: Mapping[str, BaseModel]) -> Inquiry:
    """What the reports are to answer, and which made-up worlds they are to disclose, by the plan's names of them."""
    return Inquiry(
        rows=tuple(
            RowAbout(row=row.label, system=row.system, says=row.says, languages=tuple(row.languages))
            for row in plan.systems
        ),
        worlds=tuple(World(name=name, knobs=tuple(knobs_of(knobs))) for name, knobs in worlds.items()),
        claims=tuple(plan.claims),
        twins=tuple(plan.twins),
        price=plan.price,
    )


def knobs_of(settings: BaseModel, inside: str = "") -> Iterator[Knob]:
    """Every setting with its value and its description; those within another one are named `outer.inner`."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from knobs_of(value, f"{inside}{name}.")
        else:
            yield Knob(name=f"{inside}{name}", value=_shown(value), meaning=field.description or "")


def _shown(value: object) -> str:
    """A value as people write it.

    >>> _shown(["qaa", "qab"]), _shown([]), _shown(0.30), _shown(0.0), _shown(600)
    ('qaa, qab', 'none', '0.3', '0', '600')
    """
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
