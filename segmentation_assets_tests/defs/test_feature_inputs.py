"""Features made of more than the core columns: the same tables are read for any day, whatever was run before."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from dagster import AssetKey

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.checking.queries import feature_query, over_days
from segmentation_assets.cleaning import clean_all
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.survey import survey
from segmentation_assets.errors import PortfolioError
from segmentation_assets.history.features import features_from_raw, raw_of_features
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.sources import CsvFolder, read_all
from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets.tables.snapshots import dated, on
from segmentation_assets_tests.club import FIRST, SECOND, found_club
from segmentation_assets_tests.conftest import Graph, graph_on
from segmentation_assets_tests.insurers import INPUT_TABLES

# Points are a column that no table declares; three members are rejected for their age; members 0 to 9 are contacted.
SQL = """
WITH
  points AS (
    SELECT
      snapshot_date, customer_id,
      MAX(SAFE_CAST(JSON_VALUE(other_columns, '$."Loyalty points"') AS FLOAT64)) AS points
    FROM raw_customers
    GROUP BY snapshot_date, customer_id
  ),
  rejected AS (SELECT snapshot_date, COUNT(*) AS n FROM rejected_rows GROUP BY snapshot_date),
  contacts AS (SELECT snapshot_date, customer_id, COUNT(*) AS n FROM outreach GROUP BY snapshot_date, customer_id)

SELECT
  c.snapshot_date, c.customer_id,
  p.points * {factor} AS age,
  c.income + 1000 * r.n + 100 * COALESCE(o.n, 0) AS income
