"""Real processes on one warehouse file: some write, some read, some are killed. Shared by the tests and the benchmark.

Run as ``python -m segmentation_assets_tests.warehouse.processes crowd|kill PLACE NUMBER...`` in a process of its own,
which forks before an engine has started a thread; it prints one JSON object with what it saw. A place is a DuckDB file,
or ``http://host:port#dataset#way`` for a dataset of a BigQuery emulator, written by `merge` or `copy`.
"""

import json
import os
import random
import signal
import sys
import time
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from segmentation_assets.errors import WarehouseError
from segmentation_assets.tables.schema import integer, number, string, table
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse

TRIALS = table(
    "trials",
    "core",
    "Rows that all carry the number of the write that made them, so that a torn partition shows.",
    string("row_id", "Key.", is_required=True),
    integer("round", "Number of the write.", is_required=True),
    number("value", "Ballast."),
    key=("row_id",),
)
FIRST = date(2025, 1, 1)


def open_place(place, patience_seconds=120):
    """Return the warehouse at a place; nothing is opened yet."""
    if "#" not in place:
        return DuckDBWarehouse(Path(place), "segmentation", patience_seconds)
    from segmentation_assets.warehouse.bigquery.warehouse import BigQueryWarehouse  # noqa: PLC0415 - an extra

    host, dataset, writes = place.split("#")
    return BigQueryWarehouse(dataset, project="test-project", emulator_host=host, writes=writes)


def settle(warehouse):
    """Wait until nothing runs: a job of BigQuery's goes on when the process that began it is dead."""
    if warehouse.kind == "bigquery":
        while list(warehouse.jobs.client.list_jobs(state_filter="running")):
            time.sleep(0.05)


@cache
def row_ids(n_rows):
    return pa.array([f"R{i:06d}" for i in range(n_rows)])


def rows_of(day, number_of_write, n_rows):
    return pa.table(
        {
            "value": np.arange(n_rows) * 0.5,
            "row_id": row_ids(n_rows),
            "round": np.full(n_rows, number_of_write),
            "snapshot_date": pa.repeat(pa.scalar(day, pa.date32()), n_rows),
        }
    )


def faults_of(warehouse, n_rows, first=FIRST, last=FIRST + timedelta(400)):
    """Return what is wrong with the partitions there: torn, doubled or of mixed writes; and the round of each."""
    rows = warehouse.read(TRIALS, first, last).to_pandas()
    faults, rounds = [], {}
    for day, part in rows.groupby("snapshot_date"):
        rounds[day] = int(part["round"].iloc[0])
        if len(part) != n_rows or part["row_id"].nunique() != n_rows or part["round"].nunique() != 1:
            faults.append(f"{day}: {len(part)} rows, rounds {sorted(part['round'].unique())}")
    return faults, rounds


