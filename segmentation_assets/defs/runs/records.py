"""Where the records of a run from the command line are kept: with Dagster's own, or in memory.

Dagster opens and closes a SQLite file for every event that it stores, which for a run of this graph is some 1,400
times, each with a write to the disk. One process that writes a run from its start to its end can keep each file open.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import DagsterInstance
from dagster._core.instance import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import create_db_conn_string
from dagster_shared.telemetry import dagster_home_if_set
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

_OWN_SETTINGS = ("dagster.yaml", "dagster.yml")
_BUSY_SECONDS = 10
"""How long to wait for another process, such as `dagster dev`, that is writing to the same file."""


@contextmanager
def records(*, has_home: bool) -> Iterator[DagsterInstance]:
    """Open the instance of DAGSTER_HOME where that is set, so that `make dev` shows the run, and one in memory else.

    Where that instance keeps its events in another store than SQLite, it is used as it is.
    """
    if not has_home:
        with DagsterInstance.ephemeral() as instance:
            yield instance
        return
    with _instance() as instance:
        stored = instance.event_log_storage
        if type(stored) is not SqliteEventLogStorage:
            yield instance
            return
        kept = KeptOpen(stored._base_dir, stored.inst_data)  # noqa: SLF001 - the version is pinned
        kept.register_instance(instance)
        instance._event_storage = kept  # noqa: SLF001 - there is no other way to change one part of an instance
        try:
            yield instance
        finally:
            kept.dispose()


def _instance() -> DagsterInstance:
    """Return the instance of DAGSTER_HOME; where that has no settings of its own, Dagster's telemetry is off."""
    home = dagster_home_if_set()
    if home is None or not Path(home).is_dir() or any((Path(home) / name).exists() for name in _OWN_SETTINGS):
        return DagsterInstance.get()
    return DagsterInstance.from_ref(InstanceRef.from_dir(home, overrides={"telemetry": {"enabled": False}}))


class KeptOpen(SqliteEventLogStorage):
    """Dagster's own store of events in SQLite, with one connection per file from the first use to `dispose`.

    The files are as Dagster writes them, each event in a transaction of its own. After a power failure the last
    events may be missing, never half written: SQLite then leaves writing through to the disk to its checkpoints.
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._kept: dict[str, Connection] = {}
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            connection = self._kept.get(shard) or self._open(shard)
            with connection.begin():
                yield connection

    def _open(self, shard: str) -> Connection:
        engine = create_engine(
            create_db_conn_string(self._base_dir, shard),
            poolclass=StaticPool,
            connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},  # `_db_lock` lets in one at a time
        )
        event.listen(engine, "connect", _without_waiting_for_the_disk)
        self._initdb(engine)
        self._initialized_dbs.add(shard)
        self._kept[shard] = engine.connect()
        return self._kept[shard]

    def dispose(self) -> None:
        """Close the files."""
        with self._db_lock:
            while self._kept:
                _, connection = self._kept.popitem()
                connection.close()
                connection.engine.dispose()
        super().dispose()


def _without_waiting_for_the_disk(connection: Any, _: object) -> None:
    connection.execute("PRAGMA synchronous = NORMAL").close()
