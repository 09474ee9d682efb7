"""Pictures of a run as PNG bytes, drawn without a display and without matplotlib's global state.

Each is drawn for a light or a dark page on a transparent background. Labels are codes of languages and
reasons: what is not ASCII in them is replaced, so no picture depends on the fonts of a machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image

from tasks.scoring.transfer import PairFigures

DPI = 160

_DASHES = ("-", "--", ":")
"""Of the lines beyond the colours of a theme."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a page."""

    ink: str
    muted: str
    rule: str
    ramp: tuple[str, ...]
    """From the lowest to the highest figure of a heat map; its ends are read against `ink` and `on_high`."""
    on_high: str
    series: tuple[str, ...]


LIGHT = Theme(
    ink="#1d2433",
    muted="#5f6878",
    rule="#dedad0",
    ramp=("#f4f1e8", "#b9d8d3", "#5aa6a6", "#0f5c63"),
    on_high="#ffffff",
    series=("#0f6e74", "#d9a441", "#b4563f", "#7a6ba8", "#6f8f52", "#8a8f99", "#c58fae", "#4f77aa"),
)
DARK = Theme(
    ink="#e7e4dd",
    muted="#9aa3b2",
    rule="#353c47",
    ramp=("#20262e", "#1f4a50", "#2f8286", "#8fd8d2"),
    on_high="#0e1a1c",
    series=("#5cc1c4", "#e0b65c", "#d98568", "#a99bd6", "#9dbb7f", "#9aa0aa", "#dba9c6", "#84a9d8"),
)


def heat_map(figures: PairFigures, theme: Theme = LIGHT) -> bytes:
    """F1 by language: questions down, contexts across, as Table 3; a pair without a figure stays empty."""
    contexts = sorted({context for context, _ in figures})
    questions = sorted({question for _, question in figures})
    values = np.array([[figures.get((c, q), np.nan) for c in contexts] for q in questions])
    figure, (axes,) = canvas(1.6 + 0.62 * len(contexts), 1.1 + 0.56 * len(questions), theme)
    ramp = LinearSegmentedColormap.from_list("ramp", theme.ramp)
    scale = Normalize(float(np.nanmin(values)), max(float(np.nanmax(values)), float(np.nanmin(values)) + 1.0))
    axes.imshow(values, cmap=ramp, norm=scale, aspect="auto")
    _write_figures(axes, values, ramp, scale, theme)
    _name_ticks(axes, contexts, questions)
    axes.set_xlabel("language of the context")
    axes.set_ylabel("language of the question")
    axes.xaxis.set_label_position("top")
    return png(figure)


def loss_curve(points: Sequence[tuple[int, float]], theme: Theme = LIGHT) -> bytes:
    """Training loss by step: each point faint, their running mean over a twentieth of the run on top."""
    steps = np.array([step for step, _ in points])
    losses = np.array([loss for _, loss in points])
    figure, (axes,) = canvas(7.2, 2.9, theme)
    axes.plot(
        steps, losses, color=theme.series[0], alpha=0.3, linewidth=1, marker="." if len(points) < 3 else ""
    )
    axes.plot(steps, _running_mean(losses, ceil(len(points) / 20)), color=theme.series[0], linewidth=2)
    _style_loss(axes, theme)
    return png(figure)


def loss_curves(curves: Mapping[str, Sequence[tuple[int, float]]], theme: Theme = LIGHT) -> bytes:
    """The training losses of several readers by step, each as its running mean over a twentieth of the run."""
    figure, (axes,) = canvas(7.2, 3.1 + 0.2 * ceil(len(curves) / 3), theme)
    for place, (name, points) in enumerate(curves.items()):
        steps, losses = (np.array([point[side] for point in points]) for side in (0, 1))
        dashes = _DASHES[place // len(theme.series) % len(_DASHES)]
        colour = theme.series[place % len(theme.series)]
        smooth = _running_mean(losses, ceil(len(points) / 20))
        axes.plot(steps, smooth, color=colour, linestyle=dashes, linewidth=1.6, label=plain(name))
    _style_loss(axes, theme)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=8, labelcolor=theme.ink
    )
    return png(figure)


def yield_bars(
    kept: Mapping[str, int], rejected: Mapping[str, Mapping[str, int]], theme: Theme = LIGHT
) -> bytes:
    """Of each language the share of rows kept, and of those rejected by each reason, as one bar of 100 %."""
    languages = sorted({*kept, *rejected}, reverse=True)
    reasons = sorted({reason for counts in rejected.values() for reason in counts})
    rows = [[kept.get(code, 0), *(rejected.get(code, {}).get(r, 0) for r in reasons)] for code in languages]
    counts = np.array(rows, dtype=float)
    shares = 100.0 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    figure, (axes,) = canvas(7.2, 1.3 + 0.36 * len(languages), theme)
    _stack(axes, shares, ["kept", *reasons], theme)
    axes.set_yticks(range(len(languages)), [plain(code) for code in languages])
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of rows")
    return png(figure)


