"""Raw tables: the delivery, unchanged, as the memory a backfill starts from.

Every delivered column is kept as text. A column that the core table does not know is kept in `other_columns`, so a
column added by the sender loses nothing and changes no schema.
"""

from dataclasses import replace

from segmentation_assets.tables.schema import Table, integer, string, table

OF_THE_ROW = (
    integer(
        "source_row",
        "Row of the delivery, counted from 1 after the header; in a sheet the row's own number.",
        is_required=True,
    ),
    string("source", "Where the row was read: file, sheet or table.", is_required=True),
    string("source_columns", "Letters of the columns in a sheet, as JSON; NULL for what is no sheet."),
    string(
        "source_format",
        "What of the source decides how its texts are read, as JSON: a file's delimiter, or which of a table's "
        "columns are text; NULL where nothing does.",
    ),
)
OTHER_COLUMNS = "other_columns"
RAW_COLUMNS = (*(column.name for column in OF_THE_ROW), OTHER_COLUMNS)
"""What every raw table has beside the delivered columns."""


def raw_table(core: Table) -> Table:
    """Declare the raw table of a core table: the same columns as text, and where each row stood.

    Text that nobody has looked at yet may tell of a person in any column of a table about customers but its keys.
    """
    is_about_customers = core.customer_column is not None
    delivered = tuple(
        replace(
            column,
            type="STRING",
            is_required=False,
            unit="",
            lineage=(),
            references="",
            may_be_absent=False,
            is_about_person=is_about_customers and column.name not in core.key_columns,
        )
        for column in core.columns
        if column.name != "snapshot_date"
    )
    return table(
        f"raw_{core.name}",
        "raw",
        f"The rows of {core.name} as delivered, every value as text.",
        *OF_THE_ROW,
        *delivered,
        string(OTHER_COLUMNS, "Delivered columns that the table does not know, as JSON.", is_personal=True),
        key=("source_row",),
        unit_of_row="delivered row",
    )
