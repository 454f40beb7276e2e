"""The four plots of a lens. Each takes frames of declared tables, of one snapshot and one lens, and returns a figure.

Where there is nothing to draw the figure says "not provided", so that an asset's page shows why it is bare.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segmentation_assets.errors import ModelError, choices
from segmentation_assets.personas.claims.amounts import format_share
from segmentation_assets.personas.claims.feature_names import title
from segmentation_assets.pictures.palette import (
    FAINT,
    GREY,
    GROUND,
    INK,
    PALETTE,
    POINT_OPACITY,
    QUIET,
    colour_of,
    hatch_of,
    marker_of,
)
from segmentation_assets.pictures.style import (
    head_line,
    names_of,
    new_figure,
    not_provided,
    plain_axes,
    to_markdown_image,
    to_png,
    wrap,
)
from segmentation_assets.tables.keys import in_order_of, positions_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "plot_elbow_and_silhouette",
    "plot_projection",
    "plot_shares",
    "plot_snake",
    "to_markdown_image",
    "to_png",
]

MAX_POINTS = 4_000
_NAME_WIDTH = 24
_Z_LIMIT = 2.0
_NOWHERE = -1
_LAYERS = 8
_LEGEND_LINE, _LEGEND_LETTERS = 0.23, 96


def plot_elbow_and_silhouette(model_selection: pd.DataFrame) -> "Figure":
    """Draw cost and silhouette against the number of segments, with the one in use filled.

    Parameters
    ----------
    model_selection : rows of `model_selection` of one snapshot and lens.
    """
    _check_one_lens(model_selection, "model_selection")
    if model_selection.empty:
        return not_provided("Number of segments")
    rows = model_selection.sort_values("n_clusters")
    figure = new_figure(3.9)
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.08, right=0.97, top=0.76, bottom=0.14, wspace=0.22)
    _draw_criterion(left, rows, "cost", "Cost (lower fits closer)")
    _draw_criterion(right, rows, "silhouette", "Silhouette (higher separates better)")
    _draw_margin(right, rows)
    chosen = rows[rows["is_chosen"].astype(bool)]
    in_use = f"{int(chosen['n_clusters'].iloc[0])} segments in use" if len(chosen) else "No number in use yet"
    recommended = rows.loc[rows["is_recommended"].astype(bool), "n_clusters"]
    advice = f"; the scorecard recommends {int(recommended.iloc[0])} (ring)" if len(recommended) else ""
    head_line(figure, "How many segments?", f"{in_use} (filled dot){advice}")
    return figure


def _draw_margin(axes: "Axes", rows: pd.DataFrame) -> None:
    """Mark above what silhouette each candidate would be better than the recommended one; older rows do not say."""
    if "margin" not in rows or rows["margin"].isna().any():
        return
    others = rows[~rows["is_recommended"].astype(bool)]
    levels = (others["silhouette"] - others["gain"] + others["margin"]).to_numpy(dtype=float)
    axes.plot(
        others["n_clusters"], levels, ls="none", marker="_", markersize=12, color=GREY, label="better from here on"
    )
    if len(others):
        axes.legend(frameon=False, fontsize=9, labelcolor=INK, loc="best")


def _draw_criterion(axes: "Axes", rows: pd.DataFrame, column: str, label: str) -> None:
    """Draw one criterion over k; a candidate without it leaves a gap."""
    plain_axes(axes)
    k, values = rows["n_clusters"].to_numpy(dtype=float), rows[column].to_numpy(dtype=float)
    axes.plot(k, values, color=PALETTE[0], linewidth=2, marker="o", markersize=5, markerfacecolor="white", zorder=2)
    for flag, face, size in (("is_recommended", "none", 14), ("is_chosen", PALETTE[1], 9)):
        at = rows[flag].to_numpy(dtype=bool) & ~np.isnan(values)
        axes.plot(
            k[at], values[at], "o", color=PALETTE[1], markerfacecolor=face, markersize=size, markeredgewidth=1.6,
            zorder=3,
        )  # fmt: skip
        if flag == "is_chosen":
            rises = np.append(np.diff(values), 0.0)[at] > 0
            for x, y, is_rising in zip(k[at], values[at], rises, strict=True):
                beside = (7, -17) if is_rising else (7, 9)  # off the line that goes on to the right
                axes.annotate(f"{y:,.3g}", (x, y), beside, textcoords="offset points", color=PALETTE[1], fontsize=10)
    axes.set_title(label, loc="left", fontsize=10.5, color=INK)
    axes.set_xticks(k, [f"{int(n)}" for n in k])
    axes.set_xlabel("segments", fontsize=10, color=INK)
    axes.margins(y=0.18)
    axes.grid(axis="y", color=FAINT, linewidth=0.8)


def plot_projection(
    projection: pd.DataFrame, placements: pd.DataFrame, labels: pd.DataFrame | None, explained: Sequence[float] = ()
) -> "Figure":
    """Draw the customers on their map, coloured by segment, with the centre of each segment.

    Of more than `MAX_POINTS` customers those with the smallest hashes of their keys are drawn: the same ones whatever
    the order of the rows, and mostly the same from one day to the next. Centres are those of all customers.
    `explained` is the share of the variance that each axis explains.
    """
    segments = placements.loc[placements["segment_id"].notna(), ["customer_id", "segment_id"]]
    at = positions_of(projection["customer_id"], segments["customer_id"])
    points = projection.loc[at >= 0, ["customer_id", "component_1", "component_2"]]
    if points.empty:
        return not_provided("Map of the customers")
    points = points.assign(segment_id=segments["segment_id"].to_numpy(np.int64)[at[at >= 0]])
    points = in_order_of(points, "customer_id")
    draws = pd.util.hash_array(points["customer_id"].astype(str).to_numpy(dtype=object))
    drawn = points.take(np.argsort(draws, kind="stable")[:MAX_POINTS])
    ids = sorted(points["segment_id"].unique().tolist())
    names, shares = names_of(labels, ids), points["segment_id"].value_counts(normalize=True)
    captions = [f"{names[i]} ({format_share(shares[i])})" for i in ids]
    figure = new_figure(5.4 + _LEGEND_LINE * _legend_lines(captions))
    axes = plain_axes(figure.subplots())
    _draw_points(axes, drawn)
    centres = points.groupby("segment_id")[["component_1", "component_2"]].mean()
    for i, caption in zip(ids, captions, strict=True):
        axes.scatter(
            centres["component_1"][i], centres["component_2"][i], s=150, color=colour_of(i), marker=marker_of(i),
            edgecolors="white", linewidths=1.8, zorder=3, label=caption,
        )  # fmt: skip
    told = [f" ({format_share(share)} of the variance)" for share in explained] + ["", ""]
    axes.set_xlabel(f"Component 1{told[0]}", fontsize=10, color=INK)
    axes.set_ylabel(f"Component 2{told[1]}", fontsize=10, color=INK)
    axes.set_xticks([])
    axes.set_yticks([])
    _legend_below(figure, axes)
    some = f"{len(drawn):,} of {len(points):,} customers" if len(drawn) < len(points) else f"{len(points):,} customers"
    head_line(figure, "Map of the customers", f"{some}; near means alike, large marks are the segments' centres")
    return figure


def _draw_points(axes: "Axes", drawn: pd.DataFrame) -> None:
    """Draw each segment's points with its own marker, in layers, so that no segment covers the others."""
    for first in range(_LAYERS):
        upper = drawn.iloc[first::_LAYERS]
        for i in sorted(upper["segment_id"].unique().tolist()):
            layer = upper[upper["segment_id"] == i]
            axes.scatter(
                layer["component_1"], layer["component_2"], s=13, alpha=POINT_OPACITY, linewidths=0,
                color=colour_of(i), marker=marker_of(i),
            )  # fmt: skip


