"""What a query's columns are made of, beside sqlglot's own lineage, which tells conditions and orders as well."""

import pytest
from sqlglot import exp
from sqlglot.lineage import lineage

from segmentation_assets.checking.marts import tables_of
from segmentation_assets.checking.queries import (
    checked_feature_query,
    stored_mart_queries,
    view_queries,
)
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.warehouse.sql.lineage import lineage_of
from segmentation_assets.warehouse.sql.queries import parse

PORTFOLIO = load_portfolio("insurance")
TABLES = tables_of(PORTFOLIO)
QUERIES = {
    "customer_features": checked_feature_query(PORTFOLIO),
    **stored_mart_queries(PORTFOLIO, TABLES),
    **view_queries(PORTFOLIO, TABLES),
}
SCHEMA = {table.name: {column.name: column.type for column in table.columns} for table in TABLES.values()}


def behind(sql):
    found = lineage_of(parse(sql, "a test"), TABLES)
    return {name: " ".join(map(str, origins)) for name, origins in found.items()}


@pytest.mark.parametrize("name", QUERIES)
def test_what_it_tells_is_what_sqlglot_finds_and_the_keys_of_rows_that_are_counted(name):
    query = QUERIES[name]
    found = lineage_of(parse(query.sql, query.origin), TABLES)
    assert list(found) == TABLES[name].column_names
    theirs = lineage(None, query.sql, SCHEMA, dialect="bigquery", trim_selects=False)
    for column, origins in found.items():
        nodes = list(theirs[column].walk())
        leaves = {
            f"{node.expression.name}.{node.name.rpartition('.')[2].strip(chr(34))}"
            for node in nodes
            if isinstance(node.expression, exp.Table)
        }
        if any(isinstance(count.this, exp.Star) for node in nodes for count in node.expression.find_all(exp.Count)):
            leaves |= {f"{table.name}.{key}" for table in TABLES.values() for key in table.key_columns}
        assert {str(origin) for origin in origins} <= leaves, f"{name}.{column}"


@pytest.mark.parametrize("name", QUERIES)
def test_every_column_but_a_constant_comes_from_somewhere(name):
    query = QUERIES[name]
    found = lineage_of(parse(query.sql, query.origin), TABLES)
    empty = {column for column, origins in found.items() if not origins}
    assert empty <= {"preferences_by_segment": {"preference"}, "scored_customers": {"lens"}}.get(name, set())
    for origins in found.values():
        assert all(origin.column in TABLES[origin.table].column_names for origin in origins)


@pytest.mark.parametrize(
    ("mart", "column", "sources"),
    [
        ("premium_by_city", "total_premium", "policies.premium"),  # not whether the row is small
        ("premium_by_city", "city", "customers.city"),  # not how many share it
        ("premium_by_city", "n_customers", "customers.customer_id"),
        ("premium_by_segment", "n_policies", "policies.policy_id"),
        ("overall_stat", "in_force_premium", "policies.lapse_date policies.premium policies.snapshot_date"),
        ("product_popularity", "n_policies", "policies.policy_id"),  # COUNT(*)
        ("churn_by_products_and_city", "n_customers", "policies.customer_id"),  # COUNT(*) of grouped rows
        ("segment_outcomes", "total_value", "customer_features.total_premium"),  # what the portfolio calls value
        ("customer_features", "age", "customers.age"),
        ("top_customers", "premium_rank", "policies.customer_id policies.premium"),
        ("migration_matrix", "n_customers", "segment_migration.n_customers"),
    ],
)
def test_of_packaged_sql(mart, column, sources):
    assert behind(QUERIES[mart].sql)[column] == sources


@pytest.mark.parametrize(
    ("sql", "column", "sources"),
    [
        ("SELECT Age AS n FROM customers", "n", "customers.Age"),
        ("SELECT c.* FROM customers AS c CROSS JOIN policies", "city", "customers.city"),
        ("SELECT * EXCEPT (age) FROM (SELECT age, city AS town FROM customers)", "town", "customers.city"),
        (
            "SELECT age AS a FROM customers UNION ALL SELECT premium FROM policies",
            "a",
            "customers.age policies.premium",
        ),
        ("WITH w AS (SELECT city AS x FROM customers) SELECT MAX(X) AS m FROM w AS v", "m", "customers.city"),
        (
            "SELECT CASE age WHEN 1 THEN city ELSE gender END AS x FROM customers",
            "x",
            "customers.city customers.gender",
        ),
        ("SELECT IF(age > 40, 'old', 'young') AS x FROM customers", "x", "customers.age"),
        ("SELECT IF(age > 40, city, NULL) AS x FROM customers", "x", "customers.city"),
        ("SELECT SUM(IF(age > 40, income, 0)) AS x FROM customers", "x", "customers.age customers.income"),
        ("SELECT RANK() OVER (PARTITION BY city ORDER BY income) AS x FROM customers", "x", "customers.income"),
        ("SELECT SUM(income) OVER (PARTITION BY city ORDER BY age) AS x FROM customers", "x", "customers.income"),
        ("SELECT COUNT(*) AS n FROM policies AS p JOIN customers AS c USING (customer_id)", "n", "policies.policy_id"),
        ("SELECT COUNT(*) AS n FROM (SELECT city FROM customers GROUP BY city)", "n", "customers.city"),
        ("SELECT (SELECT MAX(premium) FROM policies) AS x FROM customers", "x", "policies.premium"),
        (
            "SELECT (SELECT MAX(c.age + p.premium) FROM policies AS p) AS x FROM customers AS c",
            "x",
            "customers.age policies.premium",
        ),
        ("SELECT part FROM customers, UNNEST(SPLIT(city, ' ')) AS part", "part", "customers.city"),
        ("SELECT STRING_AGG(city ORDER BY age LIMIT 1) AS x FROM customers", "x", "customers.age customers.city"),
        (
            "WITH RECURSIVE r AS (SELECT age FROM customers UNION ALL SELECT age + 1 FROM r) SELECT age AS x FROM r",
            "x",
            "customers.age",
        ),
        ("SELECT other.thing AS x FROM other JOIN customers ON TRUE", "x", "other.thing"),
        ("SELECT thing AS x FROM other JOIN customers ON TRUE", "x", "other.thing"),
        ("SELECT 'a' AS x FROM customers WHERE age > 3", "x", ""),
    ],
)
def test_of_sql_of_another_shape(sql, column, sources):
    assert behind(sql)[column] == sources
