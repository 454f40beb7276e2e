"""What a run ends with: how many rows were rejected, of which tables and why."""

from datetime import date

from segmentation_assets.cleaning import count_rejections
from segmentation_assets.cleaning.rejected.rejections import tell_rejections
from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.tables.core import REJECTED_ROWS
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.tables.raw import raw_table
from segmentation_assets.warehouse import Warehouse

_READ = ["table_name", "source_row", "reason", "customer_id"]


def print_rejections(warehouse: Warehouse, portfolio: Portfolio, first: date, last: date, console: Terminal) -> None:
    """Print what was rejected of a range of days: a line for each table, and one for each of its first reasons."""
    with warehouse.reading():
        rows = warehouse.read(REJECTED_ROWS, first, last, _READ)
        found = count_rejections(from_arrow(rows, REJECTED_ROWS)[_READ], portfolio)
        tables = {rejection.table for rejection in found}
        declared = [table for table in portfolio.input_tables if table.name in tables]
        delivered = {table.name: warehouse.count(raw_table(table), first, last) for table in declared}
    if not found:
        console.print("No row was rejected.\n")
        return
    console.print("Rejected rows (whole and with every reason in the table rejected_rows):")
    for counted, reasons in tell_rejections(found, delivered):
        console.say_line(counted, indent=2)
        for reason in reasons:
            console.say_line(reason, indent=6)
    console.print()
