"""Placement as GoogleSQL: the view that places customers inside the warehouse, as `placement` does.

The text follows from the portfolio's lenses and their methods; a lens whose method has no SQL is left out.
"""

from segmentation_assets.portfolio import Portfolio
from segmentation_assets.segments.methods._found import method_of

_NOBODY = """SELECT
  snapshot_date,
  '' AS lens,
  customer_id,
  CAST(NULL AS INT64) AS segment_id,
  CAST(NULL AS FLOAT64) AS distance,
  CAST(NULL AS INT64) AS runner_up_segment_id,
  CAST(NULL AS FLOAT64) AS confidence,
  CAST(NULL AS STRING) AS model_id
FROM customer_features
WHERE FALSE
"""
"""The view where no lens can be placed in SQL: there, and empty."""


def scoring_sql(portfolio: Portfolio) -> str:
    """Return the query of `scored_customers`: one row per customer and lens, segment_id NULL where it cannot be placed.

    A customer is not placed where a feature of the lens is NULL, where the lens has no model on the day, and where
    the model was learned from other features than the lens has now, or in another order.
    """
    by_lens = {}
    for name, lens in portfolio.lenses.items():
        kinds = [(i, feature, portfolio.features[feature].kind) for i, feature in enumerate(lens.features, start=1)]
        if parts := method_of(lens.method).scoring_parts(name, kinds):
            by_lens[name] = parts
    if not by_lens:
        return _NOBODY
    parts = [part for of_lens in by_lens.values() for part in of_lens]
    scored = "\nUNION ALL\n".join(_scored(name) for name in by_lens)
    return "WITH\n" + ",\n\n".join(parts) + f"\n\n{scored}\n"


def _scored(lens: str) -> str:
    is_placed = "distance IS NOT NULL"
    sure = "runner_up_distance > 0 THEN 1 - distance / runner_up_distance"
    columns = [
        "snapshot_date",
        f"'{lens}' AS lens",
        "customer_id",
        f"IF({is_placed}, segment_id, NULL) AS segment_id",
        "distance",
        f"IF({is_placed}, runner_up_segment_id, NULL) AS runner_up_segment_id",
        f"CASE WHEN {sure} WHEN {is_placed} THEN 0.0 END AS confidence",
        "model_id",
    ]
    selected = ",\n  ".join(columns)
    return f"SELECT\n  {selected}\nFROM {lens}_nearest"
