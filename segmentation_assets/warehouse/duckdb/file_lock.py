"""The order in which processes of ours come to a shared file: many readers or one writer, and no writer starves.

DuckDB refuses whoever finds the file taken, and opening it to find out costs ten milliseconds of computing each time.
Ten processes that ask so took ten times as long for their writes as they do here, where asking is one system call.
The locks are those of the operating system, on a small file beside the other, and end with the process however it ends.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: DuckDB's own refusal is then the only order there is.
    fcntl = None  # type: ignore[assignment]

_GATE, _ROOM = 0, 1  # bytes of the lock file: who may come in next, and who is in
_PAUSE_SECONDS = 0.002
_PRIVATE = 0o600  # whoever can open the file can hold it, and delay every write by its patience


@contextmanager
def turn(beside: Path, *, alone: bool, deadline: float) -> Iterator[None]:
    """Hold a turn at the file `beside`: alone to write, with others to read.

    A writer keeps the gate shut while it waits and while it is in; a reader only passes through it. Past the deadline
    the block runs all the same: DuckDB then says who holds the file.
    """
    held = _open(beside)
    if held is None:
        yield
        return
    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    try:
        is_through = _lock(held, kind, _GATE, deadline)
        _lock(held, kind, _ROOM, deadline)
        if is_through and not alone:
            fcntl.lockf(held, fcntl.LOCK_UN, 1, _GATE)
        yield
    finally:
        os.close(held)  # and with it every lock


def _open(beside: Path) -> int | None:
    if fcntl is None:
        return None
    # A folder that may not be written has no writers to keep out, and one that is missing is the caller's to report.
    with suppress(OSError):
        held = os.open(f"{beside}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _PRIVATE)
        with suppress(OSError):  # one that somebody else made is his to change
            os.fchmod(held, _PRIVATE)
        return held
    return None


def _lock(held: int, kind: int, byte: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.lockf(held, kind | fcntl.LOCK_NB, 1, byte)
        except OSError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE_SECONDS)
        else:
            return True
