"""A portfolio's SQL held against its features, its categories and the views made of them."""

from pathlib import Path

import pytest

from segmentation_assets.checking import portfolio_sql
from segmentation_assets.checking.portfolio_sql import check_sql
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.warehouse import Query
from segmentation_assets_tests.club import FEATURES, declare, found_club


@pytest.fixture
def club(tmp_path) -> Path:
    found_club(tmp_path)
    return tmp_path


def check(club, change="", instead="", sources=""):
    sql, file = club / "customer_features.sql", club / "club.yaml"
    assert change in sql.read_text()
    sql.write_text(sql.read_text().replace(change, instead) if change else sql.read_text())
    file.write_text(file.read_text().replace("{csv: members.csv}", f"{{csv: members.csv{sources}}}"))
    return check_sql(load_portfolio(str(file)))


def test_a_club_fits_and_what_was_looked_at_is_said(club):
    found = check(club)
    assert (found.faults, found.warnings) == ((), ())
    assert found.looked_at == (
        "2 features, made from customers by customer_features.sql, and the 3 marts made from them",
    )


def test_the_packaged_sql_fits():
    assert check_sql(load_portfolio("insurance")).faults == ()


def test_a_table_whose_days_are_not_bounded_is_told_with_its_line(club):
    (club / "customer_features.sql").write_text(
        "SELECT c.snapshot_date, c.customer_id, CAST(c.age AS FLOAT64) AS age, c.income\nFROM customers AS c\n"
        "LEFT JOIN policies AS p ON p.snapshot_date = c.snapshot_date AND p.customer_id = c.customer_id\n"
        "WHERE c.snapshot_date BETWEEN @first_snapshot AND @last_snapshot\n"
    )
    found = check(club)
    assert found.faults == ()
    [warning] = found.warnings
    assert warning.startswith("customer_features.sql:3: reads policies without a bound on its snapshot_date")


def test_a_feature_without_a_column_of_its_name_is_told(club):
    declare(club, {**FEATURES, "wealth": ("numeric", "income")})
    found = check(club, "income AS wealth", "income AS weath")
    assert [fault.split(": ", 1)[1][:40] for fault in found.faults] == [
        "gives a column 'weath' that customer_fea", "lacks wealth of customer_features; it gi",
    ]  # fmt: skip
    assert "Did you mean 'wealth'?" in found.faults[0]


def test_a_feature_of_the_wrong_kind_is_told(club):
    declare(club, {**FEATURES, "home": ("categorical", "age")})
    (fault,) = check(club).faults
    assert "gives customer_features.home as INT64, and it is declared STRING" in fault


def test_no_sql_at_all_is_told(club):
    (club / "customer_features.sql").unlink()
    found = check_sql(load_portfolio(str(club / "club.yaml")))
    assert "Put customer_features.sql beside the portfolio" in found.faults[0]


@pytest.mark.parametrize(
    ("condition", "warned"),
    [
        ("city = 'london'", True),
        ("'london' = city", True),
        ("city IN ('london', 'leeds')", True),
        ("CASE city WHEN 'london' THEN TRUE ELSE FALSE END", True),
        ("city LIKE 'london%'", True),
        ("STARTS_WITH(city, 'london')", True),
        ("city IN UNNEST(['london'])", True),
        ("LOWER(city) = 'london'", False),
        ("customer_id = 'M001'", False),
        ("age = 7", False),
    ],
)
def test_a_word_whose_spelling_nobody_settles_is_warned_of(club, condition, warned):
    found = check(club, "WHERE", f"WHERE {condition} AND")
    assert not found.faults
    assert [("sources.customers.categories.city" in words) for words in found.warnings] == [True] * warned
    for words in found.warnings:
        assert words.startswith("customer_features.sql:1: compares customers.city with ")
        assert "'london" in words


def test_a_word_that_the_portfolio_lists_is_not_and_one_that_it_does_not_is(club):
    listed = ", categories: {city: [London, Leeds]}"
    assert check(club, "WHERE", "WHERE city = 'Leeds' AND", listed).warnings == ()
    (warning,) = check(club, "'Leeds'", "'leeds'").warnings
    assert "compares customers.city with 'leeds', which it never is" in warning
    assert warning.endswith("lists London, Leeds. Did you mean 'Leeds'?")


@pytest.mark.parametrize(
    ("condition", "never"),
    [("city LIKE 'L%'", False), ("city LIKE '_eeds'", False), ("STARTS_WITH(city, 'Lon')", False),
     ("city LIKE 'l%'", True), ("city LIKE '%.'", True), ("STARTS_WITH(city, 'lon')", True)],
)  # fmt: skip
def test_a_pattern_that_no_listed_word_fits_is_warned_of(club, condition, never):
    found = check(club, "WHERE", f"WHERE {condition} AND", ", categories: {city: [London, Leeds]}")
    assert ["which it never is" in words for words in found.warnings] == [True] * never


def test_sql_that_makes_every_day_s_rows_is_warned_of(club):
    found = check(club, "WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot", "")
    assert "is refused from the second day on" in found.warnings[0]


def test_a_view_that_cannot_be_made_is_told(club, monkeypatch):
    honest = portfolio_sql.view_queries

    def broken(portfolio, tables):
        return {**honest(portfolio, tables), "top_products": Query("SELECT nothing FROM customers", origin="mine.sql")}

    monkeypatch.setattr(portfolio_sql, "view_queries", broken)
    (fault,) = check(club).faults
    assert fault.startswith('mine.sql: cannot be run. DuckDB says: Referenced column "nothing" not found')
