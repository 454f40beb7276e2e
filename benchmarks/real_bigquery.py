"""The first trial on a real BigQuery project, in one go, for whoever has one: what works, what it cost, all removed.

Run as ``python -m benchmarks.real_bigquery --project PROJECT [--location EU] [--customers 4000] [--policy-tag]``, with
credentials as docs/bigquery.md says. It makes two datasets of its own, `segmentation_trial` and
`segmentation_trial_copy`, and refuses to start where either is there already. With ``--policy-tag`` it makes a taxonomy
with one tag, too, for which the account needs Policy Tag Admin. In the sandbox, which has no DML, it says so and goes
on with copy jobs. Whatever happens, it ends by removing what it made; ``--keep`` leaves it there to look at.

Where BIGQUERY_EMULATOR_HOST is set, nothing is sent to Google, and the tag is a name alone.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from google.api_core import exceptions
from google.cloud import bigquery

from benchmarks.policy_taxonomy import Taxonomy
from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.checking.queries import view_queries
from segmentation_assets.days import today_in_london
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.runs.running import run_day, run_range
from segmentation_assets.defs.survey import survey
from segmentation_assets.errors import SegmentationError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.settings import Settings, read_settings
from segmentation_assets.statements import queries_of
from segmentation_assets.tables import Table
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.warehouse import Query, open_warehouse
from segmentation_assets.warehouse.sql.columns import tables_read
from segmentation_assets.warehouse.sql.queries import parse

DATASET = "segmentation_trial"
USD_PER_TIB = 6.25
"""List price on demand (BigQuery pricing, 2026-11-26); the first TiB of a month is free."""
TOLERANCE = 1e-12
"""Relative: a view's sums are made as it is read, in an order that is the engine's."""


class TrialError(Exception):
    """A step found something that is not as it should be."""


@dataclass
class Trial:
    """What the steps share; `told` holds a line a step for the summary."""

    settings: Settings
    scratch: Path
    n_failed: int = 0
    told: list[str] = field(default_factory=list)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    @cached_property
    def days(self) -> list[date]:
        """Three days up to today: in the sandbox a partition expires 60 days after its date."""
        today = today_in_london()
        return [today - timedelta(days=n) for n in (2, 1, 0)]

    @cached_property
    def blueprint(self):
        return draw_blueprint(load_portfolio(self.settings.portfolio))

    @cached_property
    def warehouse(self):
        return open_warehouse(self.settings)

    @property
    def is_emulated(self) -> bool:
        return bool(self.settings.bigquery_emulator_host)

    @property
    def client(self) -> bigquery.Client:
        return self.warehouse.jobs.client

    def with_settings(self, **changed) -> Settings:
        return self.settings.model_copy(update=changed)

    @contextmanager
    def step(self, words: str) -> Iterator[Callable[[str], None]]:
        """Time a step and print how it went; what fails is told, and the rest goes on."""
        begun, notes = time.monotonic(), []
        try:
            yield notes.append
            verdict = "ok"
        except (TrialError, SegmentationError, exceptions.GoogleAPIError) as error:
            self.n_failed += 1
            verdict = f"FAILED: {error}"
        print(f"| {words} | {time.monotonic() - begun:.1f} s | {' '.join([verdict, *notes])} |", flush=True)


def main() -> int:
    given = _arguments()
    with tempfile.TemporaryDirectory() as scratch:
        trial = Trial(_settings(given, Path(scratch)), Path(scratch))
        _refuse_what_is_there(trial)
        print(_told_first(trial, given.customers), flush=True)
        try:
            _run_steps(trial, has_tag=given.policy_tag)
        finally:
            if given.keep:
                print(f"\nLeft in {trial.client.project}: {DATASET} and {DATASET}_copy.")
            else:
                _remove(trial)
    print(f"\n{trial.n_failed} of the steps failed." if trial.n_failed else "\nEvery step is ok.")
    return int(trial.n_failed > 0)


def _told_first(trial: Trial, n_customers: int) -> str:
    """Say what is tried, where, and for how long one should wait; then the head of the table."""
    lenses, where = len(trial.blueprint.portfolio.lenses), trial.settings.bigquery_project
    place = "an emulator, which bills nothing and lets everybody read" if trial.is_emulated else f"project {where}"
    return (
        f"{n_customers:,} made-up customers, {len(trial.days)} days, {lenses} lenses, on {place}. "
        "It takes some 20 minutes.\n\n| step | time | outcome |\n|---|---|---|"
    )


def _run_steps(trial: Trial, *, has_tag: bool) -> None:
    first, second, third = trial.days
    with trial.step("tables are made as declared, without rows"):
        _make_tables(trial)
    with trial.step("every statement is planned without running it") as note:
        note(_plan_statements(trial))
    with trial.step("two days in one run"):
        run_range(build_definitions(trial.settings), first, second, lambda _: None, has_home=False)
    with trial.step("a further day"):
        run_day(build_definitions(trial.settings), third, lambda _: None, has_home=False)
    embedded = trial.with_settings(warehouse="duckdb", duckdb_path=trial.scratch / "trial.duckdb")
    with trial.step("every table equals the embedded engine's, row for row") as note:
        run_range(build_definitions(embedded), first, third, lambda _: None, has_home=False)
        note(_compare(trial, trial.warehouse, open_warehouse(embedded)))
    with trial.step("the first day made again leaves nothing stale"):
        run_day(build_definitions(trial.settings), first, lambda _: None, has_home=False)
        _refuse_stale(trial)
    copying = trial.with_settings(dataset=f"{DATASET}_copy", bigquery_writes="copy")
    with trial.step("the same days without DML, by copy jobs") as note:
        run_range(build_definitions(copying), first, third, lambda _: None, has_home=False)
        note(_compare(trial, open_warehouse(copying), trial.warehouse))
    if has_tag:
        with trial.step("a policy tag on a personal column") as note:
            note(_tag(trial))
    with trial.step("costs are told apart by labels") as note:
        note(_costs(trial))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--project", required=True)
    parser.add_argument("--location", default="EU")
    parser.add_argument("--customers", type=int, default=4_000)
    parser.add_argument("--policy-tag", action="store_true")
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def _settings(given: argparse.Namespace, scratch: Path) -> Settings:
    """Return the settings of a made-up insurer of the size asked for, in the trial's dataset."""
    portfolio = scratch / "insurance.yaml"
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
    portfolio.write_text(text.replace("customers: 4000", f"customers: {given.customers}"), encoding="utf-8")
    return read_settings(
        portfolio=str(portfolio),
        synthetic=True,
        warehouse="bigquery",
        bigquery_project=given.project,
        bigquery_location=given.location,
        dataset=DATASET,
    )


