"""The one IO manager: an asset's frame or query becomes partitions of its table, and a table's partitions a frame.

The last part of an asset key is the table's name. What an asset returns decides how it is stored: a DataFrame is
conformed to the declaration and written, Arrow rows are written as they are, a `Query` is run inside the warehouse,
and the `Query` of a mart becomes its view. A run over a range of days reads and writes the range at once.
"""

# No `from __future__ import annotations` here: Dagster reads the annotation of `context`.
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from dagster import AssetSpec, InputContext, IOManager, OutputContext

from segmentation_assets.errors import WarehouseError, choices, did_you_mean
from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets.tables.schema import Table
from segmentation_assets.warehouse.interface import Query, Replaced, Warehouse
from segmentation_assets.warehouse.ledger import Provenance, days_between
from segmentation_assets.warehouse.provenance import FURTHER_UPSTREAM, Calendar, Readings, no_other_days
from segmentation_assets.warehouse.stored_rows import StoredRows

ALLOW_MISSING = "allow_missing_partitions"
"""Input metadata, as Dagster's own file managers call it: read what is there instead of refusing a gap."""

_SHOWN = 3


class WarehouseIOManager(IOManager):
    """Keeps assets in `warehouse` as the `tables` of the same name.

    An input takes every declared column, or those listed by ``AssetIn(metadata={"columns": [...]})``. A partition
    that was never written is an error, unless the input's metadata sets ``allow_missing_partitions``.

    With each partition goes its provenance: the asset's code version, and the state of the partitions it was made
    from, which are those of the assets it depends on and those that its metadata names as `FURTHER_UPSTREAM`; and the
    name of the portfolio, so that a warehouse knows whose it is.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        tables: Mapping[str, Table],
        open_calendar: Callable[[], Calendar] = no_other_days,
        portfolio: str | None = None,
    ) -> None:
        self.warehouse = warehouse
        self.portfolio = portfolio
        self.tables = tables
        self._readings = Readings(warehouse, open_calendar)

    def handle_output(self, context: OutputContext, obj: object) -> None:
        """Replace the asset's partitions by what it returned."""
        table = self._table(context)
        if table.is_view:
            self._create_view(context, table, obj)
            return
        first, last = _days(context)
        if isinstance(obj, pd.DataFrame):
            rows = to_arrow(_stamped(obj, table, first, last), table)
        elif isinstance(obj, Query | pa.Table):
            rows = obj
        else:
            raise WarehouseError(
                f"The asset {table.name} returned {type(obj).__name__}; return a pandas DataFrame, an Arrow table or "
                "a Query."
            )
        _let_go(context)
        done = self.warehouse.replace(table, rows, first, last, self._provenance(context, first, last))
        del rows, obj
        pa.default_memory_pool().release_unused()  # what Arrow keeps for itself, neither NumPy nor DuckDB can use
        self._describe_output(context, table, done)

    def load_input(self, context: InputContext) -> pd.DataFrame | StoredRows:
        """Return the upstream asset's partitions as a frame of the declared pandas types.

        An input of the type `StoredRows` reads its rows itself, when it wants them.
        """
        table = self._table(context)
        metadata = context.definition_metadata or {}
        columns = metadata.get("columns")
        if columns is not None:
            table = replace(table, columns=tuple(table.column(name) for name in columns))
        first, last = _days(context)
        declared = self._table(context)
        may_lack = table.is_view or bool(metadata.get(ALLOW_MISSING))
        with self.warehouse.reading():
            self._begin(context)
            if context.dagster_type.typing_type is StoredRows:
                if not may_lack:
                    self._refuse_gaps(declared, days_between(first, last))
                return StoredRows(self.warehouse, declared, first, last)
            rows = self._read(declared, first, last, table.column_names, may_lack=may_lack)
        return from_arrow(rows, table)

    def _read(self, table: Table, first: date, last: date, columns: Sequence[str], *, may_lack: bool) -> pa.Table:
        """Read the rows; where all days have some, none of them is missing, and nothing need be looked up."""
        rows = self.warehouse.read(table, first, last, list(dict.fromkeys([*columns, "snapshot_date"])))
        if not may_lack:
            read = set(pc.unique(rows["snapshot_date"]).to_pylist())
            self._refuse_gaps(table, [day for day in days_between(first, last) if day not in read])
        return rows.select(columns)

    def _begin(self, context: InputContext | OutputContext) -> None:
        """Note in what state the step finds what it is made from."""
        made = context.step_context.assets_def
        specs = list(made.specs) if made else []
        further = {name for spec in specs for name in spec.metadata.get(FURTHER_UPSTREAM, {})}
        same_day = {name for spec in specs for name in self._upstream(spec)}
        self._readings.begin(_step(context), same_day, further)

    def _upstream(self, spec: AssetSpec) -> list[str]:
        """Return the tables of which an asset reads its own days' partitions."""
        names = [dep.asset_key.path[-1] for dep in spec.deps]
        return [name for name in names if name in self.tables and not self.tables[name].is_view]

    def _table(self, context: InputContext | OutputContext) -> Table:
        name = context.asset_key.path[-1]
        if name not in self.tables:
            raise WarehouseError(
                f"The asset {name!r} has no table of its name in tables/; there are {choices(self.tables)}."
                f"{did_you_mean(name, self.tables)}"
            )
        return self.tables[name]

    def _provenance(self, context: OutputContext, first: date, last: date) -> Provenance:
        spec = context.asset_spec
        self._begin(context)
        further = spec.metadata.get(FURTHER_UPSTREAM, {})
        read = self._readings.upstream(days_between(first, last), self._upstream(spec), further)
        return Provenance(spec.code_version, read, self.portfolio)

    def _create_view(self, context: OutputContext, table: Table, obj: object) -> None:
        if not isinstance(obj, Query):
            raise WarehouseError(f"{table.name} is a view; its asset must return a Query, not {type(obj).__name__}.")
        self.warehouse.create_view(table, obj, Provenance(context.asset_spec.code_version, portfolio=self.portfolio))
        context.add_output_metadata({**self._place(table), "sql": obj.origin})

    def _refuse_gaps(self, table: Table, doubted: Sequence[date]) -> None:
        """Refuse days that have no partition; one may have been written empty."""
        there = self.warehouse.snapshots(table, doubted[0], doubted[-1]) if doubted else ()
        gaps = [day for day in doubted if day not in there]
        if gaps:
            raise WarehouseError(
                f"{table.name} has no partition for {_dates(gaps)}. Materialise {table.name} for these days first."
            )

    def _describe_output(self, context: OutputContext, table: Table, done: Replaced) -> None:
        """Tell of the write on the page of every day that it replaced, and of each day its own rows."""
        context.add_output_metadata(
            {
                **self._place(table),
                **_bytes(done),
                **({"schema_changes": "; ".join(done.schema_changes)} if done.schema_changes else {}),
                **({"notes": " ".join(done.notes)} if done.notes else {}),
            }
        )
        for day, n_rows in done.by_day.items():
            context.step_context.add_asset_metadata(
                {"dagster/partition_row_count": n_rows}, context.asset_key, day.isoformat()
            )
        for change in done.schema_changes:
            context.log.warning("%s: %s.", table.name, change)

    def _place(self, table: Table) -> dict:
        return {"dagster/table_name": self.warehouse.address(table.name), "dagster/storage_kind": self.warehouse.kind}