def fork(work):
    """Run `work(send)` in a forked process; return its id and the end of a pipe with the lines it sends."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            work(lambda line: os.write(writing, f"{line}\n".encode()))
        except WarehouseError as error:
            os.write(writing, f"failed: {error}\n".encode())
        finally:
            os._exit(0)
    os.close(writing)
    return pid, reading


def lines_of(pid, reading):
    with os.fdopen(reading) as pipe:
        lines = pipe.read().splitlines()
    os.waitpid(pid, 0)
    return lines


def crowd(path, n_writers, n_readers, n_rounds, n_rows):
    """Let writers replace a partition each, over and over, while readers look at all of them."""
    warehouse = DuckDBWarehouse(Path(path), "segmentation")
    deadline_file = Path(f"{path}.done")

    def write(day, send):
        for number_of_write in range(n_rounds):
            started = time.monotonic()
            warehouse.replace(TRIALS, rows_of(day, number_of_write, n_rows), day, day)
            send(f"wrote {time.monotonic() - started:.3f}")

    def look(send):
        while not deadline_file.exists():
            started = time.monotonic()
            faults, _ = faults_of(warehouse, n_rows)
            send(f"read {time.monotonic() - started:.3f}")
            for fault in faults:
                send(f"wrong: {fault}")

    started = time.monotonic()
    days = [FIRST + timedelta(i) for i in range(n_writers)]
    writers = [fork(lambda send, day=day: write(day, send)) for day in days]
    readers = [fork(look) for _ in range(n_readers)]
    lines = [line for worker in writers for line in lines_of(*worker)]
    seconds = time.monotonic() - started
    deadline_file.touch()
    lines += [line for worker in readers for line in lines_of(*worker)]
    faults, rounds = faults_of(warehouse, n_rows)
    waits = {kind: [float(x.split()[1]) for x in lines if x.startswith(kind)] for kind in ("wrote", "read")}
    return {
        "seconds": round(seconds, 2),
        "writes": len(waits["wrote"]),
        "reads": len(waits["read"]),
        "slowest_write": max(waits["wrote"], default=0),
        "slowest_read": max(waits["read"], default=0),
        "failures": [x for x in lines if x.startswith("failed")],
        "wrong": [x for x in lines if x.startswith("wrong")] + faults,
        "last_rounds": sorted(rounds.values()),
    }


def kill(place, n_kills, n_rows, seed, milliseconds=250):
    """Kill a process that replaces three partitions over and over, at random moments, and look at what it left."""
    chance = random.Random(seed)  # noqa: S311
    warehouse = open_place(place, patience_seconds=20)
    days = [FIRST + timedelta(i) for i in range(3)]

    def write(start, send):
        for number_of_write in range(start, start + 10_000):
            for day in days:
                send(f"begin {day} {number_of_write}")
                warehouse.replace(TRIALS, rows_of(day, number_of_write, n_rows), day, day)
                send(f"done {day} {number_of_write}")

    def look(send):
        settle(warehouse)
        faults, rounds = faults_of(warehouse, n_rows)
        send(json.dumps({"faults": faults, "rounds": {str(day): r for day, r in rounds.items()}}))

    row_ids(n_rows)  # made once, before any fork, so that nearly all of a process's life is writing
    wrong, next_round, interrupted = [], 0, 0
    done, sent = {}, {}
    for number_of_kill in range(n_kills):
        pid, reading = fork(lambda send, start=next_round: write(start, send))
        time.sleep(chance.uniform(0.0, milliseconds / 1000))
        os.kill(pid, signal.SIGKILL)
        lines = [line.split() for line in lines_of(pid, reading)]
        wrong += [" ".join(line) for line in lines if line[0] not in ("begin", "done")]
        done |= {day: int(r) for state, day, r in lines if state == "done"}
        begun = done | {day: int(r) for state, day, r in lines if state == "begin"}
        interrupted += begun != done
        seen = json.loads(lines_of(*fork(look))[0])
        wrong += seen["faults"]
        for day, r in seen["rounds"].items():
            # A write that reported success must be there; the one under way may be there whole. Over a network what
            # the process before had sent may arrive after it was looked at: late, and whole as well.
            if r not in (done.get(day, -1), begun.get(day, -1), sent.get(day, -1)):
                wrong.append(f"kill {number_of_kill}: {day} holds {r}, done {done.get(day)}, begun {begun.get(day)}")
        wrong += [f"kill {number_of_kill}: {day} is lost" for day in done if day not in seen["rounds"]]
        done = seen["rounds"]
        sent = begun if warehouse.kind == "bigquery" else {}
        next_round = max(begun.values(), default=next_round) + 1
    pid, reading = fork(
        lambda send: send(str(warehouse.replace(TRIALS, rows_of(days[0], 1, n_rows), days[0], days[0])))
    )
    healed = lines_of(pid, reading)
    return {"kills": n_kills, "interrupted_writes": interrupted, "wrong": wrong, "healed": healed}


if __name__ == "__main__":
    what, file, *numbers = sys.argv[1:]
    sys.stdout.write(json.dumps({"crowd": crowd, "kill": kill}[what](file, *map(int, numbers))))
