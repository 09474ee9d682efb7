"""A picture of what a poor projection costs: F1 by the share of tags that come back, a line for each way to project."""

from collections.abc import Mapping, Sequence

from tasks.scoring.plots import LIGHT, Theme, canvas, plain, png

MARKERS = "osD^vP"
"""Lines differ in the shape of their points, too: colour alone does not tell them apart for everyone."""


def price_curves(
    lines: Mapping[str, Sequence[tuple[float, float, float]]], *, x: str, y: str, theme: Theme = LIGHT
) -> bytes:
    """Points are (share from 0 to 1, F1 in percent, its deviation over the seeds); whiskers are one deviation long."""
    figure, (axes,) = canvas(7.2, 3.9, theme)
    for place, (name, points) in enumerate(lines.items()):
        shares, means, deviations = ([point[side] for point in points] for side in range(3))
        axes.errorbar(
            [100 * share for share in shares],
            means,
            yerr=deviations,
            color=theme.series[place % len(theme.series)],
            marker=MARKERS[place % len(MARKERS)],
            markersize=6,
            linewidth=2,
            elinewidth=1,
            capsize=3,
            label=plain(name),
        )
    axes.set_xlabel(f"{plain(x)}, %")
    axes.set_ylabel(plain(y))
    axes.margins(x=0.04, y=0.12)
    axes.grid(axis="y", color=theme.rule, linewidth=0.7)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=8, labelcolor=theme.ink
    )
    return png(figure)
