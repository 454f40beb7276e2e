"""SQL compares columns of input tables with listed categories only: any other word depends on who typed it."""

import pytest

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import build_tables
from segmentation_assets.warehouse.sql.queries import sql_files, sql_folder
from segmentation_assets_tests.insurers import INPUT_TABLES
from segmentation_assets_tests.marts.compared_words import compared_words

PORTFOLIO = load_portfolio("insurance")
SCHEMA = {
    name: {column.name: column.type for column in table.columns} for name, table in build_tables(PORTFOLIO).items()
}


def not_listed(sql: str) -> set[tuple[str, str, str]]:
    """Return the comparisons with words that the portfolio does not list for their column."""
    inputs = {table.name for table in INPUT_TABLES}
    return {
        (table, column, word)
        for table, column, word in compared_words(sql, SCHEMA)
        if table in inputs and word not in PORTFOLIO.sources[table].categories.get(column, [])
    }


@pytest.mark.parametrize("path", sql_files(), ids=lambda path: path.relative_to(sql_folder()).as_posix())
def test_packaged_sql_compares_input_columns_with_listed_words_only(path):
    assert not_listed(path.read_text(encoding="utf-8")) == set()


def test_the_features_compare_what_they_do():
    found = compared_words((sql_folder() / "features/insurance/customer_features.sql").read_text(), SCHEMA)
    assert found == {
        *(("interactions", "interaction_type", word) for word in ("visit", "call", "email", "text", "complaint")),
        ("interactions", "interaction_type", "payment"),
        *(
            ("survey_responses", "question", word)
            for word in ("risk_appetite", "price_sensitivity", "digital_affinity", "brand_loyalty")
        ),
    }


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT COUNTIF(status = 'Paid') AS n FROM claims", {("claims", "status", "Paid")}),
        ("SELECT COUNTIF(status = 'paid') AS n FROM claims", set()),
        ("SELECT 1 AS n FROM outreach AS o WHERE 'email' != o.channel", {("outreach", "channel", "email")}),
        ("SELECT city IN ('London', 'York') AS n FROM customers",
         {("customers", "city", "London"), ("customers", "city", "York")}),
        ("SELECT CASE category WHEN 'family' THEN 1 END AS n FROM products", {("products", "category", "family")}),
        ("WITH a AS (SELECT LOWER(question) AS q FROM survey_responses) SELECT MAX(IF(q = 'nps', 1, 0)) AS n FROM a",
         {("survey_responses", "question", "nps")}),
        ("SELECT 1 AS n FROM (SELECT r FROM (SELECT question AS r FROM survey_responses)) WHERE r = 'nps'",
         {("survey_responses", "question", "nps")}),
        ("WITH a AS (SELECT city AS c FROM customers UNION ALL SELECT channel FROM outreach) SELECT c = 'App' FROM a",
         {("customers", "city", "App"), ("outreach", "channel", "App")}),
        # What a query says itself is nobody's typing.
        ("WITH a AS (SELECT IF(city = city, 'yes', 'no') AS c FROM customers) SELECT 1 AS n FROM a WHERE c = 'yes'",
         set()),
    ],
)  # fmt: skip
def test_a_word_that_is_not_listed_is_found_wherever_it_hides(sql, found):
    assert not_listed(sql) == found
