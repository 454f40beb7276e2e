"""A bank's own tables: its file as it is, cleaned, keyed, rejected and readable like ours, from every source."""

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from segmentation_assets.checking.marts import tables_of
from segmentation_assets.checking.portfolio_sql import check_sql
from segmentation_assets.cleaning import clean_all
from segmentation_assets.commands.unlisted import words_query
from segmentation_assets.errors import NoDataError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings
from segmentation_assets.sources import CsvFolder, open_source, read_all
from segmentation_assets.sources.sheets.google_sheets import GoogleSheets
from segmentation_assets.sources.warehouse_table import staging_sql
from segmentation_assets.tables.frames import arrow_schema
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets_tests import bank
from segmentation_assets_tests.bank import DAY, N_BORROWERS, N_INSTALMENTS, PORTFOLIO, found_bank
from segmentation_assets_tests.conftest import graph_on
from segmentation_assets_tests.standins.sheets import KEY, StandinTab, sheets_standin

TABLES = ("customers", "order")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The bank run through the real graph, with five faults in its files."""
    at = tmp_path_factory.mktemp("bank")
    path = found_bank(at)
    people, orders = (at / "GermanCredit.csv"), (at / "order.csv")
    rows = [line.split(",") for line in people.read_text().splitlines()]
    rows[3][bank.BORROWERS.index("Amount")] = "a lot"
    rows[4][bank.BORROWERS.index("Age")] = "17"
    people.write_text(bank.written(rows))
    extra = ["X1,999,,2025-01-01,,In Time", "X2,5,999,2025-01-01,,In Time", "X3,5,,2025-01-02,2025-01-01,In Time"]
    orders.write_text(orders.read_text() + "\n".join(extra) + "\n")
    graph = graph_on(at, at, path)
    assert graph.run(DAY).success
    return graph


def test_borrowers_are_segmented_by_the_file_as_delivered(run):
    labelled = run.table("labelled_customers", DAY)
    assert len(labelled) == N_BORROWERS - 2
    is_old = labelled["customer_id"].astype(int) <= 100
    assert labelled["segment_id"].groupby(is_old).nunique().tolist() == [1, 1]
    assert labelled["n_paid"].sum() == run.query("SELECT COUNT(paid) AS n FROM `order`")["n"].item()


def test_columns_have_the_declared_types_in_core_and_are_text_in_raw(run):
    stored = run.warehouse.describe("customers")
    assert (stored["age"], stored["history"], stored["amount"], stored["foreign"]) == (
        "INT64", "STRING", "FLOAT64", "BOOL",
    )  # fmt: skip
    assert set(run.warehouse.describe("raw_order").values()) == {"DATE", "INT64", "STRING"}
    assert run.query("SELECT amount FROM raw_customers WHERE customer_id = '3'")["amount"].tolist() == ["a lot"]


def test_what_breaks_a_rule_is_rejected_with_its_reason(run):
    rejected = run.table("rejected_rows", DAY)
    reasons = rejected.set_index(["table_name", "row_key"])["reason"].astype(str).to_dict()
    assert {
        key: reason.partition(":")[0] for key, reason in reasons.items() if key[1] in {"3", "4", "X1", "X2", "X3"}
    } == {
        ("customers", "3"): "not_a_number",
        ("customers", "4"): "age_out_of_range",
        ("order", "X1"): "unknown_customer_id",
        ("order", "X2"): "unknown_guarantor",
        ("order", "X3"): "dates_out_of_order",
    }
    assert "'a lot'" in reasons["customers", "3"]
    of_rejected = [key for key, reason in reasons.items() if reason.startswith("unknown_") and key[1].startswith("T")]
    assert len(of_rejected) == len(rejected) - 5 > 0  # instalments of the two whose own row was rejected


def test_marts_that_read_what_the_bank_does_not_have_are_not_made(run):
    tables = tables_of(load_portfolio(run.settings.portfolio))
    marts = [name for name, table in tables.items() if table.stage == "marts"]
    assert "scored_customers" in tables
    assert "migration_matrix" in marts
    assert not {"premium_by_segment", "portfolio_joined", "preferences_by_segment"} & set(marts)
    assert not check_sql(load_portfolio(run.settings.portfolio)).faults
    assert run.warehouse.describe("premium_by_segment") is None


def test_words_and_rows_of_a_table_called_like_a_word_of_sql_are_counted(run):
    order = load_portfolio(run.settings.portfolio).input_table("order")
    words = run.warehouse.query(words_query(order, "group", DAY, DAY)).to_pylist()
    assert {row["word"] for row in words} == {"in time", "late"}
    assert sum(row["n"] for row in words) == len(run.table("order", DAY))


def cleaned(portfolio, raw):
    """Return each core table and the reasons of what was rejected."""
    parts, rejected = clean_all(raw, portfolio, DAY)
    return {name: part.frame for name, part in parts.items()}, rejected["reason"].astype(str).tolist()


@pytest.fixture(scope="module")
def by_files(tmp_path_factory):
    at = tmp_path_factory.mktemp("files")
    portfolio = load_portfolio(found_bank(at))
    return cleaned(portfolio, read_all(CsvFolder(at, portfolio), portfolio, TABLES, DAY))


def test_sheets_give_what_files_give(tmp_path, by_files):
    text = PORTFOLIO
    for file, tab in {"GermanCredit.csv": "people", "order.csv": "orders"}.items():
        text = text.replace(f"csv: {file}", f"sheet: {{spreadsheet: {KEY}, tab: {tab}}}")
    portfolio = load_portfolio(found_bank(tmp_path, portfolio=text))
    tabs = {"people": [bank.BORROWERS, *bank.borrowers()], "orders": [bank.INSTALMENTS, *bank.instalments()]}
    with sheets_standin() as standin:
        standin.hold(*(StandinTab(title, rows, sheet_id=i) for i, (title, rows) in enumerate(tabs.items())))
        source = GoogleSheets(portfolio, lambda: DAY, standin.client)
        frames, reasons = cleaned(portfolio, read_all(source, portfolio, TABLES, DAY))
    assert (reasons, list(frames)) == (by_files[1], list(TABLES))
    for name in TABLES:
        pd.testing.assert_frame_equal(frames[name], by_files[0][name])


def test_tables_of_the_warehouse_give_what_files_give(tmp_path, by_files):
    text = PORTFOLIO.replace("csv: GermanCredit.csv", "table: crm.people").replace(
        "csv: order.csv", "table: crm.orders"
    )
    portfolio = load_portfolio(found_bank(tmp_path, portfolio=text))
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("CREATE SCHEMA crm")
        for file, name in {"GermanCredit.csv": "people", "order.csv": "orders"}.items():
            connection.execute(f"CREATE TABLE crm.{name} AS FROM read_csv('{tmp_path / file}')")
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "segmentation")
    raw: dict[str, pa.Table] = {}
    for name in TABLES:
        source = portfolio.sources[name]
        sql = staging_sql(portfolio.input_table(name), source, warehouse.describe(source.table))
        raw[name] = warehouse.query(Query(sql, {"first_snapshot": DAY, "last_snapshot": DAY})).drop(["snapshot_date"])
    frames, reasons = cleaned(portfolio, raw)
    assert reasons == by_files[1] == []
    for name in TABLES:
        pd.testing.assert_frame_equal(frames[name], by_files[0][name])
    assert len(frames["order"]) == N_INSTALMENTS


def test_the_made_up_insurer_does_not_stand_in_for_a_bank(tmp_path):
    portfolio = load_portfolio(found_bank(tmp_path))
    with pytest.raises(NoDataError, match=r"makes up an insurer's tables, .* declares its own \(customers, order\)"):
        open_source(read_settings(synthetic=True), portfolio)
    with pytest.raises(NoDataError) as told:
        open_source(read_settings(data_dir=None), portfolio)
    assert "made-up" not in str(told.value)


def test_sums_over_a_table_of_ones_own_are_exact_on_its_declared_types(tmp_path):
    portfolio = load_portfolio(found_bank(tmp_path))
    tables = tuple(portfolio.input_tables)
    people = tables[0]
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb", "segmentation")
    values = [0.1] * 10 + [1e15, -1e15]
    known = {"snapshot_date": [DAY] * 12, "customer_id": [f"{i:02}" for i in range(12)], "age": [40] * 12}
    blank = {name: pa.nulls(12) for name in people.column_names}
    rows = pa.table({**blank, **known, "amount": values}).cast(arrow_schema(people), safe=False)
    warehouse.replace(people, rows, DAY, DAY)
    query = Query("SELECT SUM(amount) AS total, SUM(age) AS ages FROM customers", tables=tables)
    assert warehouse.query(query).to_pylist() == [{"total": 1.0, "ages": 480}]
    assert warehouse.query(query).schema.field("ages").type != pa.float64()
