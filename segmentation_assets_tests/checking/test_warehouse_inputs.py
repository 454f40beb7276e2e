"""Tables that already lie in the warehouse, staged there: the same as the CSV files of equal content."""

import json
from copy import copy
from dataclasses import dataclass, replace
from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from dagster import AssetKey

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.checking.warehouse_inputs import staging_queries
from segmentation_assets.cleaning import clean_all
from segmentation_assets.cleaning.dates import parse_date
from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import TableSource, load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.sources import CsvFolder, read_all
from segmentation_assets.tables.frames import ARROW_TYPES
from segmentation_assets.tables.schema import boolean, day, integer, number, string, table
from segmentation_assets.warehouse import Warehouse
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.sql.queries import transpile
from segmentation_assets_tests.conftest import PUBLISHED_DAY, events, graph_on
from segmentation_assets_tests.engines import lay_out

MONDAY, TUESDAY = date(2025, 11, 17), date(2025, 11, 18)

CRM_CUSTOMERS = table(
    "customers",
    "core",
    "As the company keeps them: typed, with headers of its own and columns that nobody asks for.",
    string("CustID", "Key."),
    integer("age", "Age."),
    *(string(name, "Text.") for name in ("gender", "city", "marital_status", "education", "occupation")),
    number("income", "Income."),
    *(string(name, "Text.") for name in ("preferred_language", "preferred_channel", "preferred_time")),
    string("note", "Not asked for."),
    boolean("is_vip", "Not asked for."),
    day("born", "Not asked for."),
    key=(),
)
CRM_SALES = table(
    "sales",
    "core",
    "Dates as text.",
    *(string(name, "Text.") for name in ("policy_id", "customer_id", "product_id", "purchase_date")),
    *(number(name, "Number.") for name in ("premium", "coverage")),
    key=(),
)
WHO = ("Female", "Leeds", "Single", "Doctorate", "Nurse")
WISH = ("English", "Email", "Morning")
BORN = date(1980, 2, 29)
ROWS = {
    # Out of order; a blank, a repeated key, an age and a gender that no rule allows, an unknown policyholder.
    CRM_CUSTOMERS: [
        ("c3", 31, *WHO, 1e6, *WISH, "", None, None),
        ("c1", None, *WHO, 0.1, *WISH, 'Say "hi"\n\\ Łódź', True, BORN),
        ("c2", 410, *WHO, 1234567.891, *WISH, "", False, BORN),
        ("c4", 40, " ", "", *WHO[2:], None, *WISH, "x", None, None),
        ("c5", 50, "Martian", *WHO[1:], 1e21, *WISH, None, None, None),
        ("c3", 30, *WHO, 1e6, *WISH, None, None, None),
        (None, 31, *WHO, 1e6, *WISH, None, None, None),
    ],
    CRM_SALES: [
        ("p1", "c1", "X", "5/4/2022", 100.5, 1e5),
        ("p2", "c9", "X", "2022-05-04", 100.0, 1000.0),
        ("p3", "c4", "X", "14/04/2007", 0.0, 1000.0),
        ("p4", "c4", "X", "soon", 10.0, 1000.0),
    ],
}
PLACED = {
    "customers": TableSource(table="customers", columns={"customer_id": "CustID"}),
    "policies": TableSource(table="sales"),
}


@pytest.fixture(scope="module")
def insurer():
    return load_portfolio("insurance")


@dataclass(frozen=True)
class Staged:
    warehouse: Warehouse
    schema: str
    raw: dict[str, pa.Table]

    def on(self, name, day_=MONDAY):
        rows = self.raw[name]
        return rows.filter(pc.equal(rows["snapshot_date"], pa.scalar(day_, pa.date32()))).sort_by("source_row")


def blueprint_of(insurer, schema, snapshot_column=None, **placed):
    """Return the insurer's blueprint with these tables in the warehouse, and no others."""
    sources = {}
    for name, source in placed.items():
        words = {"table": source.table if "." in source.table else f"{schema}.{source.table}", "csv": None}
        words |= {"columns": source.columns, "snapshot_column": snapshot_column}
        sources[name] = insurer.sources[name].model_copy(update=words)
    return draw_blueprint(insurer.model_copy(update={"sources": sources}))


def company_rows(table_):
    """Return the rows of a table of the company's own: all on Monday, the first alone on Tuesday."""
    rows = [(MONDAY, *row) for row in ROWS[table_]] + [(TUESDAY, *ROWS[table_][0])]
    columns = zip(table_.columns, zip(*rows, strict=True), strict=True)
    return pa.table({column.name: pa.array(values, ARROW_TYPES[column.type]) for column, values in columns})