def yield_curves(curves: Mapping[str, Sequence[tuple[float, float]]], theme: Theme = LIGHT) -> bytes:
    """F1 of what is kept by the share that is kept (both 0 to 1), one line a method, the first one strongest.

    A method with a single point, as a rule that keeps or rejects has, is a dot.
    """
    figure, (axes,) = canvas(7.2, 4.2, theme)
    for place, (name, points) in enumerate(curves.items()):
        kept, f1 = ([100 * point[side] for point in points] for side in (0, 1))
        colour = theme.series[place % len(theme.series)]
        marker, width = "o" if len(points) == 1 else "", 1.3 if place else 2.6
        axes.plot(
            kept, f1, color=colour, label=plain(name), marker=marker, linewidth=width, zorder=3 - bool(place)
        )
    axes.set_xlabel("% of rows kept")
    axes.set_ylabel("F1 of the kept, %")
    axes.margins(x=0.03, y=0.08)
    axes.grid(axis="y", color=theme.rule, linewidth=0.7)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=8, labelcolor=theme.ink
    )
    return png(figure)


def canvas(
    width_inches: float, height_inches: float, theme: Theme, *, columns: int = 1
) -> tuple[Figure, list[Axes]]:
    """An empty picture with so many axes beside each other, in the colours of a page."""
    figure = Figure(figsize=(width_inches, height_inches), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.patch.set_alpha(0)
    found = [figure.add_subplot(1, columns, place + 1) for place in range(columns)]
    for axes in found:
        style_axes(axes, theme)
    return figure, found


def style_axes(axes: Axes, theme: Theme) -> None:
    """Axes on a transparent ground: a line below, names in the page's quieter ink."""
    axes.patch.set_alpha(0)
    axes.tick_params(colors=theme.muted, length=0, labelsize=9)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_color(theme.muted)
        label.set_fontsize(9)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(theme.rule)


def _style_loss(axes: Axes, theme: Theme) -> None:
    axes.set_xlabel("batches")
    axes.set_ylabel("loss, nats")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.grid(axis="y", color=theme.rule, linewidth=0.7)


def _write_figures(axes: Axes, values: np.ndarray, ramp: Colormap, scale: Normalize, theme: Theme) -> None:
    for (row, column), value in np.ndenumerate(values):
        if not np.isnan(value):
            colour = _readable_on(ramp(scale(value)), theme)
            axes.text(column, row, f"{value:.1f}", ha="center", va="center", color=colour, fontsize=9)


def _readable_on(cell: tuple[float, float, float, float], theme: Theme) -> str:
    """The one of the theme's two inks with the higher contrast ratio (WCAG 2.2, 1.4.3)."""

    def contrast(ink: str) -> float:
        light, dark = sorted((_luminance(to_rgb(ink)), _luminance(cell[:3])), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    return max((theme.ink, theme.on_high), key=contrast)


def _luminance(colour: tuple[float, float, float]) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.2)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _name_ticks(axes: Axes, columns: Sequence[str], rows: Sequence[str]) -> None:
    axes.set_xticks(range(len(columns)), [plain(code) for code in columns])
    axes.set_yticks(range(len(rows)), [plain(code) for code in rows])
    axes.xaxis.tick_top()
    axes.spines[:].set_visible(False)


def _stack(axes: Axes, shares: np.ndarray, names: Sequence[str], theme: Theme) -> None:
    left = np.zeros(len(shares))
    for place, name in enumerate(names):
        colour = theme.series[place % len(theme.series)]
        axes.barh(
            range(len(shares)), shares[:, place], left=left, height=0.62, color=colour, label=plain(name)
        )
        left = left + shares[:, place]
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=4,
        frameon=False,
        fontsize=8,
        labelcolor=theme.ink,
        borderpad=0,
    )


def _running_mean(values: np.ndarray, width: int) -> np.ndarray:
    """The mean of each value and of those around it, up to `width` in all; fewer at the ends."""
    sums = np.cumsum(np.concatenate([[0.0], values]))
    places = np.arange(len(values))
    starts = np.maximum(places - width // 2, 0)
    ends = np.minimum(places + (width - 1) // 2 + 1, len(values))
    means: np.ndarray = (sums[ends] - sums[starts]) / (ends - starts)
    return means


def plain(label: str) -> str:
    """ASCII that matplotlib does not take for mathematics."""
    return label.encode("ascii", "replace").decode().replace("$", r"\$")


def png(figure: Figure, *, colours: int = 0) -> bytes:
    """The picture's bytes; with so many colours at most, where there are thousands of small shapes to be kept small."""
    buffer = BytesIO()
    # Without the version in its metadata a picture is the same bytes wherever the same matplotlib draws it.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    if not colours:
        return buffer.getvalue()
    smaller = BytesIO()
    with Image.open(buffer) as picture:
        picture.quantize(colours, method=Image.Quantize.FASTOCTREE).save(smaller, format="png", optimize=True)
    return smaller.getvalue()
