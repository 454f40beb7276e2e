"""Which marts a portfolio has, one of its own made by the real graph, and what is refused at load, with its place."""

from pathlib import Path

import pytest

from segmentation_assets.checking.marts import tables_of
from segmentation_assets.definitions import build_definitions
from segmentation_assets.errors import PortfolioError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import read_settings
from segmentation_assets.tables.marts import kind_of, packaged_marts
from segmentation_assets_tests.club import FIRST, SECOND, found_club
from segmentation_assets_tests.conftest import graph_on

OF_ANYONE = {name for name in packaged_marts() if not kind_of(name)}
SQL = """SELECT l.snapshot_date, l.segment_name, COUNT(*) AS n_members, SUM(f.income) AS income, MIN(f.age) AS from_age
FROM labelled_customers AS l
INNER JOIN customer_features AS f ON f.snapshot_date = l.snapshot_date AND f.customer_id = l.customer_id
GROUP BY l.snapshot_date, l.segment_name
HAVING COUNT(*) >= @min_group_size
"""
DECLARED = """marts:
  members_by_segment:
    description: How many members a segment has, and their income.
    key: [segment_name]
    columns: {segment_name: The segment., n_members: Its members., income: Their income., from_age: The youngest.}
    units: {n_members: members, income: EUR}
    unit_of_row: segment
"""


@pytest.fixture
def club(tmp_path):
    """A function that writes the club with a mart of its own, changed as told, and returns the portfolio's path."""

    def found(sql=SQL, declared=DECLARED, file="members_by_segment.sql"):
        path = found_club(tmp_path)
        add(path, declared)
        (tmp_path / "marts").mkdir(exist_ok=True)
        (tmp_path / "marts" / file).write_text(sql)
        return path

    return found


def add(path, text):
    Path(path).write_text(Path(path).read_text() + text)


def marts_of(path):
    return {name for name, table in tables_of(load_portfolio(path)).items() if table.stage == "marts"}


def refused(path):
    with pytest.raises(PortfolioError) as error:
        build_definitions(read_settings(portfolio=path))
    return str(error.value)


def test_an_insurer_has_all_and_a_club_is_shown_no_premium(tmp_path):
    assert marts_of("insurance") == set(packaged_marts())
    assert marts_of(found_club(tmp_path)) == OF_ANYONE


def test_who_delivers_policies_has_the_marts_of_an_insurer_whose_tables_are_all_there(tmp_path):
    path = found_club(tmp_path)
    text = (tmp_path / "club.yaml").read_text()
    policies = "members.csv}\n  policies: {csv: p.csv}"
    (tmp_path / "club.yaml").write_text(text.replace("members.csv}", policies))
    without_products = marts_of(path)
    assert {"premium_by_segment", "preferences_by_segment"} <= without_products
    assert not {"product_popularity", "top_products"} & without_products
    (tmp_path / "club.yaml").write_text(text.replace("members.csv}", f"{policies}\n  products: {{csv: r.csv}}"))
    assert marts_of(path) == set(packaged_marts())


def test_a_mart_of_ones_own_is_made_for_every_day_with_the_types_of_its_sql(club, tmp_path):
    path = club()
    mart = tables_of(load_portfolio(path))["members_by_segment"]
    assert [(c.name, c.type, c.unit) for c in mart.columns] == [
        ("snapshot_date", "DATE", ""), ("segment_name", "STRING", ""), ("n_members", "INT64", "members"),
        ("income", "FLOAT64", "EUR"), ("from_age", "FLOAT64", ""),
    ]  # fmt: skip
    graph = graph_on(tmp_path, tmp_path, path)
    for day in (FIRST, SECOND):
        assert graph.run(day).success
        made, members = graph.table("members_by_segment", day), graph.table("labelled_customers", day)
        counted = members.groupby("segment_name").size()
        assert made.set_index("segment_name")["n_members"].to_dict() == counted[counted >= 20].to_dict()
        assert made["income"].sum() == pytest.approx(members["income"].sum())
    assert len(graph.table("segment_outcomes", SECOND)) == members["segment_name"].nunique()