def beside(warehouse):
    """Return a warehouse of the company's own, in another schema or dataset than ours."""
    if warehouse.kind == "duckdb":
        return DuckDBWarehouse(warehouse.file.path, "crm")
    theirs = copy(warehouse)
    theirs.place = replace(warehouse.place, dataset=f"{warehouse.place.dataset}_crm")
    return theirs


@pytest.fixture(scope="module")
def staged(new_warehouse, insurer):
    """Our warehouse, the company's schema in it, and the raw rows staged from its tables with history."""
    warehouse = new_warehouse()
    company = beside(warehouse)
    lay_out(warehouse, table("ours", "core", "Makes the schema.", key=()), pa.table({"snapshot_date": [MONDAY]}))
    for table_ in ROWS:
        lay_out(company, table_, company_rows(table_))
    schema = company.address("x").split(".")[-2]
    blueprint = blueprint_of(insurer, schema, "snapshot_date", **PLACED)
    queries = staging_queries(blueprint.portfolio, blueprint.tables, warehouse, list(PLACED), [MONDAY, TUESDAY])
    return Staged(warehouse, schema, {name: warehouse.query(query) for name, query in queries.items()})


@pytest.fixture(scope="module")
def delivered(tmp_path_factory, insurer):
    """The raw tables of the same company from CSV files."""
    folder = tmp_path_factory.mktemp("csv")
    for table_, rows in ROWS.items():
        texts = [["true" if v is True else "false" if v is False else v for v in row] for row in rows]
        frame = pd.DataFrame(texts, columns=[c.name for c in table_.columns[1:]], dtype=object)
        frame.to_csv(folder / f"{table_.name}.csv", index=False)
    sources = {
        name: source.model_copy(update={"columns": PLACED[name].columns})
        for name, source in insurer.sources.items()
        if name in PLACED
    }
    portfolio = insurer.model_copy(update={"sources": sources})
    return portfolio, read_all(CsvFolder(folder, portfolio), portfolio, list(PLACED), MONDAY)


def test_the_core_tables_are_those_of_the_csv_files(staged, delivered):
    portfolio, csv = delivered
    expected, expected_rejects = clean_all(csv, portfolio, MONDAY)
    found, rejects = clean_all({name: staged.on(name) for name in PLACED}, portfolio, MONDAY)
    for name in PLACED:
        pd.testing.assert_frame_equal(found[name].frame, expected[name].frame)
    # The file has an order and the table has none: rejected rows keep theirs.
    columns = ["table_name", "row_key", "reason"]
    found_rows, expected_rows = (frame[columns].fillna("").to_numpy().tolist() for frame in (rejects, expected_rejects))
    assert sorted(found_rows) == sorted(expected_rows)
    assert len(rejects) == 7
    assert found["policies"].date_fallbacks == expected["policies"].date_fallbacks


def test_the_raw_rows_are_text_in_the_order_of_their_key(staged):
    rows = staged.on("customers")
    assert rows["source_row"].to_pylist() == list(range(1, 8))
    assert rows["customer_id"].to_pylist() == [None, "c1", "c2", "c3", "c3", "c4", "c5"]
    assert rows["age"].to_pylist() == ["31", None, "410", "30", "31", "40", "50"]
    assert set(rows["source"].to_pylist()) == {f"{staged.schema}.customers"}
    assert staged.on("policies")["lapse_date"].null_count == len(ROWS[CRM_SALES])  # not delivered


def test_columns_that_nobody_asked_for_are_kept_as_in_a_csv_file(staged, delivered):
    def others(rows):
        found = zip(rows["customer_id"].to_pylist(), rows["other_columns"].to_pylist(), strict=True)
        kept = [(key or "", json.loads(text or "{}")) for key, text in found]
        return sorted((key, sorted((n, v) for n, v in others_of.items() if v)) for key, others_of in kept)

    rows = staged.on("customers")
    assert others(rows) == others(delivered[1]["customers"])
    texts = dict(zip(rows["customer_id"].to_pylist(), rows["other_columns"].to_pylist(), strict=True))
    said = '"note": "Say \\"hi\\"\\n\\\\ Łódź", "is_vip": "true", "born": "1980-02-29"'
    assert texts["c1"] == f"{{{said}}}"
    assert texts["c5"] is None


def test_each_snapshot_is_staged_as_its_own(staged):
    rows = staged.on("customers", TUESDAY)
    assert rows["customer_id"].to_pylist() == ["c3"]
    assert rows["source_row"].to_pylist() == [1]


