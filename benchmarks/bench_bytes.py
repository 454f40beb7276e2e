"""What a night of the published customers stores, as BigQuery counts it, and what writing it is billed for.

Run as ``python -m benchmarks.bench_bytes``; prints the figures of docs/bigquery.md for other numbers of customers, for
whose tables the bytes grow in proportion. Sizes are those of "BigQuery data types": eight bytes a number or date, one a
truth value, a text its bytes and two.
"""

import tempfile
from datetime import date
from pathlib import Path

import duckdb

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.conftest import PUBLISHED_DAY, SHARED, graph_on

LEAST = 10e6
"""Bytes that BigQuery bills at least for each table of a statement, and for each statement."""

CUSTOMERS = (4_000, 100_000, 1_000_000)
_BYTES = {"DATE": 8, "INT64": 8, "FLOAT64": 8, "BOOL": 1}


def bytes_of_tables(at: Path, day: date = PUBLISHED_DAY) -> dict[str, tuple[int, int]]:
    """Run the published data through the graph; return rows and bytes of every table."""
    graph = graph_on(SHARED / "insurance", at)
    assert graph.run(day).success
    found = {}
    with duckdb.connect(str(graph.settings.duckdb_path), read_only=True) as connection:
        for table in draw_blueprint(load_portfolio("insurance")).tables.values():
            if table.is_view:
                continue
            sizes = " + ".join(
                f"COALESCE(SUM(2 + STRLEN({c.name})), 0)"
                if c.type == "STRING"
                else f"{_BYTES[c.type]} * COUNT({c.name})"
                for c in table.columns
            )
            found[table.name] = connection.execute(
                f"SELECT COUNT(*), {sizes} FROM {graph.settings.dataset}.{table.name}"
            ).fetchone()
    return found


def figures(found: dict[str, tuple[int, int]], n_customers: int) -> dict[str, float]:
    """Return bytes a night: stored, and billed for the checks and for the exchange by each way."""
    n_published = found["customers"][0]
    stored = [
        n_bytes * n_customers / n_published if rows >= n_published else n_bytes for rows, n_bytes in found.values()
    ]
    staged = [max(LEAST, n_bytes) for n_bytes in stored]
    return {
        "stored": sum(stored),
        "checks": sum(staged),
        "merge, first time": sum(staged) + LEAST * len(staged),
        "merge, made again": 2 * sum(staged),
        "ledger by merge": 2 * LEAST * len(staged),
        "ledger by copy, at most": 2 * LEAST * len(staged),
    }


def main():
    """Print them all."""
    with tempfile.TemporaryDirectory() as folder:
        found = bytes_of_tables(Path(folder))
    print(f"{len(found)} tables, {sum(n for _, n in found.values()):,} bytes of {found['customers'][0]:,} customers")
    columns = [figures(found, n) for n in CUSTOMERS]
    print(f"\n| MB a night | {' | '.join(f'{n:,} customers' for n in CUSTOMERS)} |\n|---|{'---|' * len(CUSTOMERS)}")
    for name in columns[0]:
        print(f"| {name} | {' | '.join(f'{column[name] / 1e6:,.1f}' for column in columns)} |")


if __name__ == "__main__":
    main()
