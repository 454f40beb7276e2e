"""One DuckDB file, shared by threads and processes: how a connection is had, and what its errors mean.

DuckDB lets one process write, or several read. So the file is held for one statement or transaction, threads of this
process take turns, and so do its processes (see `turnstile`), until a deadline.
"""

import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from segmentation_assets.errors import WarehouseError
from segmentation_assets.warehouse.duckdb.engine import give_back, take_engine
from segmentation_assets.warehouse.duckdb.file_lock import turn
from segmentation_assets.warehouse.duckdb.private_files import private_files
from segmentation_assets.warehouse.duckdb.schema import literal
from segmentation_assets.warehouse.engine_words import told_words

PATIENCE_SECONDS = 120.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1

_TAKEN_HERE = ("different configuration", "Unique file handle conflict")
"""How DuckDB words it that another connection of this very process holds the file."""

ENGINE_ERRORS = (duckdb.Error, UnicodeDecodeError)
"""What DuckDB raises: where its words quote a value that is cut within a letter, Python cannot even read them."""
_OF_VALUES = (duckdb.DataError, duckdb.IntegrityError, duckdb.InvalidInputException)
"""Errors of the data, whose texts quote values."""

_ATTACHED = '"the file"'
"""What an engine calls the file; no dataset can be called so."""

_mutexes: dict[Path, threading.Lock] = {}
_mutexes_guard = threading.Lock()

# Each is how DuckDB words it, what a person should know, and what to do.
_MEANINGS = (
    (
        r"newer version|we can only read versions|Unsupported database version|storage version",
        "was written by a newer DuckDB than the {version} installed here",
        "Install that newer version, or name another file by SEGMENTATION_DUCKDB_PATH.",
    ),
    (
        r"not a valid DuckDB database|[Cc]orrupt|checksum",
        "is not a DuckDB file, or is damaged",
        "Put back a copy of it, or move it away and backfill from the sources; it was left as it is.",
    ),
    (
        r"No space left|[Dd]isk quota|File too large|not enough disk space|Could not write",
        "cannot grow: the disk is full",
        "Make room and run again; the old rows are in place.",
    ),
    (
        r"Out of Memory|could not allocate",
        "needs more memory than there is",
        "Close other programs, or run fewer partitions at once; the old rows are in place.",
    ),
    (
        r"Permission denied|Read-only file system|Operation not permitted",
        "may not be written by this user",
        "Change its permissions, or name another file by SEGMENTATION_DUCKDB_PATH.",
    ),
    (r"Is a directory", "is a folder", "Name a file by SEGMENTATION_DUCKDB_PATH."),
    (
        r"Not a directory|File exists",
        "cannot be made: a part of its path is a file",
        "Name another place by SEGMENTATION_DUCKDB_PATH.",
    ),
    (
        r"No such file or directory",
        "cannot be made: its folder is not there, and none can be made",
        "Name another place by SEGMENTATION_DUCKDB_PATH.",
    ),
)


class _Held(threading.local):
    """The connections with which a thread is reading, by the path of the file."""

    def __init__(self) -> None:
        self.connections: dict[Path, duckdb.DuckDBPyConnection] = {}


_held_here = _Held()