def test_what_it_hands_on_of_a_person_stays_marked(club):
    columns = "{customer_id: Who., city: Where., n: One.}"
    declared = f"marts:\n  members_by_segment: {{description: D., key: [customer_id], columns: {columns}}}\n"
    path = club("SELECT snapshot_date, customer_id, city, 1 AS n FROM customers", declared)
    mart = tables_of(load_portfolio(path))["members_by_segment"]
    assert mart.column("customer_id").is_personal
    assert mart.column("city").is_tagged
    assert not mart.column("n").is_personal


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("SELECT l.snapshot_date, ", "SELECT "), "members_by_segment.sql: lacks snapshot_date"),
        (("l.snapshot_date,", "CAST(l.snapshot_date AS STRING) AS snapshot_date,"), "gives snapshot_date as STRING"),
        (("l.segment_name, COUNT", "COUNT"), "members_by_segment.sql: lacks segment_name"),
        (("SUM(f.income)", "SUM(f.premium)"), "members_by_segment.sql:1: f.premium is not there"),
        (("customer_features AS f", "policies AS f"), "members_by_segment.sql:3: reads policies"),
        (("customer_features AS f", "segment_outcomes AS f"), "reads segment_outcomes, and there is no such"),
        (("AS from_age", "AS youngest"), "gives youngest, which marts.members_by_segment.columns does not declare"),
        (("MIN(f.age)", "[1]"), "make it one of STRING"),
        (("MIN(f.age)", "RAND()"), "members_by_segment.sql:1: RAND differs at every run"),
        (("FROM labelled_customers AS l", "FROM read_csv('/etc/passwd') AS l"), "read_csv"),
        (("FROM labelled_customers AS l", "FROM `/etc/passwd` AS l"), "/etc/passwd"),
        (("SELECT l.", "DELETE FROM customers; SELECT l."), "must be one SELECT"),
        (("SELECT l.", "CREATE TABLE x AS SELECT l."), "must be one SELECT"),
        (("@min_group_size", "@min_size"), "uses @min_size"),
        (("MIN(f.age)", "NOT_A_FUNCTION(f.age)"), "cannot be run"),
    ],
)  # fmt: skip
def test_sql_that_cannot_be_right_is_told_at_load(club, changed, told):
    assert changed[0] in SQL
    message = refused(club(SQL.replace(*changed, 1)))
    assert told in message
    assert "marts/members_by_segment.sql" in message


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("members_by_segment:", "customers:"), "marts.customers has the name of a table"),
        (("members_by_segment:", "premium_by_city:"), "marts.premium_by_city has the name of a table"),
        (("key: [segment_name]", "key: [segment]"), "marts.members_by_segment.key[0] names 'segment'"),
        (("key: [segment_name]", "key: [segment_name, segment_name]"), "key names a column twice"),
        (("key: [segment_name]", "key: []"), "marts.members_by_segment.key"),
        (("    key: [segment_name]\n", ""), "marts.members_by_segment lacks the key 'key'"),
        (("{segment_name: The", "{snapshot_date: D., segment_name: The"), "is the first column of every mart"),
        (("income: EUR}", "incomes: EUR}"), "marts.members_by_segment.units.incomes names 'incomes'"),
        (("marts:\n", "marts:\n  members_by_segment: {}\n"), "stands twice"),
    ],
)
def test_a_declaration_that_cannot_hold_is_told_at_load(club, changed, told):
    assert changed[0] in DECLARED
    assert told in refused(club(declared=DECLARED.replace(*changed)))


def test_the_name_of_the_ledger_is_taken(club):
    declared = DECLARED.replace("members_by_segment:", "partition_ledger:")
    message = refused(club(declared=declared, file="partition_ledger.sql"))
    assert "marts.partition_ledger has the name of the table" in message


def test_sql_and_declaration_need_each_other(club, tmp_path):
    path = club()
    file = tmp_path / "marts" / "members_by_segment.sql"
    file.unlink()
    assert "there is no marts/members_by_segment.sql beside it" in refused(path)
    file.write_text(SQL)
    message = refused(club(declared=""))
    assert "marts/members_by_segment.sql is a mart that the portfolio does not declare" in message


def test_a_folder_or_a_file_that_is_a_link_out_is_not_followed(club, tmp_path):
    path = club()
    outside = tmp_path.parent / f"{tmp_path.name}_outside"
    (tmp_path / "marts").rename(outside)
    (tmp_path / "marts").symlink_to(outside)
    assert "leads out of the portfolio's folder" in refused(path)
