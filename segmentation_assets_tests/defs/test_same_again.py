"""A day made again from what did not change makes nothing stale, though its rows are met in another order."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.checking.queries import feature_query, over_days
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.defs.survey import survey
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings
from segmentation_assets.tables.frames import to_arrow
from segmentation_assets.warehouse.sql.queries import transpile
from segmentation_assets_tests.club import found_club
from segmentation_assets_tests.standins.shuffled import ShufflingWarehouse

TRAINED, LATER = date(2025, 1, 1), date(2025, 1, 2)
FEATURES = {
    "age": ("numeric", "CAST(c.age AS FLOAT64)"),
    "income": ("numeric", "c.income"),
    "total_premium": ("numeric", "COALESCE(p.total_premium, 0)"),
    "rate": ("numeric", "p.rate"),
}
JOINED = """FROM customers AS c
LEFT JOIN (
  SELECT snapshot_date, customer_id, SUM(premium) AS total_premium, AVG(premium / coverage) AS rate
  FROM policies WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot GROUP BY snapshot_date, customer_id
) AS p ON p.snapshot_date = c.snapshot_date AND p.customer_id = c.customer_id
WHERE c.snapshot_date"""
N_POLICIES = 6000


def policies():
    """Thirty policies a member, with premiums of very different sizes."""
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "policy_id": [f"P{i}" for i in range(N_POLICIES)],
            "customer_id": [f"M{i % 200:03}" for i in range(N_POLICIES)],
            "product_id": "A",
            "purchase_date": pd.Timestamp("2024-03-01"),
            "premium": np.round(rng.uniform(1, 10, N_POLICIES) * 10.0 ** rng.integers(0, 8, N_POLICIES), 2),
            "coverage": np.round(rng.uniform(1, 10, N_POLICIES) * 10.0 ** rng.integers(3, 9, N_POLICIES), 2),
        }
    )


@pytest.fixture
def company(tmp_path):
    """The club with those policies, and two features that sum them up."""
    path = found_club(tmp_path, FEATURES)
    sql, portfolio = tmp_path / "customer_features.sql", tmp_path / "club.yaml"
    written = sql.read_text().replace("snapshot_date, customer_id,", "c.snapshot_date, c.customer_id,")
    sql.write_text(written.replace("FROM customers WHERE snapshot_date", JOINED))
    source = "  policies: {csv: policies.csv}\nfeatures:\n"
    portfolio.write_text(portfolio.read_text().replace("features:\n", source, 1))
    policies().rename(columns=lambda name: name.replace("_", " ").title().replace(" Id", " ID")).to_csv(
        tmp_path / "policies.csv", index=False
    )
    return read_settings(data_dir=tmp_path, duckdb_path=tmp_path / "warehouse.duckdb", portfolio=path)


@pytest.fixture
def as_written(monkeypatch):
    """A function that lets sums be taken as they are written."""

    def leave_sums():
        monkeypatch.setattr("segmentation_assets.warehouse.sql.queries.make_sums_exact", lambda *_: None)
        transpile.cache_clear()

    yield leave_sums
    transpile.cache_clear()


def features_again(warehouse, blueprint):
    """Make the features of the training day, and return them."""
    features = blueprint.tables["customer_features"]
    query = over_days(feature_query(blueprint.portfolio), TRAINED, TRAINED)
    warehouse.replace(features, query, TRAINED, TRAINED)
    return warehouse.read(features, TRAINED, TRAINED)


def test_features_are_the_same_bits_in_whatever_order_their_rows_are_met(company, as_written):
    warehouse = ShufflingWarehouse(company.duckdb_path, company.dataset)
    blueprint = draw_blueprint(load_portfolio(company.portfolio))
    ids = [f"M{i:03}" for i in range(200)]
    held = policies().assign(snapshot_date=pd.Timestamp(TRAINED), lapse_date=pd.NaT)
    members = pd.DataFrame({"snapshot_date": pd.Timestamp(TRAINED), "customer_id": ids})
    members = members.reindex(columns=blueprint.tables["customers"].column_names)
    for name, rows in {"customers": members, "policies": held}.items():
        table = blueprint.tables[name]
        warehouse.replace(table, to_arrow(rows, table), TRAINED, TRAINED)
    once = features_again(warehouse, blueprint)
    assert once["total_premium"].null_count == 0
    assert all(features_again(warehouse, blueprint).equals(once) for _ in range(3))
    as_written()
    plain = features_again(warehouse, blueprint)
    assert not features_again(warehouse, blueprint).equals(plain), "an order that changes no bit proves nothing"


@pytest.mark.long
def test_a_training_day_made_again_on_an_engine_that_shuffles_its_rows_makes_nothing_stale(company, as_written):
    warehouse = ShufflingWarehouse(company.duckdb_path, company.dataset)
    definitions = build_definitions(company, {"warehouse": warehouse})
    blueprint = draw_blueprint(load_portfolio(company.portfolio))

    def run(day):
        assert definitions.resolve_job_def(JOB_NAME).execute_in_process(partition_key=day.isoformat()).success
        return survey(blueprint, definitions.resolve_asset_graph(), warehouse).staleness

    run(TRAINED)
    assert not run(LATER)
    assert not run(TRAINED)
    as_written()
    run(TRAINED)
    stale = run(TRAINED).partitions
    assert LATER in {day for days in stale.values() for day in days}, (
        "a stand-in that makes nothing stale proves nothing"
    )
