"""Another company: one YAML file, one SQL file, one CSV file, and no Python."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from segmentation_assets.commands.segments import print_segments
from segmentation_assets.definitions import build_definitions
from segmentation_assets.errors import PortfolioError
from segmentation_assets.settings import read_settings
from segmentation_assets_tests.conftest import graph_on

DAY = date(2025, 6, 1)
PORTFOLIO = """
name: club
title: Club members
currency: EUR
history_start: 2025-01-01
sources:
  customers: {csv: members.csv}
features:
  age: {kind: numeric, description: Age., unit: years}
  income: {kind: numeric, description: Income., unit: EUR}
lenses:
  main: {title: Main, primary: true, features: [age, income]}
value: {feature: income, label: income, unit: EUR}
"""
FEATURES = """
SELECT snapshot_date, customer_id, CAST(age AS FLOAT64) AS age, income
FROM customers
WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot
"""


@pytest.fixture
def club(tmp_path) -> Path:
    rng = np.random.default_rng(0)
    is_old = rng.random(200) < 0.4
    members = pd.DataFrame(
        {
            "Customer ID": [f"M{i:03}" for i in range(200)],
            "Age": np.where(is_old, 65, 25) + rng.integers(-4, 5, 200),
            "Income": np.where(is_old, 60_000, 20_000) + rng.integers(-4000, 4000, 200),
            "Planted": is_old,
        }
    )
    blank = ["gender", "city", "marital_status", "education", "occupation"]
    blank += ["preferred_language", "preferred_channel", "preferred_time"]
    members.assign(**dict.fromkeys(blank, "")).to_csv(tmp_path / "members.csv", index=False)
    (tmp_path / "club.yaml").write_text(PORTFOLIO)
    (tmp_path / "customer_features.sql").write_text(FEATURES)
    return tmp_path


def test_customers_alone_are_segmented_and_what_was_not_provided_is_empty(club):
    graph = graph_on(club, club, str(club / "club.yaml"))
    assert graph.run(DAY).success
    labelled = graph.table("labelled_customers", DAY)
    planted = pd.read_csv(club / "members.csv").set_index("Customer ID")["Planted"]
    found = labelled.set_index("customer_id")["segment_id"]
    assert found.groupby(planted).nunique().tolist() == [1, 1]
    assert labelled["segment_name"].nunique() == 2
    for name in ("policies", "claims"):
        assert graph.table(name, DAY).empty
    with duckdb.connect(str(graph.settings.duckdb_path), read_only=True) as shell:
        there = {name for (name,) in shell.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    assert "migration_matrix" in there
    assert not {"portfolio_joined", "product_popularity", "segment_overview"} & there
    assert len(graph.table("segment_outcomes", DAY)) == 2


def test_a_portfolio_without_sql_says_where_to_put_it(club):
    (club / "customer_features.sql").unlink()
    with pytest.raises(PortfolioError, match=r"Put customer_features\.sql beside the portfolio"):
        build_definitions(read_settings(portfolio=str(club / "club.yaml")))


def test_sql_that_is_not_utf8_is_told(club):
    (club / "customer_features.sql").write_bytes("SELECT 'caf\u00e9' AS city FROM customers".encode("latin-1"))
    with pytest.raises(PortfolioError, match=r"customer_features\.sql is not UTF-8 text\. Save it as UTF-8"):
        build_definitions(read_settings(portfolio=str(club / "club.yaml")))


def test_a_handful_of_customers_is_named_and_shown_without_figures(club, capsys):
    rows = (club / "members.csv").read_text().splitlines()
    (club / "members.csv").write_text("\n".join(rows[:5]))
    graph = graph_on(club, club, str(club / "club.yaml"))
    assert graph.run(DAY).success
    assert not graph.table("segment_labels", DAY)["description"].str.contains(r"%|EUR|€").any()
    print_segments(graph.settings, DAY)
    shown = [line for line in capsys.readouterr().out.splitlines() if "%" in line]
    assert shown
    assert all(line.count("%") == 1 for line in shown)  # the share of customers, and not that of the value


def test_one_customer_is_unclassified_with_the_reason(club):
    rows = (club / "members.csv").read_text().splitlines()
    (club / "members.csv").write_text("\n".join(rows[:2]))
    graph = graph_on(club, club, str(club / "club.yaml"))
    assert graph.run(DAY).success
    placed = graph.table("customer_segments", DAY)
    assert placed["unassigned_reason"].str.startswith("too_few_customers").all()
    assert graph.table("labelled_customers", DAY)["segment_name"].tolist() == ["Unclassified"]
