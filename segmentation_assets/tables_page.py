"""Write `docs/tables.md` from the declarations, or check that it is current.

Run as ``python -m segmentation_assets.tables_page docs/tables.md`` (with ``--check`` to compare only).
"""

import sys
from argparse import ArgumentParser
from itertools import groupby
from pathlib import Path

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import Table, build_tables
from segmentation_assets.tables.schema import Column

_HEAD = """# Tables

Generated from `segmentation_assets/tables` and the default portfolio; do not edit. Refresh with `make docs/tables.md`.

An asset, its table and its SQL file share one name. Every table carries `snapshot_date`, the day whose state a row
describes; it is the partition and is left out below. A column in **bold** is never NULL. One marked † is personal: its
values stand in no log, no metadata and no prompt. One marked ‡ tells of a person, and gets the policy tag on BigQuery
([bigquery.md](bigquery.md#personal-columns)).
"""


def render(tables: dict[str, Table]) -> str:
    """Return the page: a section a stage, a table a declaration."""
    parts = [_HEAD]
    for stage, members in groupby(tables.values(), key=lambda t: t.stage):
        parts.append(f"\n## {stage.capitalize()}\n")
        parts.extend(_section(table) for table in members)
    return "".join(parts)


def _section(table: Table) -> str:
    kind = "View" if table.is_view else "Table"
    rows = [_row(column, is_view=table.is_view) for column in table.columns if column.name != "snapshot_date"]
    return (
        f"\n### `{table.name}`\n\n{table.description} {kind}; one row a {table.unit_of_row}; key: "
        f"{', '.join(f'`{name}`' for name in table.key)}.\n\n"
        "| column | type | unit | meaning |\n|---|---|---|---|\n" + "".join(rows)
    )


def _row(column: Column, *, is_view: bool) -> str:
    name = f"**`{column.name}`**" if column.is_required else f"`{column.name}`"
    mark = ("†" if column.is_personal else "") + ("‡" if column.is_tagged and not is_view else "")
    return f"| {name}{mark} | {column.type} | {column.unit} | {column.description.replace('|', '&#124;')} |\n"


def main(arguments: list[str]) -> int:
    """Write or check the page; return the exit status, 1 where it is not current."""
    parser = ArgumentParser(prog="python -m segmentation_assets.tables_page", description=render.__doc__)
    parser.add_argument("path", type=Path, help="the page, docs/tables.md")
    parser.add_argument("--check", action="store_true", help="compare only")
    given = parser.parse_args(arguments)
    page = render(build_tables(load_portfolio("insurance").feature_columns()))
    if not given.check:
        given.path.write_text(page, encoding="utf-8")
        return 0
    if given.path.is_file() and given.path.read_text(encoding="utf-8") == page:
        return 0
    sys.stderr.write(f"{given.path} is not current. Refresh it: make {given.path}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
