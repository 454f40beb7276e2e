"""Who may read what, by Google's rules for policy tags: whoever reads a column needs the right, through a view, too.

"If the view is an authorized view: only the column-level security on the columns in the view's underlying tables
controls the access" (Introduction to column-level access control, Query views). So all columns count that a view reads.
"""

import pytest
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from segmentation_assets.checking.queries import mart_query, view_queries
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.schema import Value
from segmentation_assets.tables import build_tables
from segmentation_assets.warehouse.sql.queries import parse
from segmentation_assets_tests.insurers import INPUT_TABLES

PORTFOLIO = load_portfolio("insurance")
TABLES = build_tables(PORTFOLIO)
VIEWS = view_queries(PORTFOLIO, TABLES)
OF_CUSTOMERS = {"portfolio_joined", "top_customers", "scored_customers", "customer_moves"}
NEED_THE_RIGHT = {"portfolio_joined", "top_customers", "scored_customers"}


def columns_read(query):
    """Return the stored columns that a query reads, in whatever clause, as table.column."""
    schema = {name: {c.name: c.type for c in t.columns} for name, t in TABLES.items() if not t.is_view}
    tree = qualify(parse(query.sql, query.origin), schema=schema, dialect="bigquery")
    found = set()
    for scope in traverse_scope(tree):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                found.add(f"{source.name}.{column.name}")
    return found


def needed_rights(name):
    """Return the tagged columns that whoever selects everything from a table or view reads."""
    if not TABLES[name].is_view:
        return {f"{name}.{c.name}" for c in TABLES[name].columns if c.is_tagged}
    return {source for source in columns_read(VIEWS[name]) if is_tagged(source)}


def is_tagged(source):
    table, _, column = source.partition(".")
    return TABLES[table].column(column).is_tagged


@pytest.mark.parametrize("mart", [t.name for t in TABLES.values() if t.stage == "marts"])
def test_every_mart_that_holds_no_person_is_read_without_fine_grained_rights(mart):
    rights = needed_rights(mart)
    assert bool(rights) == (mart in NEED_THE_RIGHT), rights
    assert ("customer_id" in TABLES[mart].column_names) == (mart in OF_CUSTOMERS)


@pytest.mark.parametrize(
    "name", [t.name for t in TABLES.values() if t.stage in ("segments", "insights", "bookkeeping")]
)
def test_segments_models_and_moves_are_open_to_whoever_may_see_the_dataset(name):
    assert not needed_rights(name)


def test_a_mart_is_a_table_only_where_its_view_would_need_the_right():
    """Of `segment_outcomes` it depends on the portfolio, whose value may be what a person earns."""
    of_persons = PORTFOLIO.model_copy(update={"value": Value(feature="income", label="income", unit="GBP")})
    stored = [t.name for t in TABLES.values() if t.stage == "marts" and not t.is_view]
    assert [name for name in stored if any(map(is_tagged, columns_read(mart_query(name, of_persons))))] == stored
    assert "segment_outcomes" in stored


def test_what_tells_of_a_person_is_tagged_and_the_key_that_stands_for_one_is_not():
    tagged = {name: [c.name for c in t.columns if c.is_tagged] for name, t in TABLES.items()}
    assert tagged["customers"] == [
        c for c in TABLES["customers"].column_names if c not in ("snapshot_date", "customer_id")
    ]
    assert tagged["rejected_rows"] == ["row_key", "reason", "row_json"]
    assert tagged["survey_responses"] == ["comment"]
    assert tagged["policies"] == tagged["claims"] == tagged["customer_segments"] == []
    assert not any("customer_id" in names for names in tagged.values())


@pytest.mark.parametrize("core", [t for t in INPUT_TABLES if "customer_id" in t.column_names], ids=lambda t: t.name)
def test_text_of_a_delivery_about_customers_is_tagged_but_its_keys(core):
    raw = TABLES[f"raw_{core.name}"]
    delivered = set(core.column_names) - {"snapshot_date"}
    keys = {name for name in delivered if name.endswith("_id") and name != "campaign_id"}
    assert {c.name for c in raw.columns if c.is_tagged} == (delivered - keys) | {"other_columns"}


def test_features_made_of_customers_or_declared_personal_are_tagged_wherever_they_are_carried():
    for name in ("customer_features", "labelled_customers"):
        tagged = {c.name for c in TABLES[name].columns if c.is_tagged}
        assert {"age", "city", "occupation", "income"} <= tagged
        assert not tagged & {"total_premium", "tenure_years", "main_product_type", "segment_name", "customer_id"}
