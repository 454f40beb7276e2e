"""What a night reads on BigQuery, for more customers and after more nights than are run here.

python -m benchmarks.night_reads            # 1,000 synthetic customers, four nights in a DuckDB file

The real graph is run and its warehouse listened to; every table and statement is then sized as BigQuery would, see
`scan_sizes`. A table of a row a customer grows with the customers, the others do not.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.scan_sizes import LEAST, Size, reads_of, size_of
from segmentation_assets.checking.marts import tables_of
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.settings import read_settings
from segmentation_assets.tables import Table
from segmentation_assets.warehouse import Query, Warehouse, open_warehouse
from segmentation_assets.warehouse.ledger import LEDGER

NIGHT = date(2025, 11, 15)
BEFORE = [NIGHT - timedelta(days=n) for n in (95, 32, 1)]
"""The snapshots that a night compares its customers with once there have been nights for a quarter."""

KINDS = ("tables made by SQL", "written", "read by Python", "checks and questions", "ledger")
LARGE = 50_000
GB = 10**9


class Scan(NamedTuple):
    """Columns of days of a table that are read together (all days there are: None), and the kind of statement."""

    kind: str
    table: str
    columns: tuple[str, ...]
    n_days: int | None = 1
    times: int = 1


class Listening:
    """A warehouse that writes down what is asked of it, as what BigQuery would read for that."""

    def __init__(self, warehouse: Warehouse, tables: Mapping[str, Table]) -> None:
        self._warehouse, self._tables = warehouse, tables
        self.scans: list[Scan] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    def replace(self, table: Table, rows: Any, *given: Any, **named: Any) -> Any:
        if isinstance(rows, Query):
            self.scans += self._of_query("tables made by SQL", rows)
        # Staged rows are read twice: by the check of their claims, and by the statement that exchanges the partition.
        self.scans.append(Scan("written", table.name, tuple(table.column_names), times=2))
        return self._warehouse.replace(table, rows, *given, **named)

    def read(self, table: Table, first: date, last: date, columns: Any = None) -> Any:
        read = tuple(dict.fromkeys(["snapshot_date", *table.key, *(columns or table.column_names)]))
        n_days = None if first == date.min or last == date.max else (last - first).days + 1
        self.scans.append(Scan("read by Python", table.name, read, n_days))
        return self._warehouse.read(table, first, last, columns)

    def query(self, query: Query) -> Any:
        self.scans += self._of_query("checks and questions", query)
        return self._warehouse.query(query)

    def query_over(self, query: Query, rows: Any, of: Table, *days: date) -> Any:
        # What it reads are tables of the same rows, and what it makes is read from one.
        self.scans += self._of_query("tables made by SQL", query)
        self.scans.append(Scan("read by Python", of.name, tuple(of.column_names)))
        return self._warehouse.query_over(query, rows, of, *days)

    def count(self, table: Table, first: date, last: date) -> int:
        self.scans.append(Scan("checks and questions", table.name, ("snapshot_date",)))
        return self._warehouse.count(table, first, last)

    def ledger(self, names: Any = None, *given: Any, **named: Any) -> Any:
        asked = ("",) if names is None else tuple(sorted(names))
        self.scans.append(Scan("ledger", LEDGER.name, asked))
        return self._warehouse.ledger(names, *given, **named)

    def labelled(self, **_: str) -> "Listening":
        return self

    def _of_query(self, kind: str, query: Query) -> list[Scan]:
        return [Scan(kind, *read) for read in reads_of(query.sql, self._tables)]


class Night(NamedTuple):
    """A night as it was run: what it read, and how large each partition is, of all lenses and of the primary one."""

    scans: list[Scan]
    sizes: Mapping[str, Size]
    of_one_lens: Mapping[str, Size]
    n_customers: int


def run_nights(folder: Path, n_customers: int) -> tuple[Night, Night]:
    """Run the graph on the days before and the night; return the first night of all and the last."""
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
    path = folder / "sized.yaml"
    path.write_text(text.replace("customers: 4000", f"customers: {n_customers}"), encoding="utf-8")
    settings = read_settings(duckdb_path=folder / "warehouse.duckdb", portfolio=str(path))
    portfolio = load_portfolio(settings.portfolio)
    tables = tables_of(portfolio)
    known = {**tables, LEDGER.name: LEDGER}
    nights = []
    for day in [*BEFORE, NIGHT]:
        warehouse = Listening(open_warehouse(settings), known)
        job = build_definitions(settings, {"warehouse": warehouse}).resolve_job_def(JOB_NAME)
        assert job.execute_in_process(partition_key=day.isoformat()).success
        sizes, one = _measured(open_warehouse(settings), known, day, portfolio.primary_lens)
        nights.append(Night(warehouse.scans, sizes, one, n_customers))
    return nights[0], nights[-1]


def _measured(
    warehouse: Warehouse, tables: Mapping[str, Table], day: date, primary: str
) -> tuple[dict[str, Size], dict[str, Size]]:
    sizes, one = {}, {}
    for name, table in tables.items():
        if not table.is_view:
            rows = warehouse.read(table, day, day)
            sizes[name] = size_of(table, rows)
            is_of_lens = [lens == primary for lens in rows["lens"].to_pylist()] if "lens" in rows.column_names else None
            one[name] = size_of(table, rows.filter(is_of_lens)) if is_of_lens else sizes[name]
    return sizes, one


def bytes_by_kind(night: Night, n_customers: int, n_nights: int, *, has_one_lens: bool = False) -> dict[str, float]:
    """Return the bytes that a night reads by kind, the least that is billed for a table included."""
    sizes = night.of_one_lens if has_one_lens else night.sizes
    growth = n_customers / night.n_customers
    entries = len(sizes)
    found: dict[str, float] = defaultdict(float)
    for scan in night.scans:
        size = sizes[scan.table]
        if scan.table == LEDGER.name:
            share = 1 if scan.columns == ("",) else len(scan.columns) / entries
            read = sum(size.by_column.values()) * n_nights * share
        else:
            read = size.bytes_of(list(scan.columns), growth) * (n_nights if scan.n_days is None else scan.n_days)
        found[scan.kind] += scan.times * max(read, LEAST)
    return {kind: found[kind] for kind in KINDS}


def read_through_storage(night: Night, n_customers: int) -> float:
    """Return the bytes of the tables that are read by the storage interface, which is billed apart."""
    growth = n_customers / night.n_customers
    found = 0.0
    for scan in night.scans:
        size = night.sizes[scan.table]
        if scan.kind == "read by Python" and size.grows and size.n_rows * growth >= LARGE:
            found += size.bytes_of(list(scan.columns), growth)
    return found


def render(first: Night, last: Night) -> Iterator[str]:
    """Yield the lines of the page's two tables."""
    spans: list[tuple[str, Night, int]] = [
        ("the first night", first, 1),
        ("after a year", last, 365),
        ("after three years", last, 1_095),
    ]
    yield "| customers | lenses | " + " | ".join(name for name, _, _ in spans) + " |"
    yield "|---|---|---|---|---|"
    for n_customers in (100_000, 1_000_000, 10_000_000):
        for lenses, has_one_lens in (("one", True), ("five", False)):
            totals = [
                sum(bytes_by_kind(night, n_customers, n_nights, has_one_lens=has_one_lens).values())
                for _, night, n_nights in spans
            ]
            yield f"| {n_customers:,} | {lenses} | " + " | ".join(f"{total / GB:,.1f} GB" for total in totals) + " |"
    yield ""
    yield "| 1,000,000 customers, five lenses, after three years | read |"
    yield "|---|---|"
    for kind, read in bytes_by_kind(last, 1_000_000, 1_095).items():
        yield f"| {kind} | {read / GB:,.1f} GB |"
    through = read_through_storage(last, 1_000_000)
    yield f"| of what Python reads, by the storage interface | {through / GB:,.1f} GB |"


def main(n_customers: int = 1_000, say: Callable[[str], Any] = print) -> None:
    """Run the nights and print the tables."""
    with TemporaryDirectory() as folder:
        for line in render(*run_nights(Path(folder), n_customers)):
            say(line)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
