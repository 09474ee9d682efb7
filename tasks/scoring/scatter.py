"""A picture of question vectors in the plane: one panel for each stage of a training, a colour for each language."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from tasks.scoring.invariance import Projection
from tasks.scoring.plots import LIGHT, Theme, canvas, plain, png, style_axes

MARKERS = "osD^vP*X"
"""Languages differ in shape, too: colour alone does not tell eight of them apart."""

DRAWN = 250
"""Of each language so many points at most: more hide one another."""

COLOURS = 255
"""Of the picture's palette: a third of the bytes, and no difference to be seen."""

_PANEL_INCHES = 3.7


def scatter(panels: Mapping[str, tuple[Projection, Sequence[str]]], theme: Theme = LIGHT) -> bytes:
    """Projections (N, 2) with the language of each point; the share of the variance stands on each axis.

    Every stage has axes of its own: before and after training the vectors live in different spaces.
    """
    names = sorted({language for _, languages in panels.values() for language in languages})
    figure, axes = canvas(_PANEL_INCHES * len(panels), _PANEL_INCHES + 0.5, theme, columns=len(panels))
    for panel, (title, (projection, languages)) in zip(axes, panels.items(), strict=True):
        _panel(panel, title, projection, languages, names, theme)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside upper center",
        ncols=8,
        frameon=False,
        fontsize=9,
        labelcolor=theme.ink,
        handletextpad=0.2,
        columnspacing=1.2,
        markerscale=1.6,
    )
    return png(figure, colours=COLOURS)


def _panel(
    axes: Axes,
    title: str,
    projection: Projection,
    languages: Sequence[str],
    names: Sequence[str],
    theme: Theme,
) -> None:
    spoken = np.asarray(languages)
    for place, name in enumerate(names):
        points = projection.points[spoken == name][:DRAWN]
        axes.scatter(
            points[:, 0],
            points[:, 1],
            s=12,
            alpha=0.75,
            linewidths=0,
            color=theme.series[place % len(theme.series)],
            marker=MARKERS[place % len(MARKERS)],
            label=plain(name),
        )
    axes.set_title(plain(title), color=theme.ink, fontsize=10)
    first, second = (
        f"component {n + 1} ({share:.0%} of variance)" for n, share in enumerate(projection.explained)
    )
    axes.set_xlabel(first)
    axes.set_ylabel(second)
    style_axes(axes, theme)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(theme.rule)
