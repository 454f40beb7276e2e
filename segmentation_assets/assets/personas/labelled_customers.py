"""`labelled_customers`: every customer with its features and its segment, by name."""

from typing import Any

import pandas as pd

from segmentation_assets.history.night import Night
from segmentation_assets.markdown import as_picture
from segmentation_assets.personas.labelling import label_customers
from segmentation_assets.personas.profiles.value_by_segment import value_by_segment
from segmentation_assets.pictures.plots import plot_shares, to_markdown_image
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables.asset import Asset, Check
from segmentation_assets.tables.schema import boolean, integer, number, string, table
from segmentation_assets.tables.shared_columns import CHECKED

_PLACE = ("lens", "customer_id", "segment_id", "confidence", "is_outlier", "unassigned_reason")
"""Columns of `customer_segments` that a reader of this table wants."""


def make(night: Night) -> pd.DataFrame:
    """Join features, places in the primary lens and names by key."""
    placements, labels = (_of_primary(night, name) for name in ("customer_segments", "segment_labels"))
    return label_customers(night.rows("customer_features"), placements, labels)


def show(night: Night, rows: pd.DataFrame) -> dict[str, Any]:
    """Show the segments' shares of customers and of value, by name, and what each is worth."""
    value, least = night.portfolio.value, night.portfolio.min_group_size
    labels = _of_primary(night, "segment_labels")
    figure = plot_shares(rows, labels, value.feature, value_label=value.label, min_group_size=least)
    worth = value_by_segment(rows, value.feature, least)
    return {
        "segment_shares": as_picture(to_markdown_image(figure)),
        **{f"value_of_{_called(i)}": total for i, total in worth.items()},
    }


def _called(segment_id: int | None) -> str:
    # Not by name, which may change: a segment keeps its number, and so its line in a chart.
    return "unclassified" if segment_id is None else f"segment_{segment_id}"


def _of_primary(night: Night, table: str) -> pd.DataFrame:
    rows = night.rows(table)
    return rows[rows["lens"] == night.portfolio.primary_lens]


def checks(portfolio: Portfolio) -> list[Check]:
    """Say of each customer what the tables say that it was joined from."""
    return [
        Check(
            "joined_by_key",
            "Every customer carries the segment that customer_segments gives under the same key, and no other's.",
            f"""
            SELECT COALESCE(s.snapshot_date, l.snapshot_date) AS snapshot_date, 'customers' AS detail, COUNTIF(
              s.customer_id IS NULL OR l.customer_id IS NULL
              OR COALESCE(s.segment_id, -1) != COALESCE(l.segment_id, -1)
              OR l.segment_name != COALESCE(n.segment_name, 'Unclassified')
            ) AS broken
            FROM (
              SELECT snapshot_date, customer_id, segment_id
              FROM customer_segments WHERE {CHECKED} AND lens = '{portfolio.primary_lens}'
            ) AS s
            FULL OUTER JOIN (
              SELECT snapshot_date, customer_id, segment_id, segment_name FROM labelled_customers WHERE {CHECKED}
            ) AS l ON l.snapshot_date = s.snapshot_date AND l.customer_id = s.customer_id
            LEFT JOIN (
              SELECT snapshot_date, segment_id, segment_name
              FROM segment_labels WHERE {CHECKED} AND lens = '{portfolio.primary_lens}'
            ) AS n
              ON n.snapshot_date = s.snapshot_date AND n.segment_id = s.segment_id
            GROUP BY 1, 2
            """,
        )
    ]


LABELLED_CUSTOMERS = Asset(
    table(
        "labelled_customers",
        "personas",
        "Every customer with its features and its segment in the primary lens, by name.",
        string(
            "customer_id",
            "The customer.",
            is_required=True,
            is_personal=True,
            lineage=("customer_segments.customer_id",),
        ),
        string("lens", "Name of the primary lens.", is_required=True, lineage=("customer_segments.lens",)),
        integer("segment_id", "Segment in the primary lens.", lineage=("customer_segments.segment_id",)),
        string(
            "segment_name",
            "Name of the segment, or Unclassified.",
            is_required=True,
            lineage=("segment_labels.segment_name",),
        ),
        number("confidence", "How sure the placement is, 0 to 1.", lineage=("customer_segments.confidence",)),
        boolean(
            "is_outlier", "True where the customer fits no segment well.", lineage=("customer_segments.is_outlier",)
        ),
        string("unassigned_reason", "Why there is no segment.", lineage=("customer_segments.unassigned_reason",)),
        key=("customer_id",),
        unit_of_row="customer",
    ),
    reads={"customer_features": (), "customer_segments": _PLACE, "segment_labels": ()},
    make=make,
    given=lambda portfolio: portfolio.primary_lens,
    show=show,
    checks=checks,
)
