"""What is stale and why, and which runs mend it: worked out from the ledger and the graph, running nothing."""

from segmentation_assets.planning.recipe import Recipe
from segmentation_assets.planning.runs import Choice, Run, choose_all, choose_stale, run_for_views, runs_for, with_needs
from segmentation_assets.planning.staleness import Holdings, Reason, Staleness, find_stale, holdings_of

__all__ = [
    "Choice",
    "Holdings",
    "Reason",
    "Recipe",
    "Run",
    "Staleness",
    "choose_all",
    "choose_stale",
    "find_stale",
    "holdings_of",
    "run_for_views",
    "runs_for",
    "with_needs",
]
