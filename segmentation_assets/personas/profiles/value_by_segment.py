"""What the customers of each segment are worth together, where that tells no person's value."""

import pandas as pd

_UNPLACED = -1


def value_by_segment(customers: pd.DataFrame, value_column: str, min_group_size: int) -> dict[int | None, float]:
    """Return the value of each segment's customers by segment_id, and of those without one under None.

    Left out are the same amounts as in the mart `segment_outcomes`: those of fewer than `min_group_size` customers, or
    of fewer with a value other than 0, and then those of the next smallest segment, or the first would follow from the
    total. Were another of two segments of one size left out here than there, both together would tell it.

    Parameters
    ----------
    customers : one row per customer with `segment_id`, `segment_name` and the value, such as `labelled_customers`.
    """
    segment = customers["segment_id"].astype("Int64").fillna(_UNPLACED).astype("int64")
    value = customers[value_column].astype("float64")
    told = pd.DataFrame(
        {
            "name": customers["segment_name"].astype(object).groupby(segment).first(),
            "total": value.groupby(segment).sum(min_count=1),
            "n_customers": segment.groupby(segment).size(),
            "n_holders": (value.notna() & (value != 0)).groupby(segment).sum(),
        }
    )
    hidden = _hidden(told, "n_customers", min_group_size) | _hidden(told, "n_holders", min_group_size)
    shown = told.loc[~told.index.isin(list(hidden)), "total"].dropna()
    return {
        None if i == _UNPLACED else i: round(total, 2)
        for i, total in zip(shown.index.tolist(), shown.tolist(), strict=True)
    }


def _hidden(told: pd.DataFrame, count: str, least: int) -> set[int]:
    """Return the groups of too few, and the next smallest if there are any."""
    some = told[told[count] > 0]
    few = some.index[some[count] < least]
    rest = some.drop(few).sort_values([count, "name"])
    return {*few, *rest.index[:1]} if len(few) else set()
