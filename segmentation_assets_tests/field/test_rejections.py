"""Deliveries of which most is rejected, as people have them: told, and nothing is published."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from segmentation_assets_tests.conftest import SHARED
from segmentation_assets_tests.test_cli import called

FIELD = SHARED / "field"
DAY, NEXT = "2025-11-15", "2025-11-16"


@pytest.fixture(scope="module")
def field() -> Path:
    if not FIELD.is_dir():
        pytest.skip("the field cases are not beside the checkout (../shared/data/field)")
    return FIELD


def edited(path: Path, change: Callable[[dict[str, str], int], None]) -> None:
    """Change each row of a CSV file, given with its position."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for n, row in enumerate(rows):
        change(row, n)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def contents(warehouse: Path) -> dict[str, list]:
    """Return every row of every table, ledger included."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.sql(
            "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' ORDER BY 1"
        ).fetchall()
        return {name: connection.sql(f"FROM segmentation.{name} ORDER BY ALL").fetchall() for (name,) in tables}


def test_codes_where_words_are_expected_are_no_empty_success(field, tmp_path):
    """All 300 customers have M or F; so none of the 375 policies belongs to a known customer."""
    said = called("run", "--date", DAY, "--data", str(field / "19-gender-codes"), at=tmp_path)
    assert said.exit_code == 1
    assert "300 of 300 customers (100 %)" in said.stderr
    assert "300 category_not_allowed, such as row 1: gender is not in [Male, Female" in said.stderr
    assert "'M' (1" in said.stderr
    assert "375 of 375 policies (100 %)" in said.stderr
    assert "sources.customers" in said.stderr
    assert "Done" not in said.stderr
    assert "Traceback" not in said.stderr
    assert said.stdout == ""
    assert not (tmp_path / "data" / "warehouse.duckdb").exists()


WORDS = ["twenty", "thirty", "forty"]


def ages_in_words(row: dict[str, str], n: int) -> None:
    row["age"] = WORDS[n % 3]


def negative_premiums(row: dict[str, str], n: int) -> None:
    if n % 4:  # three of four; 94 of the 375 stay: n = 0, 4, ..., 372
        row["premium"] = "-1"


FAULTS = {
    "ages in words": ("customers.csv", ages_in_words, "300 of 300 customers (100 %)", "row 1: age is no number"),
    "premiums below zero": (
        "sales.csv",
        negative_premiums,
        "281 of 375 policies (74.9 %)",
        "row 2: premium is not in ",
    ),
}


@pytest.fixture(scope="module")
def first_day(field, tmp_path_factory) -> Path:
    at = tmp_path_factory.mktemp("first_day")
    done = called("run", "--date", DAY, "--data", str(field / "base"), at=at)
    assert done.exit_code == 0, done.stderr
    assert "No row was rejected." in done.stderr
    return at


@pytest.mark.parametrize(("fault", "day"), [("ages in words", DAY), ("premiums below zero", NEXT)])
def test_a_refused_delivery_leaves_every_table_as_it_was(fault, day, first_day, field, tmp_path):
    """The same day once more, and a day later."""
    file, change, counted, example = FAULTS[fault]
    shutil.copytree(field / "base", tmp_path / "delivered")
    shutil.copytree(first_day / "data", tmp_path / "data")
    edited(tmp_path / "delivered" / file, change)
    before = contents(tmp_path / "data" / "warehouse.duckdb")
    said = called("run", "--date", day, "--data", "delivered", at=tmp_path)
    assert said.exit_code == 1
    assert counted in said.stderr
    assert example in said.stderr
    assert contents(tmp_path / "data" / "warehouse.duckdb") == before
    assert len(before["raw_customers"]) == len(before["customers"]) == 300


@pytest.mark.long  # runs of the whole graph
def test_where_the_portfolio_allows_it_those_without_a_good_policy_are_told_so(field, tmp_path):
    """Three of four policies are rejected, which the portfolio allows; nobody is said to have none who has one."""
    shutil.copytree(field / "base", tmp_path / "delivered")
    edited(tmp_path / "delivered" / "sales.csv", negative_premiums)
    packaged = Path(__file__).parents[2] / "segmentation_assets" / "portfolios" / "insurance.yaml"
    text = packaged.read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(f"max_rejected_share: 0.8\n{text}", encoding="utf-8")
    done = called(
        "run", "--date", DAY, "--data", "delivered", "--portfolio", "mine.yaml", at=tmp_path
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert "281 of 375 policies (74.9 %)" in done.stderr
    assert "281 premium_out_of_range, such as row 2: premium is not in " in done.stderr
    assert "--portfolio mine.yaml --lens" in done.stderr
    with (field / "base" / "sales.csv").open(newline="", encoding="utf-8") as file:
        holders = [row["customer_id"] for row in csv.DictReader(file)]
    good = {holder for n, holder in enumerate(holders) if n % 4 == 0}
    with duckdb.connect(str(tmp_path / "data" / "warehouse.duckdb"), read_only=True) as connection:
        told = connection.sql(
            "SELECT customer_id, unassigned_reason FROM segmentation.customer_segments WHERE lens = 'overall'"
        ).fetchall()
    reason = "policies_rejected: tenure_years, premium_to_coverage cannot be known (premium_out_of_range)"
    assert {who for who, why in told if why == reason} == set(holders) - good
    assert {who for who, why in told if why is None} == good