def _bytes(done: Replaced) -> dict[str, int]:
    """Return what an engine that bills by bytes says of them; those of a range are no one day's, and say so."""
    of = "" if len(done.by_day) == 1 else "_of_the_range"
    said = {"bytes_estimated": done.bytes_estimated, "bytes_processed": done.bytes_processed}
    return {f"{key}{of}": number for key, number in said.items() if number is not None}


def _days(context: InputContext | OutputContext) -> tuple[date, date]:
    """Return the first and last day of the partitions that the run writes or reads."""
    name = context.asset_key.path[-1]
    if not context.has_asset_partitions:
        raise WarehouseError(f"The asset {name} is not partitioned; give it the project's daily partitions.")
    keys = context.asset_partition_key_range
    try:
        return date.fromisoformat(keys.start), date.fromisoformat(keys.end)
    except ValueError:
        raise WarehouseError(f"The partition {keys.start!r} of {name} is not a day such as 2025-11-15.") from None


def _step(context: InputContext | OutputContext) -> tuple[str, str, int]:
    """Return what sets a step apart, one that is tried again included."""
    step = context.step_context
    return step.run_id, step.step.key, step.previous_attempt_count


def _let_go(context: OutputContext) -> None:
    """Keep an output no longer than it takes to write it.

    `execute_in_process` holds every output until the run ends, in case the result is asked for it. A million customers
    would fill ten gigabytes so, and the warehouse has the rows.
    """
    held = context.step_context.output_capture or {}
    for handle in [handle for handle in held if handle.step_key == context.step_key]:
        del held[handle]


def _stamped(frame: pd.DataFrame, table: Table, first: date, last: date) -> pd.DataFrame:
    """Return the frame with its `snapshot_date`, which a run of a single day need not give."""
    if "snapshot_date" in frame.columns:
        return frame
    if first != last:
        raise WarehouseError(
            f"The frame for {table.name} has no snapshot_date, and the run replaces {first} to {last}: give each row "
            "its day."
        )
    return frame.assign(snapshot_date=pd.Timestamp(first))


def _dates(days: list[date]) -> str:
    shown = choices(days[:_SHOWN])
    return f"{shown} and {len(days) - _SHOWN} more days" if len(days) > _SHOWN else shown