def _refuse_what_is_there(trial: Trial) -> None:
    assert trial.blueprint.tables, "the portfolio is read before anything is made"
    for name in (DATASET, f"{DATASET}_copy"):
        with suppress(exceptions.NotFound):
            trial.client.get_dataset(name, timeout=60)
            raise SystemExit(f"{trial.client.project}.{name} is there already. Remove it: bq rm -r {name}.")


def _make_tables(trial: Trial) -> None:
    trial.warehouse.tables.ensure()
    for table in trial.blueprint.tables.values():
        if not table.is_view:
            trial.warehouse.tables.prepare(table)
    trial.warehouse.tables.prepare_ledger()


def _plan_statements(trial: Trial) -> str:
    """Ask BigQuery for the plan of every query that the project can send; nothing is run or billed."""
    portfolio = load_portfolio(trial.settings.portfolio)
    views = view_queries(portfolio, trial.blueprint.tables)
    queries, refused = [*queries_of(portfolio), *_lowest_first(views)], []
    for query in queries:
        try:
            trial.warehouse.jobs.estimate(*_in_order(trial.warehouse, query))
        except exceptions.GoogleAPIError as error:
            refused.append(f"{query.origin}: {error}")
    if refused:
        raise TrialError(f"{len(refused)} of {len(queries)} queries are refused: {refused[0]}")
    return f"{len(queries)} queries; what writes is seen in the steps below."


def _lowest_first(views: Mapping[str, Query]) -> list[Query]:
    """Return the queries of the views that read no other view, which is not there yet."""
    return [query for query in views.values() if not views.keys() & tables_read(parse(query.sql, query.origin)).keys()]


def _in_order(warehouse, query: Query) -> tuple[str, str, dict]:
    sql, params = warehouse._translate(query)  # noqa: SLF001 - to plan a query without asking for its rows
    return sql, query.origin, params


def _compare(trial: Trial, ours, theirs) -> str:
    """Hold every table and view of one warehouse against another's, over the three days."""
    different = [table.name for table in trial.blueprint.tables.values() if not _is_same(trial, table, ours, theirs)]
    if different:
        raise TrialError(f"{', '.join(different)} differ.")
    return f"{len(trial.blueprint.tables)} tables and views."


