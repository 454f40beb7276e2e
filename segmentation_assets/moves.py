"""The migration matrix between any two snapshots, counted inside the warehouse."""

from datetime import date
from typing import Any

from segmentation_assets.errors import choices, did_you_mean
from segmentation_assets.insights.migration import CERTAIN
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.reporting import NothingToShowError, refuse_unseen_lens
from segmentation_assets.tables import build_tables
from segmentation_assets.warehouse import Query, Warehouse
from segmentation_assets.warehouse.interface import Parameter

_MATRIX = """
WITH
  placed AS (
    SELECT
      s.snapshot_date, s.customer_id, s.segment_id, s.confidence,
      COALESCE(l.segment_name, 'Unclassified') AS segment_name
    FROM customer_segments AS s
    LEFT JOIN (
      SELECT snapshot_date, segment_id, segment_name
      FROM segment_labels WHERE lens = @lens AND snapshot_date IN (@first, @second)
    ) AS l
      ON l.snapshot_date = s.snapshot_date AND l.segment_id = s.segment_id
    WHERE s.lens = @lens AND s.snapshot_date IN (@first, @second)
  ),

  paired AS (
    SELECT
      e.segment_id AS from_segment_id,
      IF(e.customer_id IS NULL, 'Joined', e.segment_name) AS from_name,
      f.segment_id AS to_segment_id,
      IF(f.customer_id IS NULL, 'Left', f.segment_name) AS to_name,
      COALESCE(e.confidence > @certain AND f.confidence > @certain, FALSE) AS is_certain
    FROM (SELECT * FROM placed WHERE snapshot_date = @first) AS e
    FULL OUTER JOIN (SELECT * FROM placed WHERE snapshot_date = @second) AS f ON f.customer_id = e.customer_id
  )

SELECT
  from_segment_id,
  from_name,
  to_segment_id,
  to_name,
  COUNT(*) AS n_customers,
  SAFE_DIVIDE(COUNT(*), SUM(COUNT(*)) OVER (PARTITION BY from_name)) AS share,
  COUNTIF(is_certain) AS n_certain
FROM paired
GROUP BY from_segment_id, from_name, to_segment_id, to_name
ORDER BY from_segment_id IS NULL, from_segment_id, from_name, to_segment_id IS NULL, to_segment_id, to_name
"""


def migration_between(
    warehouse: Warehouse, portfolio: Portfolio, first: date, second: date, lens: str | None = None
) -> list[dict[str, Any]]:
    """Return the ways between segments that customers of a lens took from one snapshot to a later one.

    Returns
    -------
    A row a way: from_segment_id, from_name, to_segment_id, to_name, n_customers, share of those who stood in the same
    segment before, n_certain. Those not there before come from Joined, those there no more go to Left.

    Parameters
    ----------
    lens : the primary lens if None.

    Raises
    ------
    NothingToShowError
        If there is no such lens, the days run backwards, or the warehouse has not placed the customers of one of them.
    """
    lens = lens or portfolio.primary_lens
    if lens not in portfolio.lenses:
        raise NothingToShowError(
            f"There is no lens {lens!r}; there are {choices(portfolio.lenses)}.{did_you_mean(lens, portfolio.lenses)}"
        )
    if first >= second:
        raise NothingToShowError(f"{first} is not before {second}. Give the earlier snapshot first.")
    days = warehouse.snapshots(build_tables(portfolio)["customer_segments"])
    for day in (first, second):
        if day not in days:
            near = choices(sorted(days, key=lambda other: (abs((other - day).days), other))[:5]) or "none yet"
            raise NothingToShowError(f"The warehouse holds no segments for {day}; the nearest days are: {near}.")
        refuse_unseen_lens(warehouse, lens, day)
    return warehouse.query(matrix_query(lens, first, second)).to_pylist()


def matrix_query(lens: str, first: date, second: date) -> Query:
    """Return the query of the ways between two snapshots."""
    params: dict[str, Parameter] = {"lens": lens, "first": first, "second": second, "certain": CERTAIN}
    return Query(_MATRIX, params, origin="the migration matrix of two days")
