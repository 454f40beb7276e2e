"""The number of segments: which one the scorecard recommends, which one is in use, and why, in words."""

import pandas as pd

from segmentation_assets.clustering.evaluation.recommendation import (
    LEAST_JACCARD,
    LEAST_SHARE,
    Recommendation,
    recommend,
    weigh,
)
from segmentation_assets.segments.candidates import Candidates


def recommended(found: Candidates, before: int | None) -> int:
    """Return the recommended number of segments, see `clustering.recommendation`."""
    return recommend(found.scores, noise=found.noise, in_use=before)


def told(found: Candidates, chosen: int, before: int | None) -> pd.DataFrame:
    """Return the scores of the candidates with what was decided about each of them, and why.

    Parameters
    ----------
    chosen : the number of segments in use.
    before : the number that the training before recommended; None where there is none.
    """
    weighed = weigh(found.scores, noise=found.noise, in_use=before)
    best, numbers = weighed.n_clusters, found.scores["n_clusters"]
    rows = zip(weighed.table.to_dict("records"), found.scores.to_dict("records"), strict=True)
    reasons = [
        _why_it_is(weighed, found, before) if row["n_clusters"] == best else _why_not(row, score, best)
        for row, score in rows
    ]
    return found.scores.assign(
        gain=weighed.table["gain"].to_numpy(),
        margin=weighed.table["margin"].to_numpy(),
        is_recommended=numbers == best,
        is_chosen=numbers == chosen,
        reason=[
            f"set in the portfolio; {reason}" if number == chosen != best else reason
            for number, reason in zip(numbers, reasons, strict=True)
        ],
    )


def _why_it_is(weighed: Recommendation, found: Candidates, before: int | None) -> str:
    """Say why a number is recommended."""
    best = weighed.n_clusters
    if before == best:
        return f"recommended before, and nothing is better by 1.5 times the margin, so {best} segments stay"
    if before is None or before not in found.labels:
        return "the fewest segments that none is better than by more than the margin"
    old = weighed.table.set_index("n_clusters").loc[before]
    if not old["is_admitted"]:
        return f"the {before} recommended before no longer hold: {_fault(found, before)}"
    return f"the {before} recommended before are worse than {old['rival']:.0f} by more than 1.5 times the margin"


def _why_not(row: dict, score: dict, best: int) -> str:
    """Say what spoke against a candidate."""
    if not row["is_admitted"]:
        return _fault_of(score)
    if row["rival"] == row["rival"]:  # not NaN
        return f"{row['rival']:.0f} segments are better by more than the margin"
    if row["gain"] > 0:
        return f"better than {best} by {row['gain']:.3f}, within the margin of {row['margin']:.3f}"
    return f"no better than {best}"


def _fault(found: Candidates, number: int) -> str:
    return _fault_of(found.scores[found.scores["n_clusters"] == number].iloc[0].to_dict())


def _fault_of(score: dict) -> str:
    """Say which demand a candidate does not meet."""
    faults = []
    if score["min_share"] < LEAST_SHARE:
        faults.append(f"its smallest segment holds {score['min_share']:.1%} of the customers, under {LEAST_SHARE:.0%}")
    if score["min_jaccard"] < LEAST_JACCARD:
        faults.append(f"its least stable segment has a Jaccard of {score['min_jaccard']:.2f}, under {LEAST_JACCARD}")
    return " and ".join(faults)