def test_a_live_table_is_staged_as_it_is_whatever_dates_it_holds(staged, insurer):
    live = blueprint_of(insurer, staged.schema, customers=PLACED["customers"])
    rows = staged.warehouse.query(
        staging_queries(live.portfolio, live.tables, staged.warehouse, ["customers"], [TUESDAY])["customers"]
    )
    assert set(rows["snapshot_date"].to_pylist()) == {TUESDAY}
    assert rows.num_rows == 8
    assert '"snapshot_date": "2025-11-17"' in " ".join(rows["other_columns"].to_pylist())


ODD = """
SELECT 'c1' AS customer_id, '30' AS age, NUMERIC '12.50' AS income, TIMESTAMP '2025-01-02 23:00:00-05' AS city,
  DATETIME '2025-01-02 23:00:00' AS gender, TRUE AS education, CAST(NULL AS STRING) AS occupation,
  'x' AS marital_status, 'x' AS preferred_language, 'x' AS preferred_channel, DATE '2025-01-02' AS preferred_time,
  [1, 2] AS list, STRUCT(1 AS a) AS pair, CAST('ab' AS BYTES) AS picture, CAST(NULL AS BYTES) AS none
"""


def test_values_of_every_type_become_text(staged, insurer):
    warehouse = staged.warehouse
    address = f"{staged.schema}.odd"
    if warehouse.kind == "duckdb":
        with duckdb.connect(str(warehouse.file.path)) as connection:  # whoever fills it has settings of his own
            connection.execute("SET TimeZone = 'America/New_York'")
            connection.execute(f"CREATE TABLE {address} AS {transpile(ODD, 'odd', 'duckdb', '')[0]}")
    else:
        warehouse.jobs.client.query_and_wait(f"CREATE TABLE {address} AS {ODD}", wait_timeout=60)
    blueprint = blueprint_of(insurer, staged.schema, customers=TableSource(table="odd"))
    (row,) = warehouse.query(
        staging_queries(blueprint.portfolio, blueprint.tables, warehouse, ["customers"], [MONDAY])["customers"]
    ).to_pylist()
    texts = [row[name] for name in ("age", "city", "gender", "education", "occupation", "preferred_time")]
    assert [texts[0], *texts[3:]] == ["30", "true", None, "2025-01-02"]
    # A moment is told in UTC wherever the machine stands, and each engine writes it its own way.
    assert texts[1].startswith("2025-01-03 04:00:00")
    assert parse_date(texts[1], []) == (date(2025, 1, 3), 0)
    assert parse_date(texts[2], []) == (date(2025, 1, 2), 0)
    assert float(row["income"]) == 12.5
    others = json.loads(row["other_columns"])
    assert json.loads(others["list"]) == [1, 2]
    assert json.loads(others["pair"]) == {"a": 1}
    assert others["picture"] == "YWI="
    assert "none" not in others


def refusal(staged, insurer, days=(MONDAY,), snapshot_column=None, **placed):
    blueprint = blueprint_of(insurer, staged.schema, snapshot_column, **placed)
    with pytest.raises(SourceError) as caught:
        staging_queries(blueprint.portfolio, blueprint.tables, staged.warehouse, list(placed), list(days))
    return str(caught.value)


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_written(staged, insurer):
    said = refusal(
        staged,
        insurer,
        customers=TableSource(table="customer", columns={"customer_id": "CustID"}),
        policies=TableSource(table="customers"),
    )
    first, second = said.splitlines()
    assert "and the warehouse has no such table" in first
    assert "customers lacks the columns policy_id, customer_id, product_id, purchase_date, premium, coverage" in second
    assert staged.warehouse.describe("raw_customers") is None


def test_a_schema_that_is_not_there(staged, insurer):
    missing = TableSource(table="nowhere.customers", columns={"customer_id": "CustID"})
    assert "names nowhere.customers, and the warehouse has no such table" in refusal(staged, insurer, customers=missing)


def test_days_without_customers_are_named(staged, insurer):
    days = [MONDAY, TUESDAY, *(date(2025, 11, day_) for day_ in range(19, 24))]
    said = refusal(staged, insurer, days, "snapshot_date", customers=PLACED["customers"])
    assert said == (
        f"{staged.schema}.customers has no rows whose snapshot_date is 2025-11-19, 2025-11-20, 2025-11-21 and 2 more "
        "days: there are no customers to segment. Ask for days that it holds, or have it filled for these."
    )


def test_a_table_of_our_own_is_no_source(staged, insurer):
    ours = staged.warehouse.address("customers").split(".")[-2]
    said = refusal(staged, insurer, customers=TableSource(table=f"{ours}.customers"))
    assert said.startswith(f"sources.customers.table names {ours}.customers, which is written by this project itself.")