def plot_snake(profiles: pd.DataFrame, labels: pd.DataFrame | None = None) -> "Figure":
    """Draw each segment's line through the numeric features, in standard deviations from the average customer.

    Features of the lens come first; those that only describe follow below a rule.
    """
    _check_one_lens(profiles, "segment_profiles")
    numbers = profiles[(profiles["kind"] == "numeric") & profiles["z_score"].notna()]
    if numbers.empty:
        return not_provided("Profile of the segments")
    scores = numbers.pivot_table(index="feature", columns="segment_id", values="z_score", sort=False)
    in_lens = numbers.drop_duplicates("feature").set_index("feature")["is_lens_feature"].astype(bool)
    order = [*in_lens[in_lens].index, *in_lens[~in_lens].index]
    scores = scores.loc[order]
    ids = sorted(int(i) for i in scores.columns)
    names = names_of(labels, ids)
    figure = new_figure(2.1 + 0.45 * len(order) + _LEGEND_LINE * _legend_lines(list(names.values())))
    axes = plain_axes(figure.subplots())
    rows = np.arange(len(order))
    for i in ids:
        axes.plot(
            scores[i], rows, color=colour_of(i), marker=marker_of(i), markersize=8, linewidth=2.2,
            markeredgecolor="white", label=names[i],
        )  # fmt: skip
    axes.axvline(0, color=GREY, linewidth=1.2, zorder=0)
    if 0 < (n_lens := int(in_lens.sum())) < len(order):
        axes.axhline(n_lens - 0.5, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.text(1.0, n_lens - 0.42, "describing only", transform=axes.get_yaxis_transform(), fontsize=9,
                  color=QUIET, va="top", ha="right")  # fmt: skip
    axes.set_yticks(rows, [title(name).capitalize() for name in order])
    axes.set_ylim(len(order) - 0.5, -0.5)
    limit = max(_Z_LIMIT, float(np.nanmax(np.abs(scores.to_numpy()))) * 1.1)
    axes.set_xlim(-limit, limit)
    axes.set_xlabel("below average   \N{LEFTWARDS ARROW}   standard deviations   \N{RIGHTWARDS ARROW}   above average",
                    fontsize=10, color=INK)  # fmt: skip
    axes.grid(axis="y", color=FAINT, linewidth=0.8)
    axes.spines["left"].set_visible(False)
    _legend_below(figure, axes)
    head_line(figure, "What sets the segments apart", "Mean of each segment beside the average of all placed customers")
    return figure


def plot_shares(
    customers: pd.DataFrame,
    labels: pd.DataFrame | None,
    value_column: str,
    *,
    value_label: str | None = None,
    min_group_size: int = 20,
) -> "Figure":
    """Draw each segment's share of the customers beside its share of their value.

    Parameters
    ----------
    customers : one row per customer with `segment_id` and the value column, such as rows of `labelled_customers`.
        Customers without a segment are one grey pair of bars.
    value_column : what a customer is worth; where it is missing or sums to nothing, customers alone are drawn.
    value_label : how the value is called; the column's name by default.
    min_group_size : what fewer customers are worth is not drawn, and where such groups are as few together it is no
        part of the whole, from which it could be worked out.
    """
    if customers.empty:
        return not_provided("Shares of the segments")
    called = value_label or title(value_column)
    table = _shares(customers, value_column, min_group_size)
    ids = [int(i) for i in table.index]
    names = names_of(labels, ids) | {_NOWHERE: "Unclassified"}
    figure = new_figure(1.1 + 0.74 * len(ids))
    axes, height = plain_axes(figure.subplots()), figure.get_figheight()
    right = 0.95 - 0.009 * max(len("of customers"), len(f"of {called}"))
    figure.subplots_adjust(left=0.25, right=right, top=1 - 0.75 / height, bottom=0.15 / height)
    for row, i in enumerate(ids):
        colour = GREY if i == _NOWHERE else colour_of(i)
        hatch = "" if i == _NOWHERE else hatch_of(i)
        _draw_bar(
            axes, row - 0.19, table["customers"][i], "of customers", facecolor=GROUND, edgecolor=colour, hatch=hatch
        )
        _draw_bar(axes, row + 0.19, table["value"][i], f"of {called}", facecolor=colour, edgecolor=colour)
    axes.set_yticks(range(len(ids)), [wrap(names[i], _NAME_WIDTH) for i in ids])
    axes.set_ylim(len(ids) - 0.5, -0.5)
    axes.set_xticks([])
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
    remark = f"Share of {len(customers):,} customers (hatched) and of their {called} (filled)"
    head_line(figure, f"Who brings the {called}", remark)
    return figure


def _shares(customers: pd.DataFrame, value_column: str, least: int) -> pd.DataFrame:
    """Return each segment's share of customers and of value, largest first, the unplaced last."""
    segment = customers["segment_id"].astype("Int64").fillna(_NOWHERE).astype("int64")
    table = pd.DataFrame({"customers": segment.value_counts(normalize=True), "value": np.nan}).sort_index()
    if value_column in customers:
        values = customers[value_column].astype("float64").groupby(segment)
        value, n = values.sum(), values.count()
        few = n < least
        whole = value if n[few].sum() >= least else value[~few]
        table["value"] = (value / whole.sum() if whole.sum() > 0 else value * np.nan).where(~few)
    table["is_placed"] = table.index != _NOWHERE
    return table.sort_values(["is_placed", "customers"], ascending=False, kind="stable")


def _draw_bar(axes: "Axes", at: float, share: float, words: str, **look: Any) -> None:
    if np.isnan(share):
        return
    axes.barh(at, share, height=0.34, linewidth=1, **look)
    axes.annotate(f"{format_share(share)} {words}", (share, at), (5, 0), textcoords="offset points", va="center",
                  fontsize=9.5, color=INK)  # fmt: skip


def _legend_below(figure: "Figure", axes: "Axes") -> None:
    """Put the names under the plot and give the plot the room that is left."""
    handles, texts = axes.get_legend_handles_labels()
    columns, height = _legend_columns(texts), figure.get_figheight()
    figure.legend(
        _by_columns(handles, columns), _by_columns(texts, columns), loc="lower center", ncols=columns, frameon=False,
        fontsize=9.5, labelcolor=INK, bbox_to_anchor=(0.5, 0.0), markerscale=0.8, columnspacing=1.6,
    )  # fmt: skip
    left = 0.2 if len(axes.get_yticks()) else 0.05
    below = 0.72 if len(axes.get_xticks()) else 0.45
    bottom = (below + _LEGEND_LINE * _legend_lines(texts)) / height
    figure.subplots_adjust(left=left, right=0.97, top=1 - 0.75 / height, bottom=bottom)


def _legend_columns(texts: Sequence[str]) -> int:
    """Return as many columns, three at most, as the longest entry leaves room for."""
    longest = max(map(len, texts), default=0)
    if len(texts) == 3 and sum(map(len, texts)) <= _LEGEND_LETTERS:  # noqa: PLR2004
        return 3
    return 2 if 2 * longest <= _LEGEND_LETTERS else 1


def _legend_lines(texts: Sequence[str]) -> int:
    return -(-len(texts) // _legend_columns(texts))


def _by_columns(entries: Sequence, columns: int) -> list:
    """Reorder entries so that a legend, which fills its columns downwards, reads in rows."""
    return [entry for first in range(columns) for entry in entries[first::columns]]


def _check_one_lens(frame: pd.DataFrame, table: str) -> None:
    lenses = sorted(frame["lens"].unique())
    if len(lenses) > 1:
        raise ModelError(f"A plot shows one lens, and the rows of {table} hold {choices(lenses)}.")
