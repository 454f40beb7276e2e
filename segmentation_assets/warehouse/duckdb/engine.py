"""Engines of DuckDB that can open one file and nothing else: no other file, no network, no extension.

The text of a query may come from whoever sends a portfolio, and DuckDB's SQL can read any file and any address that
the process can. So an engine is shut in before it is given the file, and cannot be let out again
(https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview).

To start one takes 30 ms, more than most of what is asked of it, and to attach a file to one that runs takes 4. So
engines are kept while they hold no file, and one is given the file for as long as it is held.
"""

import ctypes
import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import duckdb

from segmentation_assets.warehouse.duckdb.schema import literal

_BESIDE = ("", ".wal", ".wal.checkpoint", ".wal.recovery")
"""How the names of the files that make up a database end."""

_SHUT_IN = (
    "allow_community_extensions = false",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_persistent_secrets = false",
    "python_enable_replacements = false",  # a missing table would be looked for among Python's variables
    "enable_external_access = false",
    "allowed_configs = ['threads']",
    "lock_configuration = true",  # the last, since nothing can be set after it
)

_idle: defaultdict[Path, list[duckdb.DuckDBPyConnection]] = defaultdict(list)
"""Engines of this process that hold no file, by the file that they may open."""


def take_engine(path: Path) -> duckdb.DuckDBPyConnection:
    """Return an engine that may open the file and holds none: one that is idle, or a new one."""
    with suppress(IndexError):
        return _idle[path].pop()
    allowed = ", ".join(literal(f"{path}{ending}") for ending in _BESIDE)
    return shut_in(f"temp_directory = {literal(f'{path}.tmp')}", f"allowed_paths = [{allowed}]")


def shut_in(*settings: str) -> duckdb.DuckDBPyConnection:
    """Return a new engine in memory that can open no file and no address but what the settings allow it."""
    engine = duckdb.connect()
    engine.execute("; ".join(f"SET {setting}" for setting in (*settings, *_SHUT_IN)))
    return engine


def give_back(path: Path, engine: duckdb.DuckDBPyConnection) -> None:
    """Keep an engine for the next who asks; it has met no error and holds no file."""
    _idle[path].append(engine)


def _leave_to_the_parent() -> None:
    """Forget the engines of the process that this one was forked off: its threads are not here to close them."""
    for engines in _idle.values():
        while engines:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(engines.pop()))  # so that this process never tries


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_the_parent)
