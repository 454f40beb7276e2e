"""The scorecard of candidate numbers of clusters, drawn."""

INK, QUIET, ACCENT, SECOND = "#1f2933", "#6b7580", "#0b6e75", "#b45a1f"
STABLE, DOUBTFUL = 0.75, 0.6


def plot_scorecard(scorecard):
    """Draw the scores against the number of clusters, the recommended one marked.

    Parameters
    ----------
    scorecard : Scorecard or its table

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot, so nothing needs closing; save it with `savefig`.
    """
    # Imported here: a fit must not wait for a plotting library.
    from matplotlib.figure import Figure  # noqa: PLC0415

    table = getattr(scorecard, "table", scorecard).sort_values("n_clusters")
    figure = Figure(figsize=(9.6, 6.4), layout="constrained", facecolor="white")
    axes = figure.subplots(2, 2, sharex=True).ravel()
    draw_line(axes[0], table, "cost", ACCENT)
    draw_line(axes[1], table, "silhouette", ACCENT)
    draw_line(axes[2], table, "min_jaccard", ACCENT, "least stable cluster (Jaccard)")
    draw_line(axes[2], table, "mean_ari", SECOND, "between runs (adjusted Rand)")
    draw_line(axes[3], table, "value_separation", ACCENT, "value explained (eta squared)")
    draw_line(axes[3], table, "min_share", SECOND, "share of the smallest cluster")
    titles = (
        "Cost: where the gain slows down",
        "Silhouette (Gower): how distinct the clusters are",
        "Stability: what a redraw of the rows keeps",
        "Size and value: how useful the clusters are",
    )
    for axis, title in zip(axes, titles, strict=True):
        dress(axis, table, title)
    draw_levels(axes[2], table)
    for axis in axes[2:]:
        axis.set_xlabel("number of clusters", color=INK, fontsize=9)
        axis.set_ylim(0.0, 1.05)
        if axis.get_legend_handles_labels()[0]:
            axis.legend(frameon=False, fontsize=9, labelcolor=INK, loc="best")
    chosen = table.loc[table["is_recommended"], "n_clusters"]
    if len(chosen):
        figure.suptitle(
            f"{int(chosen.iloc[0])} clusters recommended", x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK
        )
    return figure


def draw_line(axis, table, column, color, label=None):
    """Draw one score, unless it was not measured; the recommended point is filled."""
    if table[column].isna().all():
        return
    axis.plot(table["n_clusters"], table[column], color=color, lw=1.8, marker="o", ms=5, mfc="white", label=label)
    chosen = table[table["is_recommended"]]
    axis.plot(chosen["n_clusters"], chosen[column], color=color, marker="o", ms=8, ls="none", zorder=3)


def draw_levels(axis, table):
    """Mark the Jaccard similarities above which a cluster is stable or at least a pattern (Hennig 2007)."""
    if table["min_jaccard"].isna().all():
        axis.text(0.5, 0.5, "not measured", transform=axis.transAxes, ha="center", color=QUIET, fontsize=9)
        return
    for level, word in ((STABLE, "stable"), (DOUBTFUL, "doubtful below")):
        axis.axhline(level, color=QUIET, lw=0.8, ls=(0, (4, 3)), zorder=0)
        axis.text(table["n_clusters"].max(), level + 0.01, word, ha="right", va="bottom", fontsize=9, color=QUIET)


def dress(axis, table, title):
    """Give a panel its title, a quiet frame, whole numbers below, and the recommended k as a band."""
    axis.set_title(title, loc="left", fontsize=10, color=INK)
    axis.set_xticks(table["n_clusters"])
    axis.tick_params(colors=INK, labelsize=9, length=0, labelbottom=True)
    axis.grid(axis="y", color="#e4e7eb", lw=0.8)
    axis.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(QUIET)
    for k in table.loc[table["is_recommended"], "n_clusters"]:
        axis.axvspan(k - 0.35, k + 0.35, color=ACCENT, alpha=0.08, lw=0, zorder=0)
