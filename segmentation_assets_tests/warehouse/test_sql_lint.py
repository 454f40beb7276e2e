import pytest

from segmentation_assets.warehouse.sql import lint as sql_lint
from segmentation_assets.warehouse.sql.lint import lint_files, lint_sql


@pytest.mark.parametrize(
    ("construct", "remedy"),
    [
        ("APPROX_QUANTILES(x, 100)[OFFSET(50)]", "PERCENTILE_CONT"),
        ("FORMAT('%.1f%%', x)", "CONCAT"),
        ("EXTRACT(DAYOFWEEK FROM d)", "ISOWEEK"),
        ("EXTRACT(WEEK FROM d)", "ISOWEEK"),
        ("DATE_TRUNC(d, WEEK(MONDAY))", "ISOWEEK"),
        ("DATE_TRUNC(d, WEEK)", "ISOWEEK"),
        ("TIMESTAMP_DIFF(a, b, DAY)", "DATE_DIFF"),
        ("TIMESTAMP_DIFF(a, b, MINUTE)", "DATE_DIFF"),
        ("ARRAY_AGG(x ORDER BY x LIMIT 3)", "QUALIFY"),
        ("MEDIAN(x)", "PERCENTILE_CONT"),
        ("CURRENT_DATE()", "snapshot_date"),
        ("CURRENT_DATE", "snapshot_date"),
        ("ANY_VALUE(x)", "MIN or MAX"),
        ("STDDEV(x)", "SUM and AVG"),
        ("VAR_POP(x)", "SUM and AVG"),
        ("CORR(x, y)", "SUM and AVG"),
    ],
)
def test_what_differs_between_engines_or_days_is_refused_with_its_line_and_a_way_out(construct, remedy):
    findings = lint_sql(f"SELECT\n  a,\n  {construct.lower()} AS y\nFROM t\n", "sql/x.sql")
    assert [(f.origin, f.line) for f in findings] == [("sql/x.sql", 3)]
    assert remedy in findings[0].words


@pytest.mark.parametrize(
    "fine",
    [
        "SELECT 'MEDIAN(x)' AS a, `current_date`, t.current_date FROM t -- RAND()",
        "SELECT DATE_TRUNC(d, ISOWEEK) AS w, EXTRACT(ISOWEEK FROM d) AS i, DATE_DIFF(a, b, DAY) AS n FROM t",
        "SELECT ARRAY_AGG(x ORDER BY x) AS a FROM (SELECT x FROM t ORDER BY x LIMIT 3)",
        "SELECT week, format, PERCENTILE_CONT(x, 0.5) OVER () AS m FROM t",
    ],
)
def test_what_agrees_is_let_through(fine):
    assert lint_sql(fine, "sql/x.sql") == []


def test_text_that_is_no_query_is_a_finding():
    assert "is not GoogleSQL" in str(lint_sql("SELECT a FROM", "sql/x.sql")[0])
    assert "must be one SELECT" in str(lint_sql("CREATE TABLE t AS SELECT 1 AS x", "sql/x.sql")[0])


def test_every_file_of_ours_passes():
    assert [str(f) for f in lint_files()] == []


def test_the_command_prints_findings_and_fails(tmp_path, capsys):
    bad = tmp_path / "bad.sql"
    bad.write_text("SELECT MEDIAN(x) AS m FROM t", encoding="utf-8")
    assert sql_lint.main([str(bad)]) == 1
    assert capsys.readouterr().out.startswith(f"{bad}:1: MEDIAN is not known to BigQuery")
    assert sql_lint.main([]) == 0
