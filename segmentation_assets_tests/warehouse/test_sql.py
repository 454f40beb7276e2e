"""The feature query worked by hand, and what transpiling must not change."""

from datetime import date

import pytest

from segmentation_assets.errors import WarehouseError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import build_tables
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.interface import Query
from segmentation_assets.warehouse.sql.queries import load_query, sql_files, transpile, with_days
from segmentation_assets_tests.warehouse.conftest import MONDAY, TUESDAY, VISITS, rows

TABLES = build_tables(load_portfolio("insurance"))
FEATURES = "features/insurance/customer_features.sql"
INPUTS = {
    "customers": [
        {"customer_id": "ann", "age": 40, "income": 50_000.0, "marital_status": "Married", "city": "London"},
        {"customer_id": "bob", "age": 25, "income": None, "marital_status": None},
        {"customer_id": "cat", "age": 70, "income": 10.0},
    ],
    "products": [
        {"product_id": "h", "product_name": "Health Plus", "product_type": "Health"},
        {"product_id": "l", "product_name": "Life Long", "product_type": "Life"},
    ],
    "policies": [
        # Ann: 730 days are 2.00 years, 100 days are 0.27; 200 / 10000 and 100 / 2000 are 2 % and 5 %.
        {"policy_id": "1", "customer_id": "ann", "product_id": "h", "premium": 200.0, "coverage": 10_000.0,
         "purchase_date": date(2023, 11, 18)},
        {"policy_id": "2", "customer_id": "ann", "product_id": "l", "premium": 100.0, "coverage": 2_000.0,
         "purchase_date": date(2025, 8, 9), "lapse_date": date(2025, 11, 17)},
        # Bob: two kinds of product with equal premium; the first in the alphabet is the main one. Both have lapsed.
        {"policy_id": "3", "customer_id": "bob", "product_id": "l", "premium": 50.0, "coverage": 100.0,
         "purchase_date": date(2025, 11, 17), "lapse_date": date(2025, 11, 17)},
        {"policy_id": "4", "customer_id": "bob", "product_id": "h", "premium": 50.0, "coverage": 100.0,
         "purchase_date": date(2025, 11, 17), "lapse_date": date(2025, 11, 1)},
    ],
    "claims": [
        # A year before 17 November 2025 is 17 November 2024, and that day itself is out.
        {"claim_id": "1", "policy_id": "1", "customer_id": "ann", "amount": 1.0, "claim_date": date(2024, 11, 17)},
        {"claim_id": "2", "policy_id": "1", "customer_id": "ann", "amount": 1.0, "claim_date": date(2024, 11, 18)},
    ],
    "interactions": [
        {"interaction_id": str(number), "customer_id": "ann", "interaction_date": MONDAY, **rest}
        for number, rest in enumerate(
            [
                {"interaction_type": "visit"},
                {"interaction_type": "call"},
                {"interaction_type": "complaint"},
                {"interaction_type": "payment", "days_late": 3},
                {"interaction_type": "payment", "days_late": 0},
                {"interaction_type": "payment", "days_late": None},
            ]
        )
    ],
    "survey_responses": [
        {"response_id": "1", "customer_id": "ann", "survey_date": date(2025, 1, 1), "question": "risk_appetite",
         "answer": 1},
        {"response_id": "2", "customer_id": "ann", "survey_date": date(2025, 6, 1), "question": "risk_appetite",
         "answer": 4},
        {"response_id": "3", "customer_id": "ann", "survey_date": date(2025, 7, 1), "question": "risk_appetite",
         "answer": None},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    """The features of Monday, with every input, and of Tuesday, with customers and policies that never lapsed."""
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("sql") / "w.duckdb", "segmentation")
    for name, records in INPUTS.items():
        table = TABLES[name]
        warehouse.replace(table, rows(table, *records), MONDAY, MONDAY)
        bare = [{k: v for k, v in r.items() if k != "lapse_date"} for r in records if name in ("customers", "policies")]
        warehouse.replace(table, rows(table, *bare, day_=TUESDAY), TUESDAY, TUESDAY)
    table = TABLES["customer_features"]
    warehouse.replace(table, load_query(FEATURES, first_snapshot=MONDAY, last_snapshot=TUESDAY), MONDAY, TUESDAY)
    read = warehouse.read(table, MONDAY, TUESDAY).to_pylist()
    return {(row["snapshot_date"], row["customer_id"]): row for row in read}


def pick(row, *names):
    return tuple(row[name] for name in names)


def test_every_customer_has_one_row_a_snapshot(features):
    assert sorted(features) == [(day, who) for day in (MONDAY, TUESDAY) for who in ("ann", "bob", "cat")]


def test_policy_features_by_hand(features):
    ann = features[MONDAY, "ann"]
    assert pick(ann, "age", "income", "marital_status", "city") == (40.0, 50_000.0, "Married", "London")
    assert ann["tenure_years"] == pytest.approx((2.0 + 0.27) / 2)
    assert ann["premium_to_coverage"] == pytest.approx((2 + 5) / 2)
    assert pick(ann, "n_policies", "total_premium", "total_coverage") == (2.0, 300.0, 12_000.0)
    assert pick(ann, "main_product_type", "policy_status") == ("Health", "active")


def test_equal_premiums_and_lapses_by_hand(features):
    bob = features[MONDAY, "bob"]
    assert pick(bob, "tenure_years", "main_product_type", "policy_status") == (0.0, "Health", "lapsed")


def test_a_customer_without_policies_stays_with_nulls(features):
    cat = features[MONDAY, "cat"]
    assert pick(cat, "tenure_years", "premium_to_coverage", "main_product_type", "policy_status") == (None,) * 4
    assert pick(cat, "n_policies", "total_premium", "total_coverage") == (0.0, 0.0, 0.0)


def test_claims_contacts_and_answers_by_hand(features):
    ann, cat = features[MONDAY, "ann"], features[MONDAY, "cat"]
    names = ("claims_per_year", "visits_per_year", "calls_per_year", "late_payment_share")
    assert pick(ann, *names) == (1.0, 1.0, 2.0, pytest.approx(1 / 3))
    assert pick(cat, *names) == (0.0, 0.0, 0.0, 0.0)
    assert pick(ann, "risk_appetite", "price_sensitivity") == (4.0, None)


def test_what_was_not_delivered_is_null_and_not_zero(features):
    names = ("claims_per_year", "visits_per_year", "late_payment_share", "policy_status", "risk_appetite")
    assert pick(features[TUESDAY, "ann"], *names) == (None,) * 5
    assert features[TUESDAY, "bob"]["tenure_years"] == 0.0
    assert features[TUESDAY, "ann"]["tenure_years"] == pytest.approx((2.0 + 0.28) / 2)


@pytest.mark.parametrize(
    ("googlesql", "answer"),
    [
        ("1 / 2", 0.5),
        ("DIV(7, 2)", 3),
        ("SAFE_DIVIDE(1, 0)", None),
        ("SAFE.PARSE_DATE('%y%m%d', '950324')", date(1995, 3, 24)),
        ("SAFE.PARSE_DATE('%y%m%d', 'soon')", None),
        ("MAX(SAFE.PARSE_DATE('%d.%m.%Y', IF(guests > 2, '', '24.3.1995')))", None),
        ("DATE_DIFF(DATE '2025-11-17', DATE '2025-11-10', DAY)", 7),
        ("DATE_DIFF(DATE '2025-01-01', DATE '2024-12-31', YEAR)", 1),
        ("DATE_SUB(DATE '2024-02-29', INTERVAL 1 YEAR)", date(2023, 2, 28)),
        ("DATE_TRUNC(DATE '2025-11-16', ISOWEEK)", date(2025, 11, 10)),
        ("DATE_ADD(DATE_TRUNC(DATE '2025-11-16', MONTH), INTERVAL 1 MONTH)", date(2025, 12, 1)),
        ("SUM(guests)", 3),
        ("COUNTIF(guests > 2)", 1),
        ("ROUND(2.5)", 3.0),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("1.5e1", 15.0),
        ("'0.5'", "0.5"),
        ("PERCENTILE_CONT(guests, 0.5) OVER ()", 3.0),
        ("IF(NULL, 1, 2)", 2),
        ("'a' || NULL", None),
        ("@day", date(2025, 11, 17)),
    ],
)
def test_expressions_mean_what_bigquery_says(warehouse, googlesql, answer):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a", "guests": 3}), MONDAY, MONDAY)
    query = Query(f"SELECT {googlesql} AS x FROM visits", {"day": MONDAY})
    found = warehouse.query(query).to_pylist()[0]["x"]
    assert found == answer
    assert type(found) is type(answer)


def test_nulls_sort_first_and_a_common_table_hides_one_of_ours(warehouse):
    warehouse.replace(VISITS, rows(VISITS, {"visit_id": "a"}, {"visit_id": "b", "guests": 1}), MONDAY, MONDAY)
    query = Query("WITH visits AS (SELECT v.guests AS n FROM visits AS v) SELECT n FROM visits ORDER BY n")
    assert warehouse.query(query).to_pylist() == [{"n": None}, {"n": 1}]


def test_tables_are_qualified_and_parameters_found():
    sql, parameters = transpile("SELECT a FROM t WHERE d BETWEEN @first AND @last", "x", "duckdb", "ds")
    assert sql == "SELECT a FROM ds.t AS t WHERE d BETWEEN $first AND $last"
    assert parameters == {"first", "last"}


def test_an_unknown_file_is_an_error_with_the_choices(tmp_path):
    with pytest.raises(WarehouseError, match=r"no sql/features/insurance/customer_feature.sql; there are .* Did you"):
        load_query("features/insurance/customer_feature.sql")
    with pytest.raises(WarehouseError, match=r"There is no SQL file .*mine.sql"):
        load_query(tmp_path / "mine.sql")


def test_a_portfolio_may_bring_its_own_file(tmp_path):
    mine = tmp_path / "mine.sql"
    mine.write_text("SELECT @first_snapshot AS day", encoding="utf-8")
    assert load_query(mine, first_snapshot=MONDAY).params == {"first_snapshot": MONDAY}


def test_every_file_parses():
    names = [path.stem for path in sql_files()]
    assert "customer_features" in names
    for path in sql_files():
        transpile(path.read_text(encoding="utf-8"), str(path), "duckdb", "segmentation")


def test_days_are_written_out_where_they_are_parameters_and_nowhere_else():
    sql = "SELECT '@day', `@day`, r'@day', @days, @day + 1 FROM t WHERE d=@day AND e BETWEEN @last AND @day"
    assert with_days(sql, {"day": date(2025, 11, 17), "last": date(2025, 11, 18)}) == (
        "SELECT '@day', `@day`, r'@day', @days, DATE '2025-11-17' + 1 FROM t WHERE d=DATE '2025-11-17' "
        "AND e BETWEEN DATE '2025-11-18' AND DATE '2025-11-17'"
    )
