"""What the command line shows of a day: its segments, read from the warehouse."""

from datetime import date
from typing import Any

from segmentation_assets.errors import SegmentationError, choices, did_you_mean
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables import build_tables
from segmentation_assets.warehouse import Query, Warehouse

_SEGMENTS = """
SELECT
  s.segment_id,
  COALESCE(MAX(l.segment_name), 'Unclassified') AS segment_name,
  COALESCE(
    MAX(l.description),
    CONCAT('Not placed: ', STRING_AGG(DISTINCT s.unassigned_reason, '; ' ORDER BY s.unassigned_reason), '.')
  ) AS description,
  COUNT(*) AS n_customers,
  SAFE_DIVIDE(COUNT(*), SUM(COUNT(*)) OVER ()) AS share,
  SAFE_DIVIDE(SUM(f.{value}), SUM(SUM(f.{value})) OVER ()) AS value_share
FROM customer_segments AS s
LEFT JOIN (SELECT customer_id, {value} FROM customer_features WHERE snapshot_date = @day) AS f
  ON f.customer_id = s.customer_id
LEFT JOIN (
  SELECT segment_id, segment_name, description FROM segment_labels WHERE snapshot_date = @day AND lens = @lens
) AS l
  ON l.segment_id = s.segment_id
WHERE s.snapshot_date = @day AND s.lens = @lens
GROUP BY s.segment_id
ORDER BY s.segment_id IS NULL, s.segment_id
"""

_SHOWN = 5


class NothingToShowError(SegmentationError):
    """The warehouse holds no segments for what was asked."""


def segments_on(
    warehouse: Warehouse, portfolio: Portfolio, day: date | None = None, lens: str | None = None
) -> tuple[date, list[dict[str, Any]]]:
    """Return a day and its segments: id, name, description, customers, share, share of the portfolio's value.

    Customers without a segment come last, under the name Unclassified, with the reasons as their description.

    Parameters
    ----------
    day : the snapshot; the latest one in the warehouse if None.
    lens : the primary lens if None.

    Raises
    ------
    NothingToShowError
        If the lens does not exist, the warehouse has no segments for the day, or its tables are another portfolio's.
    """
    lens = lens or portfolio.primary_lens
    if lens not in portfolio.lenses:
        raise NothingToShowError(
            f"There is no lens {lens!r}; there are {choices(portfolio.lenses)}.{did_you_mean(lens, portfolio.lenses)}"
        )
    table = build_tables(portfolio)["customer_segments"]
    days = warehouse.snapshots(table)
    if not days:
        raise NothingToShowError(
            f"The warehouse holds no segments yet. Make some for the portfolio {portfolio.name}: segmentation run"
        )
    day = day or days[-1]
    if day not in days:
        near = ", ".join(str(d) for d in days[-5:])
        raise NothingToShowError(
            f"The warehouse holds no segments for {day}; the latest days are {near}. Make them for the "
            f"portfolio {portfolio.name}: segmentation run --date {day}"
        )
    features = warehouse.describe("customer_features") or {}
    if portfolio.value.feature not in features:
        own = [name for name in features if name not in {"snapshot_date", "customer_id"}]
        more = f" and {len(own) - _SHOWN} more" if len(own) > _SHOWN else ""
        raise NothingToShowError(
            f"{warehouse.address('customer_features')} has no {portfolio.value.feature}, the value of the portfolio "
            f"{portfolio.name}; it has {choices(own[:_SHOWN])}{more}. If another portfolio made it, name that one by "
            "--portfolio; after a change of this one, make its tables again: segmentation backfill --stale"
        )
    refuse_unseen_lens(warehouse, lens, day)
    return day, warehouse.query(segments_query(portfolio.value.feature, day, lens)).to_pylist()


def segments_query(value: str, day: date, lens: str) -> Query:
    """Return the query of a day's segments, with their shares of a feature's sum."""
    return Query(_SEGMENTS.format(value=value), {"day": day, "lens": lens}, origin="the segments of a day")


def lenses_query(day: date) -> Query:
    """Return the query of the lenses in which customers were placed on a day."""
    sql = "SELECT DISTINCT lens FROM customer_segments WHERE snapshot_date = @day ORDER BY lens"
    return Query(sql, {"day": day}, origin="the lenses of a day")


def refuse_unseen_lens(warehouse: Warehouse, lens: str, day: date) -> None:
    """Refuse a lens through which nobody looked on a day: an empty table would say that it found nothing.

    Raises
    ------
    NothingToShowError
        With the lenses that there are.
    """
    placed = [row["lens"] for row in warehouse.query(lenses_query(day)).to_pylist()]
    if lens not in placed:
        raise NothingToShowError(
            f"The warehouse holds no segments of the lens {lens} for {day}; it holds {choices(placed) or 'none'}. If "
            "another portfolio made them, name that one by --portfolio; if the lens is new, make what it lacks: "
            "segmentation backfill --stale"
        )
