"""How a filter on a view's day gets to the tables behind it."""

import pytest

from segmentation_assets.warehouse.sql.queries import parse
from segmentation_assets.warehouse.sql.view_reach import reach


@pytest.mark.parametrize(
    ("sql", "ways"),
    [
        ("SELECT snapshot_date, x FROM a", {"a": "named"}),
        ("SELECT snapshot_date, SUM(x) AS x FROM a GROUP BY snapshot_date", {"a": "named"}),
        (
            "WITH x AS (SELECT snapshot_date, y FROM a), z AS (SELECT *, y > 1 AS w FROM x) SELECT * FROM z",
            {"a": "named"},
        ),
        ("WITH x AS (SELECT 1 AS snapshot_date, y FROM a) SELECT *, 1 AS z FROM x", {"a": "never"}),
        ("SELECT * FROM a JOIN b ON a.y = b.y", {"a": "never", "b": "never"}),
        ("SELECT DISTINCT snapshot_date FROM (SELECT * EXCEPT (y), snapshot_date FROM a)", {"a": "named"}),
        ("SELECT snapshot_date FROM a UNION ALL SELECT snapshot_date FROM b", {"a": "named", "b": "named"}),
        ("SELECT snapshot_date FROM a UNION ALL SELECT day AS snapshot_date FROM b", {"a": "named", "b": "never"}),
        ("WITH t AS (SELECT snapshot_date AS d FROM a) SELECT d AS snapshot_date FROM t", {"a": "named"}),
        ("SELECT snapshot_date, SUM(x) OVER (PARTITION BY snapshot_date, y) AS x FROM a", {"a": "window"}),
        ("SELECT snapshot_date, SUM(x) OVER w AS x FROM a WINDOW w AS (PARTITION BY snapshot_date)", {"a": "window"}),
        ("SELECT snapshot_date, LAG(x) OVER (PARTITION BY y ORDER BY snapshot_date) AS x FROM a", {"a": "never"}),
        ("SELECT snapshot_date FROM a QUALIFY ROW_NUMBER() OVER (ORDER BY x) = 1", {"a": "never"}),
        ("SELECT MAX(snapshot_date) AS snapshot_date FROM a", {"a": "never"}),
        ("SELECT DATE_ADD(snapshot_date, INTERVAL 1 DAY) AS snapshot_date FROM a", {"a": "never"}),
        ("SELECT snapshot_date FROM a ORDER BY x LIMIT 3", {"a": "never"}),
        (
            "SELECT a.snapshot_date FROM a JOIN b ON b.snapshot_date = a.snapshot_date JOIN c ON c.x = a.x",
            {"a": "named", "b": "join", "c": "never"},
        ),
        (
            "SELECT a.snapshot_date FROM a LEFT JOIN (SELECT snapshot_date AS d FROM b) AS b ON b.d = a.snapshot_date",
            {"a": "named", "b": "join"},
        ),
        ("SELECT b.snapshot_date FROM a LEFT JOIN b ON b.snapshot_date = a.snapshot_date", {"a": "join", "b": "join"}),
        ("SELECT a.snapshot_date FROM a JOIN b ON b.snapshot_date = a.before", {"a": "named", "b": "never"}),
        ("SELECT a.snapshot_date FROM a JOIN a AS e ON e.snapshot_date = a.before", {"a": "never"}),  # the worst counts
        ("SELECT snapshot_date FROM a WHERE x IN (SELECT x FROM b)", {"a": "named", "b": "never"}),
    ],
)
def test_the_way_of_a_filter(sql, ways):
    assert reach(parse(sql, "a view")) == ways
