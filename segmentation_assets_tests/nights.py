"""Nights that many tests look at: each is lived through once a session, whichever process of the tests asks first.

A night of the whole graph costs ten seconds of computing and more, and the processes among which pytest-xdist divides
the tests would each live through the same ones. So the first to ask lives through it, in a folder that all of them
see; the others wait, and then read the same files.

Shared is the folder with all that the night left there, its warehouse first of all, and what Dagster told of the runs.
Nobody writes into it: a test that changes something copies the folder, or the warehouse file, to a place of its own.
That takes milliseconds.
"""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from dagster import DagsterEvent, ExecuteInProcessResult, deserialize_value, serialize_value
from filelock import FileLock


@dataclass(frozen=True)
class Told:
    """What Dagster told of a night, as its result does."""

    all_events: list[DagsterEvent]


def lived_once(
    factory: pytest.TempPathFactory, name: str, live: Callable[[Path], Iterable[ExecuteInProcessResult]]
) -> tuple[Path, Told]:
    """Return the folder of a night, and what was told of it.

    Parameters
    ----------
    factory : pytest's own; its folders are gone some sessions later.
    name : of the folder, and of nothing else in the session.
    live : fills the folder that it is given, once.
    """
    own = factory.getbasetemp()
    nights = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "nights"
    nights.mkdir(exist_ok=True)
    folder, told = nights / name, nights / f"{name}.json"
    with FileLock(f"{folder}.lock"):
        if not told.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed on the way
            folder.mkdir()
            events = [event for result in live(folder) for event in result.all_events]
            told.write_text(serialize_value(events), encoding="utf-8")
    return folder, Told(deserialize_value(told.read_text(encoding="utf-8"), list))
