"""What sets a segment apart: its means, shares and modes beside those of all placed customers.

Conventions, each chosen so that a profile says no more than the data does:

- The population is the customers of the lens that have a segment; unassigned ones count nowhere.
- Figures that fewer than `min_group_size` customers stand behind are NULL, and so are texts of categories that as few
  have (`telling`): they count as `OTHER`. Segments in which so few have a value are left out of the population of that
  feature where all of them together are as few: the rest, set against the whole, would give them away.
- A missing value is left out for that feature alone. A feature that no placed customer has a value for has no rows.
- The others are the population without the segment: a segment of two thirds of all customers hardly differs from a mean
  that is mostly its own.
- Standard deviations are those of the population (ddof = 0). A feature that never varies has z-score 0.
- Every segment has a row for every category of the population, with share 0 where it has none of it, so that two
  segments can be laid side by side. Beyond `MAX_CATEGORIES` the rarest are one row, `OTHER`.
- The mode is the most frequent category; of equally frequent ones the first by name. `OTHER` is never a mode.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from segmentation_assets.errors import ModelError, choices, did_you_mean
from segmentation_assets.personas.profiles.telling import known_categories, tellable
from segmentation_assets.portfolio.features import Feature
from segmentation_assets.portfolio.schema import Lens
from segmentation_assets.tables import Table, own_tables
from segmentation_assets.tables.frames import conform, empty_frame
from segmentation_assets.tables.keys import in_order_of, n_repeated, positions_of

MAX_CATEGORIES = 100
OTHER = "(other)"

_NUMERIC_EMPTY = {"is_mode": False, "category": ""}
_NUMERIC_EMPTY |= dict.fromkeys(("share", "population_share", "others_share"), np.nan)
_CATEGORY_EMPTY = dict.fromkeys(
    ("mean", "median", "standard_deviation", "population_mean", "z_score", "others_mean", "others_standard_deviation"),
    np.nan,
)


def _undated() -> Table:
    """Return the declaration of `segment_profiles` without the day."""
    declared = own_tables()["segment_profiles"]
    return replace(declared, columns=declared.columns[1:])


def profile_segments(
    customer_features: pd.DataFrame,
    placements: pd.DataFrame,
    *,
    lens: Lens,
    lens_name: str,
    model_id: str,
    features: Mapping[str, Feature],
    names: Sequence[str] | None = None,
    min_group_size: int = 20,
) -> pd.DataFrame:
    """Describe every segment of one lens on one snapshot.

    Parameters
    ----------
    customer_features : the `customer_features` rows of the snapshot.
    placements : the `customer_segments` rows of the snapshot and the lens.
    lens : its `features` and `describe_by` are profiled, in that order, each once.
    features : the portfolio's features, for their kinds.
    names : what is profiled instead, such as `Portfolio.profiled_features`.
    min_group_size : figures of fewer customers are not told.

    Returns
    -------
    DataFrame in the shape of `segment_profiles` without `snapshot_date`; empty where nobody is placed. The order of
    the rows that come in changes nothing in what goes out, not even the last bit.

    Raises
    ------
    ModelError
        If a placed customer or a feature is not in `customer_features`, or a customer stands twice.
    """
    names = list(dict.fromkeys([*lens.features, *lens.describe_by] if names is None else names))
    placed = _placed(customer_features, placements, names)
    rows: list[dict] = []
    for name in names:
        common = {"lens": lens_name, "model_id": model_id, "feature": name, "kind": features[name].kind,
                  "is_lens_feature": name in lens.features}  # fmt: skip
        if features[name].kind == "numeric":
            found = _numeric_rows(placed[name], placed["segment_id"], min_group_size)
        else:
            found = _category_rows(placed[name], placed["segment_id"], features[name], min_group_size)
        rows += [common | row for row in found]
    if not rows:
        return empty_frame(_undated())
    order = {name: i for i, name in enumerate(names)}
    frame = conform(tellable(pd.DataFrame(rows), min_group_size), _undated())
    return frame.sort_values(
        ["segment_id", "feature", "population_share", "category"],
        ascending=[True, True, False, True],
        key=lambda column: column.map(order) if column.name == "feature" else column,
        kind="stable",
        ignore_index=True,
    )


def _placed(customer_features: pd.DataFrame, placements: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Join the placed customers to their features by key, in the order of the key."""
    for name in names:
        if name not in customer_features.columns:
            known = [c for c in customer_features.columns if c not in ("snapshot_date", "customer_id")]
            raise ModelError(
                f"customer_features has no column {name!r}, which the lens profiles; it has {choices(known)}."
                f"{did_you_mean(name, known)}"
            )
    for what, frame in (("customer_features", customer_features), ("customer_segments", placements)):
        if twice := n_repeated(frame["customer_id"]):
            raise ModelError(
                f"{what} holds {twice} customers more than once; profiles need the rows of one snapshot and one lens."
            )
    segments = placements.loc[placements["segment_id"].notna(), ["customer_id", "segment_id"]]
    segments = in_order_of(segments, "customer_id")
    at = positions_of(segments["customer_id"], customer_features["customer_id"])
    if (unknown := int((at < 0).sum())) > 0:
        raise ModelError(
            f"{unknown} of {len(at)} placed customers are not in customer_features; "
            "give both tables of the same snapshot."
        )
    placed = customer_features[list(names)].take(at).set_axis(segments.index)
    return placed.assign(segment_id=segments["segment_id"].astype("int64"))


def _left_out(sizes: Mapping[int, int], least: int) -> set[int]:
    """Return the segments that are no part of a feature's population, by how many have a value in each."""
    few = {segment_id: n for segment_id, n in sizes.items() if n < least}
    return set(few) if sum(few.values()) < least else set()


