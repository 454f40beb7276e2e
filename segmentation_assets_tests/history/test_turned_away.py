"""What was rejected, read back for those who say why a customer has no segment, on either engine."""

from datetime import date

import pandas as pd

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.history.turned_away import read_turned_away
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables.frames import to_arrow

BLUEPRINT = draw_blueprint(load_portfolio("insurance"))
FIRST, SECOND = date(2025, 11, 14), date(2025, 11, 15)


def put(warehouse, name, rows):
    table = BLUEPRINT.tables[name]
    frame = pd.DataFrame(rows, columns=table.column_names)
    frame["snapshot_date"] = pd.to_datetime(frame["snapshot_date"]).astype("datetime64[s]")
    warehouse.replace(table, to_arrow(frame, table), FIRST, SECOND)


def test_each_day_has_its_own(new_warehouse):
    """On the first day a product is left, on the second none; policies are never left, and later ones are nobody's."""
    warehouse = new_warehouse()
    put(
        warehouse,
        "rejected_rows",
        [
            (FIRST, "policies", 1, "P1", "future_date: a", "{}", "K1"),
            (FIRST, "products", 1, "R1", "missing_value: b", "{}", None),
            (SECOND, "policies", 1, "P1", "not_a_number: c", "{}", "K1"),
            (SECOND, "policies", 2, "P2", "not_a_number: c; future_date: a", "{}", "K2"),
            (SECOND, "products", 1, "R1", "missing_value: b", "{}", None),
        ],
    )
    put(warehouse, "products", [(FIRST, "R2", "Well", "Health", "Group")])
    put(warehouse, "policies", [])
    found = read_turned_away(BLUEPRINT, warehouse, [FIRST, SECOND])
    assert [dict(found[day].emptied) for day in (FIRST, SECOND)] == [
        {"policies": "its only row (future_date)"},
        {"policies": "all 2 rows (not_a_number)", "products": "its only row (missing_value)"},
    ]
    assert [found[day].codes["policies"].to_dict() for day in (FIRST, SECOND)] == [
        {},
        {"K1": "not_a_number"},
    ]