class DuckDBFile:
    """The file at `path`; `patience_seconds` is how long to wait for others to let go of it."""

    def __init__(self, path: Path, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.path = Path(path).absolute()
        self.patience_seconds = patience_seconds

    def exists(self) -> bool:
        """Say whether there is a file to read."""
        return self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold a connection that cannot write; within such a block of the same thread, the same one.

        Those who ask much hold one around it all. They must not write meanwhile.
        """
        held = _held_here.connections
        if self.path in held:
            yield held[self.path]
            return
        with self._held(read_only=True) as connection:
            held[self.path] = connection
            try:
                yield connection
            finally:
                del held[self.path]

    @contextmanager
    def writing(
        self, read_first: Callable[[duckdb.DuckDBPyConnection], None] = lambda _: None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold one transaction: committed when the block ends, rolled back when it raises.

        Parameters
        ----------
        read_first : runs what a portfolio wrote, before the transaction and where nothing but temporary tables can be
            written. Nobody else writes in between.
        """
        with self._held(read_only=False) as connection:
            connection.execute("BEGIN TRANSACTION READ ONLY")
            read_first(connection)
            connection.execute("COMMIT")
            connection.execute("BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # After a failed write DuckDB may have shut the database itself; closing it then undoes as well.
                with suppress(duckdb.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _held(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        deadline = time.monotonic() + self.patience_seconds
        if not read_only:
            self._make_folder()
        mutex = _mutex(self.path)
        if not mutex.acquire(timeout=self.patience_seconds):
            raise WarehouseError(
                f"{self.path} was in use by another thread of this process for {self.patience_seconds:.0f} s. "
                "Run again when it is done."
            )
        try:
            with private_files(), turn(self.path, alone=not read_only, deadline=deadline):
                if not read_only:
                    self._create()
                with self._attached(read_only=read_only, deadline=deadline) as connection:
                    yield connection
        finally:
            mutex.release()

    @contextmanager
    def in_memory(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold an engine without the file: nobody is waited for, and what is laid out goes when the block ends.

        It is shut in like every other, and where memory is short it spills to the same folder beside the file. Nothing
        but temporary tables can be written.
        """
        with private_files(), self._engine() as engine, engine.cursor() as connection:
            connection.execute("RESET threads")
            connection.execute("BEGIN TRANSACTION READ ONLY")
            yield connection
            connection.execute("ROLLBACK")

    @contextmanager
    def _attached(self, *, read_only: bool, deadline: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give the file to an engine."""
        with self._engine() as engine:
            self._attach(engine, read_only=read_only, deadline=deadline)
            with engine.cursor() as connection:  # of its own, with which temporary tables and settings go
                connection.execute(f"USE {_ATTACHED}")
                connection.execute("RESET threads")
                yield connection
            engine.execute(f"DETACH {_ATTACHED}")

    @contextmanager
    def _engine(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Take an engine; one that met an error is not used again, as it may have shut itself."""
        engine = take_engine(self.path)
        try:
            yield engine
        except ENGINE_ERRORS as error:
            engine.close()
            raise self.explain(error) from None
        except BaseException:
            engine.close()
            raise
        give_back(self.path, engine)

    def _attach(self, engine: duckdb.DuckDBPyConnection, *, read_only: bool, deadline: float) -> None:
        """Attach the file, and try again while a program that knows nothing of our turns holds it."""
        mode = "READ_ONLY" if read_only else "READ_WRITE"
        pause = _FIRST_PAUSE
        while True:
            try:
                engine.execute(f"ATTACH {literal(str(self.path))} AS {_ATTACHED} (TYPE duckdb, {mode})")
            except duckdb.Error as error:
                if not _is_taken(error) or time.monotonic() >= deadline:
                    raise
            else:
                return
            # The jitter keeps waiting processes from trying in step; it decides who goes first, never a result.
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _make_folder(self) -> None:
        try:
            with private_files():
                self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self.explain(error) from None

    def _create(self) -> None:
        """Put an empty database at the path if there is no file.

        It is made beside the path and moved into place: a process killed while DuckDB writes the first header would
        otherwise leave a file that nobody can open.
        """
        if self.exists():
            return
        fresh = self.path.with_name(f"{self.path.name}.new")
        try:
            fresh.unlink(missing_ok=True)
            duckdb.connect(str(fresh)).close()
            fresh.replace(self.path)
        except (OSError, duckdb.Error) as error:
            raise self.explain(error) from None

    def explain(self, error: Exception) -> WarehouseError:
        """Return the error a person can act on, without a value in it."""
        text = str(error)
        said = without_values(error)
        if isinstance(error, (*_OF_VALUES, UnicodeDecodeError)):
            return WarehouseError(f"{self.path}: a value cannot be stored or worked with (DuckDB says: {said}).")
        if _is_taken(error):
            return WarehouseError(
                f"{self.path} is in use by {_holder(text)}, and still was after {self.patience_seconds:.0f} s. DuckDB "
                "lets one process write at a time: close that program, or run again when it is done."
            )
        for pattern, meaning, remedy in _MEANINGS:
            if re.search(pattern, text):
                told = meaning.format(version=duckdb.__version__)
                return WarehouseError(f"{self.path} {told}. {remedy} (DuckDB says: {said})")
        return WarehouseError(f"{self.path}: {said}")


def without_values(error: Exception) -> str:
    """Return what of an error's text may be passed on; of the system's own errors, their name."""
    if isinstance(error, UnicodeDecodeError):
        return "... in bytes that are no text"
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else type(error).__name__
    return told_words(str(error)) or type(error).__name__


def _mutex(path: Path) -> threading.Lock:
    with _mutexes_guard:
        return _mutexes.setdefault(path.resolve(), threading.Lock())


def _is_taken(error: Exception) -> bool:
    if isinstance(error, (*_OF_VALUES, UnicodeDecodeError)):  # a value may hold such words
        return False
    return any(words in str(error) for words in ("Could not set lock on file", *_TAKEN_HERE))


def _holder(text: str) -> str:
    if any(words in text for words in _TAKEN_HERE):
        return "another connection of this process"
    held = re.search(r"held in (/[\w./ -]+?) \(PID (\d+)\)", text)
    return f"{held.group(1)} (process {held.group(2)})" if held else "another process"
