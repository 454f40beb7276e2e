"""Words that no list has are told at the end of a run: how many rows, and no word that few customers share."""

from datetime import date
from io import StringIO

import pyarrow as pa

from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.commands.unlisted import print_unlisted
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables.frames import empty_frame, to_arrow
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets_tests.insurers import INTERACTIONS, OUTREACH, SURVEY_RESPONSES

DAY = date(2025, 11, 15)
PORTFOLIO = load_portfolio("insurance")


def told(at, words, customers=None):
    warehouse = DuckDBWarehouse(at / "w.duckdb", "segmentation")
    for table in (OUTREACH, SURVEY_RESPONSES):
        warehouse.replace(table, to_arrow(empty_frame(table), table), DAY, DAY)
    n = len(words)
    rows = {
        "snapshot_date": pa.array([DAY] * n),
        "interaction_id": [f"I{i:04}" for i in range(n)],
        "customer_id": customers or [f"C{i}" for i in range(n)],
        "interaction_date": pa.array([DAY] * n),
        "interaction_type": pa.array(words, pa.string()),
        "channel": pa.nulls(n, pa.string()),
        "amount": pa.nulls(n, pa.float64()),
        "days_late": pa.nulls(n, pa.int64()),
    }
    warehouse.replace(INTERACTIONS, pa.table(rows), DAY, DAY)
    shown = StringIO()
    print_unlisted(warehouse, PORTFOLIO, DAY, DAY, Terminal(file=shown, width=200))
    return shown.getvalue()


def test_rows_are_counted_and_words_shown_that_enough_share(tmp_path):
    said = told(tmp_path, ["visit"] * 3 + ["webinar"] * 20 + ["[fair]"] * 21 + ["Jane's own words"])
    assert "interactions.interaction_type: 42 rows, such as '[fair]' (21), 'webinar' (20)\n" in said
    assert "Jane" not in said


def test_a_word_that_one_customer_says_often_is_not_shown(tmp_path):
    said = told(tmp_path, ["Jane's own words"] * 30, ["C1"] * 30)
    assert "interactions.interaction_type: 30 rows\n" in said


def test_where_every_word_is_listed_nothing_is_said(tmp_path):
    assert told(tmp_path, ["visit", "call"]) == ""
