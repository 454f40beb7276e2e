"""Files as people have them, read by the real graph: what must come out is worked by hand from the book without fault.

The book: 300 customers with incomes of 17,850,156 in all and 375 policies with premiums of 935,453.59.
"""

import runpy
import sys
from dataclasses import dataclass

import pandas as pd
import pytest
from dagster import AssetSelection

from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.settings import read_settings
from segmentation_assets_tests.conftest import PUBLISHED_DAY, SHARED, Graph, events, graph_on

TABLES = ("customers", "policies", "products")


@dataclass(frozen=True)
class Book:
    """What the graph made of a folder: core tables, rejects, and the values it mended, by table and column."""

    customers: pd.DataFrame
    policies: pd.DataFrame
    products: pd.DataFrame
    rejected: pd.DataFrame
    repaired: dict[str, str]

    @property
    def codes(self) -> dict[tuple[str, str], int]:
        """How many rows were rejected, by table and code of the first reason."""
        rows = self.rejected.assign(code=self.rejected["reason"].str.split(":").str[0])
        return rows.groupby(["table_name", "code"]).size().to_dict()

    def reasons(self, table: str) -> list[str]:
        return self.rejected.loc[self.rejected["table_name"] == table, "reason"].tolist()


def core_of(graph: Graph) -> Book:
    """Run the graph as far as the core tables."""
    definitions = build_definitions(graph.settings)
    wanted = AssetSelection.assets("rejected_rows").upstream().required_multi_asset_neighbors()
    keys = sorted(wanted.resolve(definitions.resolve_asset_graph()))
    job = definitions.resolve_job_def(JOB_NAME)
    result = job.execute_in_process(partition_key=PUBLISHED_DAY.isoformat(), asset_selection=keys)
    repaired = {}
    for event in events(result, "ASSET_MATERIALIZATION"):
        told = event.step_materialization_data.materialization.metadata.get("repaired_values")
        if told is not None and told.value:
            repaired[event.asset_key.path[-1]] = told.value
    tables = {name: graph.table(name, PUBLISHED_DAY) for name in (*TABLES, "rejected_rows")}
    return Book(**{("rejected" if n == "rejected_rows" else n): t for n, t in tables.items()}, repaired=repaired)


@pytest.fixture(scope="module")
def field():
    folder = SHARED / "field"
    if not folder.is_dir():
        pytest.skip("the field cases are not beside the checkout (field in ../shared/data)")
    return folder


@pytest.fixture(scope="module")
def base(field, tmp_path_factory):
    return core_of(graph_on(field / "base", tmp_path_factory.mktemp("base")))


def assert_same_core(book: Book, base: Book) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(book, name), getattr(base, name), obj=name)


def test_the_book_without_fault(base):
    assert (len(base.customers), len(base.policies), len(base.products)) == (300, 375, 8)
    assert base.customers["income"].sum() == 17_850_156
    assert base.policies["premium"].sum() == pytest.approx(935_453.59, abs=0.005)
    assert base.rejected.empty
    assert base.repaired == {}


def test_german_thousands_are_thousands(field, base, tmp_path):
    book = core_of(graph_on(field / "02-german-thousands", tmp_path))
    assert book.customers.set_index("customer_id")["income"]["K00001"] == 109_611
    assert_same_core(book, base)
    assert book.rejected.empty
    # Of the premiums one is 999, which is written alike everywhere.
    assert book.repaired == {"customers": "income: 300", "policies": "premium: 374, coverage: 375"}


def test_lines_of_totals_are_nobody(field, base, tmp_path):
    book = core_of(graph_on(field / "03-total-row", tmp_path))
    assert_same_core(book, base)
    assert book.codes == {("customers", "total_row"): 2, ("policies", "total_row"): 1}
    assert book.rejected["row_key"].tolist() == ["Total", "Average", "Total"]


def test_marks_that_do_not_show_are_taken_out_of_keys_and_told(field, base, tmp_path):
    book = core_of(graph_on(field / "04-invisible-marks", tmp_path))
    assert_same_core(book, base)
    assert book.rejected.empty
    assert book.repaired == {"policies": "customer_id: 75"}


def test_amounts_in_another_currency_are_none_of_ours(field, base, tmp_path):
    book = core_of(graph_on(field / "16-currencies", tmp_path))
    assert (len(book.customers), len(book.policies)) == (270, 345)
    assert book.codes == {("customers", "another_currency"): 30, ("policies", "unknown_customer_id"): 30}
    whole = base.customers[base.customers["customer_id"].isin(book.customers["customer_id"])]
    pd.testing.assert_frame_equal(book.customers, whole.reset_index(drop=True))
    reasons = book.reasons("customers")
    assert sum("which is CHF where amounts are in GBP" in reason for reason in reasons) == 15
    assert sum("which is JPY where amounts are in GBP" in reason for reason in reasons) == 15


def test_bigint_and_double_keys_are_joined(field, base, tmp_path, monkeypatch):
    file = tmp_path / "warehouse.duckdb"
    monkeypatch.setattr(sys, "argv", ["load.py", str(file)])
    loaded = runpy.run_path(str(field / "17-warehouse-double-ids" / "load.py"))
    loaded["con"].close()
    portfolio = str(field / "17-warehouse-double-ids" / "p.yaml")
    settings = read_settings(duckdb_path=file, portfolio=portfolio)
    monkeypatch.setattr("segmentation_assets.defs.tables.raw.today_in_london", lambda: PUBLISHED_DAY)
    book = core_of(Graph(settings))
    # One policy has no customer; its premium is 1,856.61.
    assert (len(book.customers), len(book.policies)) == (300, 374)
    assert book.codes == {("policies", "missing_key"): 1}
    assert book.policies["premium"].sum() == pytest.approx(935_453.59 - 1_856.61, abs=0.005)
    assert set(book.policies["customer_id"]) <= set(book.customers["customer_id"])
    assert set(book.customers["customer_id"]) == {str(int(key[1:])) for key in base.customers["customer_id"]}


def test_a_policy_with_two_holders_names_the_conflict(field, tmp_path):
    book = core_of(graph_on(field / "27-joint-holders", tmp_path))
    assert (len(book.customers), len(book.policies)) == (40, 49)
    (reason,) = book.reasons("policies")
    assert reason == (
        "conflicting_key: P00001 stands 2 times, for customer_id K00001 and K00002; the row with customer_id K00001 "
        "was kept. Give each of them a row with a policy_id of its own"
    )
