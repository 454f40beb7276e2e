"""Three years in one run on the BigQuery emulator: how long the statements get that the run sends.

Run as ``python -m benchmarks.bench_statements [DAYS] [MEMBERS] [merge|copy]``. The run is begun as the UI begins a
backfill in one run, by tags of a range. BigQuery takes statements up to 1 MB (Quotas and limits, query jobs).
"""

import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from segmentation_assets.settings import read_settings
from segmentation_assets_tests.club import found_club
from segmentation_assets_tests.conftest import Graph
from segmentation_assets_tests.emulator.partitions import Partitions
from segmentation_assets_tests.emulator.running import emulator

FIRST = date(2023, 1, 1)
MOST = 512 * 1024


def club_of(at, n_members):
    """Found a club that has its history from FIRST on, and so many members."""
    portfolio = Path(found_club(at))
    portfolio.write_text(portfolio.read_text().replace("history_start: 2025-01-01", f"history_start: {FIRST}"))
    lines = (at / "members.csv").read_text().splitlines(keepends=True)
    (at / "members.csv").write_text("".join(lines[: n_members + 1]))
    return str(portfolio)


def main(n_days=1095, n_members=20, writes="merge"):
    """Run it, print what was sent, and return 1 if a statement was too long."""
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator(Path(folder)) as running,
        Partitions(running.host) as between,
    ):
        settings = read_settings(
            data_dir=Path(folder),
            portfolio=club_of(Path(folder), n_members),
            warehouse="bigquery",
            bigquery_project="trial-project",
            bigquery_emulator_host=between.host,
            bigquery_writes=writes,
        )
        started = time.perf_counter()
        is_done = Graph(settings).run(FIRST, FIRST + timedelta(n_days - 1), raise_on_error=False).success
        seconds = time.perf_counter() - started
    sizes = {}
    for sql in between.statements:
        words = sql.split()
        kind = words[0] if words[0] != "MERGE" else f"MERGE {words[1].split('.')[-1].strip('`')}"
        sizes.setdefault(kind, []).append(len(sql.encode()))
    print(f"{n_days} days, {n_members} members, by {writes}: {'done' if is_done else 'FAILED'} in {seconds:.0f} s")
    print(f"largest request: {max(between.request_bytes, default=0):,} bytes")
    print("| statement | sent | longest, bytes |\n|---|---|---|")
    for kind, found in sorted(sizes.items(), key=lambda item: -max(item[1])):
        print(f"| {kind} | {len(found)} | {max(found):,} |")
    return int(not is_done or max(map(max, sizes.values())) > MOST)


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(*map(int, given[:2]), *given[2:]))
