"""Core tables: the declared input tables, typed, keyed and cleaned, and the rows that were turned away.

A column that is `is_required` rejects its row when it is blank; any other blank is kept as NULL.
"""

from segmentation_assets.tables.schema import integer, string, table

REJECTED_ROWS = table(
    "rejected_rows",
    "core",
    "One row per delivered row that broke a rule, whole, with the reason.",
    string("table_name", "Core table the row was meant for.", is_required=True),
    integer(
        "source_row",
        "Row of the delivery, counted from 1 after the header; in a sheet the row's own number.",
        is_required=True,
    ),
    string("row_key", "The row's key, or empty where it had none.", is_required=True, is_personal=True),
    string(
        "reason",
        "Code and words with the value, such as 'age_out_of_range: 410 not in [0, 120]'.",
        is_required=True,
        is_personal=True,
    ),
    string("row_json", "The row as delivered, as JSON.", is_required=True, is_personal=True),
    string("customer_id", "The customer whose row it is; NULL where it names none.", is_personal=True),
    key=("table_name", "source_row"),
    unit_of_row="rejected row",
)

OF_A_LATER_DAY = r"(?:^|; )future_date: "
"""Reasons of rows that lie after the snapshot: a past day may be made from a file that knows later ones."""