def test_a_table_that_must_be_filtered_by_another_column_is_refused_before_it_is_read(staged, insurer, monkeypatch):
    """Which tables ask for that, BigQuery's own tests tell; DuckDB has none."""
    monkeypatch.setattr(type(staged.warehouse), "required_filter", lambda *_: "loaded_at")
    monkeypatch.setattr(type(staged.warehouse), "query", lambda *_: pytest.fail("it was read"))
    said = refusal(staged, insurer, (MONDAY,), "snapshot_date", customers=PLACED["customers"])
    assert said.startswith(
        f"sources.customers: {staged.schema}.customers may be read only with a filter on loaded_at (its owner set "
    )
    assert "SELECT *, DATE(loaded_at) AS snapshot_day FROM" in said


def test_a_table_that_must_be_filtered_by_its_snapshot_column_is_staged(staged, insurer, monkeypatch):
    monkeypatch.setattr(type(staged.warehouse), "required_filter", lambda *_: "SNAPSHOT_DATE")
    blueprint = blueprint_of(insurer, staged.schema, "snapshot_date", customers=PLACED["customers"])
    queries = staging_queries(blueprint.portfolio, blueprint.tables, staged.warehouse, ["customers"], [MONDAY])
    assert "WHERE `snapshot_date` BETWEEN @first_snapshot AND @last_snapshot" in queries["customers"].sql


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    """The graph on a portfolio whose customers have history and whose policies are live; nothing has been run."""
    folder = tmp_path_factory.mktemp("graph")
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
    history = "table: crm.customers\n    snapshot_column: snapshot_date\n    columns: {customer_id: CustID}"
    for lies_at, instead in {"csv: customers.csv": history, "csv: sales.csv": "table: crm.sales"}.items():
        text = text.replace(lies_at, instead)
    text = text.replace("csv: products.csv\n    required: true", "csv: products.csv")
    bad = "max_rejected_share: 0.6\n"  # four of the seven customers are, and are to be staged all the same
    (folder / "ours.yaml").write_text(bad + text, encoding="utf-8")
    graph = graph_on(None, folder, portfolio=str(folder / "ours.yaml"))
    for table_ in ROWS:
        lay_out(DuckDBWarehouse(graph.settings.duckdb_path, "crm"), table_, company_rows(table_))
    return graph


def materialise(graph, *names, **given):
    selected = [AssetKey(f"raw_{name}") for name in names]
    return graph.run(MONDAY, asset_selection=selected, **given)


def test_the_graph_stages_a_table_with_history_for_a_past_day(graph):
    result = materialise(graph, "customers", "products")
    rows = graph.table("raw_customers", MONDAY)
    assert rows["customer_id"].fillna("").tolist() == ["", "c1", "c2", "c3", "c3", "c4", "c5"]
    assert graph.table("raw_products", MONDAY).empty
    (made,) = [
        event.materialization.metadata
        for event in events(result, "ASSET_MATERIALIZATION")
        if event.asset_key.path == ["raw_customers"]
    ]
    assert made["read_from"].value == "crm.customers"
    assert made["dagster/partition_row_count"].value == 7


def test_the_graph_refuses_a_live_table_for_a_past_day(graph):
    result = materialise(graph, "customers", "policies", raise_on_error=False)
    (failure,) = events(result, "STEP_FAILURE")
    assert "The source of policies is live" in failure.step_failure_data.error.cause.message
    assert graph.warehouse.describe("raw_policies") is None


def test_the_published_tables_staged_give_the_published_core(published, insurer, insurance, new_duckdb):
    graph, _ = published
    warehouse = new_duckdb()
    with duckdb.connect(str(warehouse.file.path)) as connection:
        connection.execute("CREATE SCHEMA crm")
        for name in ("customers", "sales", "products"):
            file = str(insurance / f"{name}.csv").replace("'", "''")
            connection.execute(f"CREATE TABLE crm.{name} AS SELECT * FROM read_csv('{file}')")
    sources = {
        name: source.model_copy(update={"csv": None, "table": f"crm.{source.csv.removesuffix('.csv')}"})
        for name, source in insurer.sources.items()
        if source.required
    }
    blueprint = draw_blueprint(insurer.model_copy(update={"sources": sources}))
    queries = staging_queries(blueprint.portfolio, blueprint.tables, warehouse, list(sources), [PUBLISHED_DAY])
    raw = {name: warehouse.query(query) for name, query in queries.items()}
    cleaned, rejects = clean_all(raw, blueprint.portfolio, PUBLISHED_DAY)
    assert rejects.empty
    for name in sources:
        frame = cleaned[name].frame.drop(columns="snapshot_date")
        pd.testing.assert_frame_equal(frame.reset_index(drop=True), graph.table(name, PUBLISHED_DAY))