def _is_same(trial: Trial, table: Table, ours, theirs) -> bool:
    first, *_, last = trial.days
    one, other = (from_arrow(warehouse.read(table, first, last), table) for warehouse in (ours, theirs))
    order = [name for name in one.columns if one[name].dtype != "float64"]
    one, other = (frame.sort_values(order, ignore_index=True) for frame in (one, other))
    numbers = [name for name in one.columns if name not in order]
    if len(one) != len(other) or not one[order].equals(other[order]):
        return False
    rtol = TOLERANCE if table.is_view else 0.0
    return all(_are_close(one[name], other[name], rtol) for name in numbers)


def _are_close(ours: pd.Series, theirs: pd.Series, rtol: float) -> bool:
    return bool(np.allclose(ours.to_numpy(), theirs.to_numpy(), rtol=rtol, atol=0.0, equal_nan=True))


def _refuse_stale(trial: Trial) -> None:
    graph = build_definitions(trial.settings).resolve_asset_graph()
    stale = survey(trial.blueprint, graph, trial.warehouse).staleness
    if stale:
        raise TrialError(f"stale are {', '.join([*stale.partitions, *stale.views])}.")


def _tag(trial: Trial) -> str:
    """Make a taxonomy with one tag, write a table of customers under it, and look who may read what."""
    with Taxonomy.made(trial.settings.bigquery_project, trial.settings.bigquery_location) as tag:
        tagged = open_warehouse(trial.with_settings(dataset=f"{DATASET}_copy", bigquery_policy_tag=tag))
        tagged.tables.prepare(trial.blueprint.tables["customers"])
        fields = {field.name: field.policy_tags for field in tagged.tables.stored("customers").schema}
        bearing = [name for name, tags in fields.items() if tags and tag in tags.names]
        if not bearing:
            raise TrialError("no column bears the tag.")
        address = tagged.tables.address("customers")
        readable = {name: _can_read(tagged, f"SELECT COUNT({name}) FROM {address} WHERE snapshot_date = @day",
                                    trial.days[-1]) for name in ("customer_id", bearing[0])}  # fmt: skip
    if not readable["customer_id"]:
        raise TrialError("customer_id cannot be read without a fine-grained right.")
    if trial.is_emulated:
        return f"{len(bearing)} columns bear it; an emulator keeps nobody from reading them."
    if readable[bearing[0]]:
        return f"{len(bearing)} columns bear it; this account is a Fine-Grained Reader and can read {bearing[0]}."
    return (
        f"{len(bearing)} columns bear it; this account cannot read {bearing[0]}. Who trains models needs "
        "roles/datacatalog.categoryFineGrainedReader on the tag."
    )


def _can_read(warehouse, sql: str, day: date) -> bool:
    try:
        warehouse.jobs.rows(sql, {"day": day})
    except exceptions.Forbidden:
        return False
    return True


def _costs(trial: Trial) -> str:
    """Add up what the trial's statements were billed for, by table."""
    billed: dict[str, int] = {}
    for job in trial.client.list_jobs(min_creation_time=trial.started, timeout=60):
        labels: Mapping[str, str] = job.labels or {}
        if isinstance(job, bigquery.QueryJob) and labels.get("managed_by") == "segmentation_assets":
            about = labels.get("table", "bookkeeping")
            billed[about] = billed.get(about, 0) + (job.total_bytes_billed or 0)
    total = sum(billed.values())
    most = sorted(billed.items(), key=lambda item: -item[1])[:5]
    named = "".join(f", {name} {n_bytes / 2**20:,.0f} MiB" for name, n_bytes in most if n_bytes)
    if trial.is_emulated:
        return f"jobs are labelled with {len(billed) - ('bookkeeping' in billed)} tables; an emulator bills nothing."
    usd = total / 2**40 * USD_PER_TIB
    return (
        f"{total / 2**30:.2f} GiB billed{named}; {usd:.3f} USD at the list price, if the month's free TiB is used up."
    )


def _remove(trial: Trial) -> None:
    for name in (DATASET, f"{DATASET}_copy"):
        trial.client.delete_dataset(name, delete_contents=True, not_found_ok=True, timeout=300)
    print("\nBoth datasets are removed; so was the taxonomy, if one was made.")


if __name__ == "__main__":
    sys.exit(main())
