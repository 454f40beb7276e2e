"""`docs/tables.md`: every table with its columns, from the declarations."""

from collections.abc import Mapping
from itertools import groupby

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import Table, build_tables
from segmentation_assets.tables.schema import Column

_HEAD = """# Tables

Generated from `segmentation_assets/tables` and the default portfolio; do not edit. Refresh with `make pages`.

An asset, its table and its SQL file share one name. Every table carries `snapshot_date`, the day whose state a row
describes; it is the partition and is left out below. A column in **bold** is never NULL. One marked † is personal: its
values stand in no log, no metadata and no prompt. One marked ‡ tells of a person, and gets the policy tag on BigQuery
([bigquery.md](bigquery.md#personal-columns)).
"""


def render(declared: Mapping[str, Table] | None = None) -> str:
    """Return the page, a section per stage; of the default portfolio's tables where none are given."""
    tables = build_tables(load_portfolio("insurance")) if declared is None else declared
    parts = [_HEAD]
    for stage, members in groupby(tables.values(), key=lambda t: t.stage):
        parts.append(f"\n## {stage.capitalize()}\n")
        parts.extend(_section(table) for table in members)
    return "".join(parts)


def _section(table: Table) -> str:
    kind = "View" if table.is_view else "Table"
    rows = [_row(column, is_view=table.is_view) for column in table.columns if column.name != "snapshot_date"]
    return (
        f"\n### `{table.name}`\n\n{table.description} {kind}; one row per {table.unit_of_row}; key: "
        f"{', '.join(f'`{name}`' for name in table.key)}.\n\n"
        "| column | type | unit | meaning |\n|---|---|---|---|\n" + "".join(rows)
    )


def _row(column: Column, *, is_view: bool) -> str:
    name = f"**`{column.name}`**" if column.is_required else f"`{column.name}`"
    mark = ("†" if column.is_personal else "") + ("‡" if column.is_tagged and not is_view else "")
    return f"| {name}{mark} | {column.type} | {column.unit} | {column.description.replace('|', '&#124;')} |\n"