FROM customers AS c
INNER JOIN points AS p ON p.snapshot_date = c.snapshot_date AND p.customer_id = c.customer_id
INNER JOIN rejected AS r ON r.snapshot_date = c.snapshot_date
LEFT JOIN contacts AS o ON o.snapshot_date = c.snapshot_date AND o.customer_id = c.customer_id
WHERE c.snapshot_date BETWEEN @first_snapshot AND @last_snapshot
"""


def write_sql(at: Path, factor: int) -> None:
    (at / "customer_features.sql").write_text(SQL.format(factor=factor))


@pytest.fixture
def company(tmp_path) -> Path:
    found_club(tmp_path)
    members = pd.read_csv(tmp_path / "members.csv", dtype=object).fillna("")
    members["Loyalty points"] = [str(10 + int(age)) for age in members["Age"]]
    members.loc[197:, "Age"] = "soon"
    members.to_csv(tmp_path / "members.csv", index=False)
    contacts = pd.DataFrame({"customer_id": members["Customer ID"][:10], "outreach_date": "2025-05-01"})
    contacts = contacts.assign(outreach_id=contacts["customer_id"], campaign_id="spring", is_control="false")
    contacts.assign(channel="", has_responded="", has_converted="").to_csv(tmp_path / "contacts.csv", index=False)
    text = (tmp_path / "club.yaml").read_text()
    declared = "  customers: {csv: members.csv, ranges: {age: {min: 0}}}\n  outreach: {csv: contacts.csv}\n"
    (tmp_path / "club.yaml").write_text(text.replace("  customers: {csv: members.csv}\n", declared))
    write_sql(tmp_path, 1)
    return tmp_path


def graph_of(company: Path, at: Path) -> Graph:
    return graph_on(company, at, str(company / "club.yaml"))


def make(
    graph: Graph, *days: date, stages: Sequence[str] = ("raw", "core", "features", "segments", "personas", "insights")
):
    """Run the graph on these days as far as these stages, without what nothing here looks at."""
    tables = draw_blueprint(load_portfolio(graph.settings.portfolio)).tables
    beside = {"customer_projection", "micro_segments", "labelled_customers"}
    names = [t.name for t in tables.values() if t.stage in stages and t.name not in beside and not t.is_view]
    result = graph.run(*days, asset_selection=[AssetKey(name) for name in names])
    assert result.success


MADE = ("customer_features", "segment_models", "segment_prototypes", "customer_segments", "segment_labels",
        "segment_migration", "customer_moves", "feature_drift")  # fmt: skip


@pytest.mark.long  # lives through three nights
def test_the_sql_is_changed_and_the_next_day_is_made(company):
    graph = graph_of(company, company)
    make(graph, FIRST)
    rows = graph.table("customer_features", FIRST).set_index("customer_id")
    members = pd.read_csv(company / "members.csv").set_index("Customer ID")
    assert rows.loc["M000", "age"] == members.loc["M000", "Loyalty points"]
    assert rows.loc["M000", "income"] == members.loc["M000", "Income"] + 3 * 1000 + 100
    assert rows.loc["M010", "income"] == members.loc["M010", "Income"] + 3 * 1000
    write_sql(company, 2)
    make(graph, SECOND)  # its model is learned from the first day, under the new SQL, out of its raw snapshot
    alone = {name: graph.table(name, SECOND) for name in MADE}
    assert graph.table("customer_features", FIRST)["age"].iloc[0] == members["Loyalty points"].iloc[0]
    make(graph, FIRST, SECOND)  # and here out of its table, made in the same run
    for name, before in alone.items():
        pd.testing.assert_frame_equal(graph.table(name, SECOND), before, obj=name)


def test_what_is_read_is_what_makes_it_stale(company):
    graph, made = graph_of(company, company), ("raw", "core", "features")
    make(graph, FIRST, SECOND, stages=made)
    members = pd.read_csv(company / "members.csv", dtype=object, keep_default_na=False)
    members.loc[0, "Loyalty points"] = "99"  # no core column changes
    members.to_csv(company / "members.csv", index=False)
    make(graph, FIRST, stages=["raw", "core"])
    definitions = build_definitions(graph.settings)
    blueprint = draw_blueprint(load_portfolio(graph.settings.portfolio))
    stale = survey(blueprint, definitions.resolve_asset_graph(), graph.warehouse).staleness.partitions
    assert {day: [why.words for why in whys] for day, whys in stale["customer_features"].items()} == {
        FIRST: ["was made from raw_customers as it was before a change"]
    }
    # Rows of any table may have been rejected, so a model is learned from all that was delivered.
    assert set(raw_of_features(blueprint, "then")) == {f"raw_{table.name}" for table in INPUT_TABLES}


def test_the_warehouse_and_the_raw_snapshot_give_the_same_on_either_engine(company, new_warehouse):
    portfolio, warehouse = load_portfolio(str(company / "club.yaml")), new_warehouse()
    blueprint, names = draw_blueprint(portfolio), ["customers", "outreach"]
    raw = read_all(CsvFolder(company, portfolio), portfolio, names, FIRST)
    cleaned, rejects = clean_all(raw, portfolio, FIRST)
    frames = {**{name: cleaned[name].frame for name in names}, "rejected_rows": rejects}
    for name in names:
        warehouse.replace(blueprint.tables[f"raw_{name}"], dated([(FIRST, raw[name])]), FIRST, FIRST)
    for name, frame in frames.items():
        warehouse.replace(blueprint.tables[name], to_arrow(frame, blueprint.tables[name]), FIRST, FIRST)
    features = blueprint.tables["customer_features"]
    warehouse.replace(features, over_days(feature_query(portfolio), FIRST, FIRST), FIRST, FIRST)
    there = on(from_arrow(warehouse.read(features, FIRST, FIRST), features), FIRST)
    assert len(there) == 197
    assert there["age"].notna().all()
    pd.testing.assert_frame_equal(features_from_raw(blueprint, warehouse, FIRST), there)


@pytest.mark.parametrize(
    ("there", "instead", "said"),
    [
        ("raw_customers", "raw_custmers", "customer_features.sql:7: reads raw_custmers, and there is no such table"),
        ("outreach", "segment_labels", "reads segment_labels, and there is no such table for features"),
        ("rejected_rows", "club.rejected_rows", "name the table without schema or dataset: rejected_rows."),
    ],
)
def test_a_table_that_is_not_read_for_every_day_is_refused_before_anything_is_written(company, there, instead, said):
    path = company / "customer_features.sql"
    path.write_text(path.read_text().replace(f"FROM {there}", f"FROM {instead}"))
    with pytest.raises(PortfolioError) as caught:
        graph_of(company, company).run(FIRST)
    assert said in str(caught.value)
    assert not (company / "warehouse.duckdb").exists()
