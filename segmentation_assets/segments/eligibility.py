"""Which customers a lens can place, and why not the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segmentation_assets.portfolio import Feature, Lens
from segmentation_assets.tables.core import OF_A_LATER_DAY

_TEXT = pd.StringDtype("pyarrow")


@dataclass(frozen=True)
class TurnedAway:
    """What of a snapshot's input tables was rejected, as far as it explains what features lack.

    Parameters
    ----------
    emptied : table of which every row was rejected -> words on it, such as ``all 300 rows (future_date)``.
    codes : table -> code of the first reason, indexed by the customer whose row was rejected; one for each customer.
    """

    emptied: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, pd.Series] = field(default_factory=dict)


NOTHING_TURNED_AWAY = TurnedAway()


def turned_away(rejected: pd.DataFrame, kept: Mapping[str, int]) -> TurnedAway:
    """Return what a snapshot's rejected rows explain.

    Parameters
    ----------
    rejected : `table_name`, `source_row`, `reason` and `customer_id` of one snapshot of `rejected_rows`.
    kept : rows of the core table of each table with rejected rows; 0 if not given.
    """
    emptied, codes = {}, {}
    ordered = rejected.sort_values(["table_name", "source_row"])
    ordered = ordered.assign(code=ordered["reason"].str.split(":").str[0].astype(_TEXT))
    for table, rows in ordered.groupby("table_name", observed=True):
        if not kept.get(str(table), 0):
            code = rows["code"].value_counts(sort=False).sort_index().idxmax()  # of equally frequent ones the first
            emptied[str(table)] = f"{f'all {len(rows):,} rows' if len(rows) > 1 else 'its only row'} ({code})"
        of_the_day = rows[~rows["reason"].str.contains(OF_A_LATER_DAY)]  # who buys next year has no policy yet
        named = of_the_day.dropna(subset="customer_id").drop_duplicates("customer_id")
        codes[str(table)] = named.set_index("customer_id")["code"]
    return TurnedAway(emptied, codes)


def missing_reasons(
    rows: pd.DataFrame, lens: Lens, features: dict[str, Feature], turned: TurnedAway = NOTHING_TURNED_AWAY
) -> pd.Series:
    """Return a reason a row: empty where every feature of the lens is there.

    Where a feature of the lens is missing for everybody, what `lacking_inputs` says of its input tables; otherwise
    ``policies_rejected`` where all that is missing comes from policies and a policy of the customer's was rejected
    (likewise for any other table), with the code of its reason; otherwise ``no_policy`` where all that is missing comes
    from policies; otherwise ``missing_feature: age, income``.
    """
    absent = rows[lens.features].isna()
    if absent.empty:
        return pd.Series(dtype=_TEXT, index=rows.index)
    if lacking := lacking_inputs(rows, lens, features, turned):
        return pd.Series(lacking, index=rows.index, dtype=_TEXT)
    patterns, pattern_of_row = _patterns(absent)
    reasons = pd.array([_reason(pattern, lens, features) for pattern in patterns], dtype=_TEXT)
    found = pd.Series(reasons.take(pattern_of_row), index=rows.index)
    for number, pattern in enumerate(patterns):
        missing = _missing(pattern, lens)
        for table in _behind_all(missing, features, turned.codes):
            words = f"{table}_rejected: {', '.join(missing)} cannot be known"
            _explain_rejected(found, rows, np.flatnonzero(pattern_of_row == number), turned.codes[table], words)
    return found


def lacking_inputs(
    rows: pd.DataFrame, lens: Lens, features: dict[str, Feature], turned: TurnedAway = NOTHING_TURNED_AWAY
) -> str:
    """Return why features of the lens are missing for everybody, empty where none is.

    ``not_provided: interactions`` names the input tables they are made of, and ``policies_rejected: all 300 rows
    (future_date)`` those that were delivered and of which no row was left.
    """
    if rows.empty:
        return ""
    absent = rows[lens.features].isna()
    behind = undelivered_inputs(absent, features)
    rejected = [table for table in behind if table in turned.emptied]
    explained = [name for name in lens.features if turned.emptied.keys() & set(features[name].needs)]
    undelivered = undelivered_inputs(absent.drop(columns=explained), features)
    said = [f"{table}_rejected: {turned.emptied[table]}" for table in rejected]
    return "; ".join([*said, *([f"not_provided: {', '.join(undelivered)}"] if undelivered else [])])


def undelivered_inputs(absent: pd.DataFrame, features: dict[str, Feature]) -> list[str]:
    """Return the input tables behind features that no customer has, in alphabetical order."""
    empty = [name for name in absent.columns if absent[name].all()]
    return sorted({needed for name in empty for needed in features[name].needs})


def _patterns(absent: pd.DataFrame) -> tuple[list[tuple[bool, ...]], np.ndarray]:
    """Return the combinations of missing features that occur, and which of them each row has.

    One column at a time, so that a million rows take a fraction of a second.
    """
    pattern_of_row = np.zeros(len(absent), dtype=np.intp)
    for name in absent:
        pattern_of_row, _ = pd.factorize(2 * pattern_of_row + absent[name].to_numpy())
    _, first_rows = np.unique(pattern_of_row, return_index=True)
    return list(absent.iloc[first_rows].itertuples(index=False, name=None)), pattern_of_row


def _missing(pattern: Sequence[bool], lens: Lens) -> list[str]:
    return [name for name, is_missing in zip(lens.features, pattern, strict=True) if is_missing]


def _reason(pattern: tuple[bool, ...], lens: Lens, features: dict[str, Feature]) -> str:
    missing = _missing(pattern, lens)
    if not missing:
        return ""
    if _behind_all(missing, features, ["policies"]):
        return f"no_policy: {', '.join(missing)} cannot be known"
    return f"missing_feature: {', '.join(missing)}"


def _behind_all(missing: list[str], features: dict[str, Feature], tables: Mapping | Sequence[str]) -> list[str]:
    """Return those of the tables that each of the missing features is made of, in alphabetical order."""
    return sorted(table for table in tables if missing and all(table in features[name].needs for name in missing))


def _explain_rejected(found: pd.Series, rows: pd.DataFrame, at: np.ndarray, codes: pd.Series, words: str) -> None:
    """Write, at these positions, the reason of those customers a row of whose was rejected."""
    position = codes.index.get_indexer(pd.Index(rows["customer_id"].array[at]))
    for code in sorted(codes.iloc[np.unique(position[position >= 0])].unique()):
        own = at[(position >= 0) & (codes.to_numpy()[position] == code)]
        found.iloc[own] = f"{words} ({code})"