def _numeric_rows(values: pd.Series, segment: pd.Series, least: int) -> Iterator[dict]:
    """Yield one row per segment."""
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    has_value = ~np.isnan(numbers)
    numbers, segment_of = numbers[has_value], segment.to_numpy()[has_value]
    if not len(numbers):
        return
    with np.errstate(over="ignore", invalid="ignore"):  # what is too large to reckon with is no figure: `tellable`
        owns = {segment_id: numbers[segment_of == segment_id] for segment_id in sorted(segment.unique())}
        left_out = _left_out({segment_id: len(own) for segment_id, own in owns.items()}, least)
        population = numbers[~np.isin(segment_of, list(left_out))]
        yield from _moments(owns, population, left_out)


def _moments(owns: Mapping[int, np.ndarray], population: np.ndarray, left_out: Collection[int]) -> Iterator[dict]:
    """Yield the figures of each segment's values beside those of the population."""
    population_mean = float(population.mean()) if len(population) else np.nan
    spread = _spread(population) if len(population) else np.nan
    moments = {
        i: (len(own), float(own.mean()), _spread(own)) for i, own in owns.items() if len(own) and i not in left_out
    }
    for segment_id, own in owns.items():
        _, mean, deviation = moments.get(segment_id, (0, np.nan, np.nan))
        n = len(own)
        n_others, others_mean, others_deviation = _pooled([m for i, m in moments.items() if i != segment_id])
        yield _NUMERIC_EMPTY | {
            "segment_id": segment_id,
            "n_customers": n,
            "mean": mean,
            "median": float(np.median(own)) if n else np.nan,
            "standard_deviation": deviation,
            "population_mean": population_mean,
            "z_score": ((mean - population_mean) / spread if spread else 0.0) if n else np.nan,
            "n_others": n_others,
            "others_mean": others_mean,
            "others_standard_deviation": others_deviation,
            "lift": mean / population_mean if population_mean else np.nan,
        }


def _pooled(moments: Sequence[tuple[int, float, float]]) -> tuple[int, float, float]:
    """Return number, mean and standard deviation of groups taken together, from those of each."""
    n = sum(size for size, _, _ in moments)
    if not n:
        return 0, np.nan, np.nan
    try:
        mean = math.fsum(size * own for size, own, _ in moments) / n
        variance = math.fsum(size * (deviation**2 + (own - mean) ** 2) for size, own, deviation in moments) / n
    except (OverflowError, ValueError):  # too large to reckon with
        return n, np.nan, np.nan
    return n, mean, math.sqrt(variance)


def _spread(values: np.ndarray) -> float:
    """Return the population standard deviation; exactly 0 for a constant, whose rounding error is not a spread."""
    return 0.0 if values.min() == values.max() else float(values.std())


def _category_rows(values: pd.Series, segment: pd.Series, feature: Feature, least: int) -> Iterator[dict]:
    """Yield one row per segment and category."""
    counts = _counts(values, segment)
    if counts.empty:
        return
    counts = _lump_rarest(
        counts, known_categories({str(c): int(n) for c, n in counts.sum(axis=1).items()}, feature, least)
    )
    segment_ids = sorted(segment.unique())
    left_out = _left_out({i: int(counts[i].sum()) if i in counts else 0 for i in segment_ids}, least)
    totals = counts.drop(columns=[i for i in left_out if i in counts]).sum(axis=1)
    n_population = int(totals.sum())
    totals_of, share_of = totals.to_dict(), (totals / (n_population or np.nan)).to_dict()
    for segment_id in segment_ids:
        own = counts[segment_id] if segment_id in counts else pd.Series(0, index=counts.index)
        n, is_in = int(own.sum()), segment_id not in left_out
        n_others = n_population - n * is_in
        named = own.drop(OTHER, errors="ignore").sort_index()
        mode = named.idxmax() if n and len(named) else None
        for category, count in own.items():
            share = count / n if n else np.nan
            yield _CATEGORY_EMPTY | {
                "segment_id": segment_id,
                "category": category,
                "n_customers": n,
                "share": share,
                "population_share": share_of[category],
                "n_others": n_others,
                "others_share": (totals_of[category] - count * is_in) / n_others if n_others else np.nan,
                "lift": share / share_of[category] if share_of[category] else np.nan,
                "is_mode": category == mode,
            }


def _counts(values: pd.Series, segment: pd.Series) -> pd.DataFrame:
    """Count the rows by category, in order of name, and segment; a row without a value counts nowhere."""
    codes, categories = pd.factorize(values)
    segments, segment_ids = pd.factorize(segment, sort=True)
    has_value, k = codes >= 0, len(segment_ids)
    cells = np.bincount(codes[has_value] * k + segments[has_value], minlength=len(categories) * k)
    names = [str(category) for category in categories]
    return pd.DataFrame(cells.reshape(len(categories), k), index=names, columns=segment_ids).sort_index()


def _lump_rarest(counts: pd.DataFrame, known: Collection[str]) -> pd.DataFrame:
    """Keep the most frequent of the categories that are known, ties by name; the rest become one row."""
    named = counts.loc[[category for category in counts.index if category in known and category != OTHER]]
    if len(named) == len(counts) <= MAX_CATEGORIES:
        return counts
    totals = named.sum(axis=1).to_dict()
    order = sorted(totals, key=lambda category: (-totals[category], category))
    kept = named.loc[order[: MAX_CATEGORIES - 1]]
    other = counts.drop(kept.index).sum().to_frame(OTHER).T
    return pd.concat([kept, other])
