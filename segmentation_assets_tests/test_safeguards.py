"""What is not put into a warehouse that holds something else, on either engine."""

from datetime import date

import pyarrow as pa
import pytest

from segmentation_assets.errors import NoDataError, SettingsError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.sources import Synthetic
from segmentation_assets.safeguards import refuse_made_up_days, refuse_other_portfolio, refuse_pretence
from segmentation_assets.sources import SyntheticSource
from segmentation_assets.tables.frames import arrow_schema
from segmentation_assets.tables.raw import raw_table
from segmentation_assets.warehouse.ledger import LEDGER, Provenance

INSURANCE = load_portfolio("insurance")
FIRST, SECOND = date(2025, 11, 14), date(2025, 11, 15)
CUSTOMERS, POLICIES = (raw_table(table) for table in INSURANCE.input_tables if table.name in {"customers", "policies"})
STANDS_IN = SyntheticSource(Synthetic(), date(2024, 1, 1))
ASKED_FOR = SyntheticSource(Synthetic(), date(2024, 1, 1), is_asked_for=True)


def put(warehouse, table, day, source, *, n_rows=2, portfolio=None):
    columns = {"snapshot_date": [day] * n_rows, "source_row": list(range(n_rows)), "source": [source] * n_rows}
    blank = {name: pa.nulls(n_rows) for name in table.column_names if name not in columns}
    rows = pa.table({**columns, **blank}).select(table.column_names).cast(arrow_schema(table), safe=False)
    warehouse.replace(table, rows, day, day, Provenance(portfolio=portfolio))


def test_made_up_customers_do_not_stand_in_beside_delivered_ones(new_warehouse):
    warehouse = new_warehouse()
    refuse_pretence(STANDS_IN, warehouse, INSURANCE)  # nothing is there yet
    put(warehouse, CUSTOMERS, FIRST, "synthetic insurer (4000 customers, seed 7)")
    put(warehouse, POLICIES, FIRST, None, n_rows=0)
    refuse_pretence(STANDS_IN, warehouse, INSURANCE)  # made up over made up
    put(warehouse, POLICIES, SECOND, "sales.csv (Windows-1252)", n_rows=3)
    with pytest.raises(NoDataError) as told:
        refuse_pretence(STANDS_IN, warehouse, INSURANCE)
    said = str(told.value)
    assert f"{warehouse.address('raw_policies')} holds 3 rows of 2025-11-15" in said
    assert "(sales.csv (Windows-1252))" in said
    assert "--data" in said
    assert "--synthetic" in said
    refuse_pretence(ASKED_FOR, warehouse, INSURANCE)
    refuse_pretence(object(), warehouse, INSURANCE)  # any other source


def test_delivered_customers_are_not_put_beside_made_up_days_but_in_their_place(new_warehouse):
    warehouse, delivered = new_warehouse(), object()
    refuse_made_up_days(delivered, warehouse, INSURANCE, [SECOND])  # nothing is there yet
    put(warehouse, CUSTOMERS, FIRST, "synthetic insurer (4000 customers, seed 7)")
    put(warehouse, CUSTOMERS, SECOND, "customers.csv")
    refuse_made_up_days(STANDS_IN, warehouse, INSURANCE, [SECOND])
    refuse_made_up_days(delivered, warehouse, INSURANCE, [FIRST, SECOND])
    with pytest.raises(NoDataError) as told:
        refuse_made_up_days(delivered, warehouse, INSURANCE, [SECOND])
    assert "the synthetic company of 2025-11-14, and" in str(told.value)
    assert "SEGMENTATION_DUCKDB_PATH" in str(told.value)


def test_a_warehouse_knows_whose_it_is(new_warehouse):
    warehouse, ours = new_warehouse(), load_portfolio("insurance")
    refuse_other_portfolio(warehouse, ours)
    put(warehouse, CUSTOMERS, FIRST, "customers.csv")  # by hand, or by a release that did not write the name down
    refuse_other_portfolio(warehouse, ours)
    put(warehouse, CUSTOMERS, SECOND, "customers.csv", portfolio="bank")
    with pytest.raises(SettingsError) as told:
        refuse_other_portfolio(warehouse, ours)
    assert "holds the portfolio bank, and insurance is asked for" in str(told.value)
    assert "--portfolio" in str(told.value)
    refuse_other_portfolio(warehouse, ours.model_copy(update={"name": "bank"}))


def test_a_ledger_of_an_earlier_release_is_read_and_written(new_warehouse):
    warehouse, ours = new_warehouse(), load_portfolio("insurance")
    put(warehouse, CUSTOMERS, FIRST, "customers.csv")
    drop = f"ALTER TABLE {LEDGER.name} DROP COLUMN portfolio"
    if warehouse.kind == "duckdb":
        with warehouse.file.writing() as connection:
            connection.execute(drop.replace(LEDGER.name, f"{warehouse.dataset}.{LEDGER.name}"))
    else:
        warehouse.jobs.run(drop.replace(LEDGER.name, warehouse.tables.address(LEDGER.name)))
        warehouse = new_warehouse(dataset=warehouse.place.dataset)  # another process, which knows of nothing prepared
    assert [partition.portfolio for partition in warehouse.ledger()] == [None]
    refuse_other_portfolio(warehouse, ours)
    put(warehouse, CUSTOMERS, SECOND, "customers.csv", portfolio="bank")
    assert [partition.portfolio for partition in warehouse.ledger()] == [None, "bank"]
