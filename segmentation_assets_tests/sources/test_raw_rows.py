import json

import pyarrow as pa
import pytest

from segmentation_assets.cleaning.rejected.rows import malformed_rows
from segmentation_assets.portfolio import TableSource
from segmentation_assets.sources.csv.parsing import parse
from segmentation_assets.sources.delivery import Delivery
from segmentation_assets.sources.raw_rows import empty_raw, to_raw
from segmentation_assets.tables.frames import conform
from segmentation_assets.tables.raw import raw_table
from segmentation_assets_tests.sources.conftest import AS_OF, TABLES, as_frame

PRODUCTS = TABLES["products"]
SOURCE = TableSource(csv="products.csv")


def raw(text, notes=()):
    rows = parse("products.csv", text.encode(), ["product_id"])
    return as_frame(to_raw(Delivery("products", "products.csv", rows, "", notes), PRODUCTS, SOURCE), "products")


def test_rows_are_numbered_and_fit_the_raw_table():
    frame = raw("Product_ID,Product_Name,Product_Type,Category\nR1, Well ,NA,\nR2,Fit,Health,Group\n")
    assert frame["source_row"].tolist() == [1, 2]
    assert frame["source"].tolist() == ["products.csv"] * 2
    assert frame["product_name"].tolist() == [" Well ", "Fit"]
    assert frame["product_type"].tolist() == ["NA", "Health"]
    assert frame["category"].tolist() == ["", "Group"]
    assert frame["other_columns"].isna().all()
    conform(frame.assign(snapshot_date=AS_OF), raw_table(PRODUCTS))


def test_added_columns_are_kept_as_json():
    frame = raw('Colour,Product_ID,Product_Name,Product_Type,Category,Ünit "x"\nred,R1,Well,Health,Group,1\n')
    assert json.loads(frame["other_columns"][0]) == {"Colour": "red", 'Ünit "x"': "1"}
    assert frame["product_id"][0] == "R1"


def test_equal_unknown_headers_are_both_kept():
    frame = raw("Tag,Product_ID,Product_Name,Product_Type,Category,Tag\na,R1,Well,Health,Group,b\n")
    assert json.loads(frame["other_columns"][0]) == {"Tag": "a", "Tag (column 6)": "b"}


def test_the_empty_column_behind_a_trailing_delimiter_is_none():
    frame = raw("Product_ID,Product_Name,Product_Type,Category,\nR1,Well,Health,Group,\n")
    assert frame["other_columns"].isna().all()


def test_values_under_a_header_without_name_are_kept():
    frame = raw("Product_ID,Product_Name,Product_Type,Category,\nR1,Well,Health,Group,x\n")
    assert json.loads(frame["other_columns"][0]) == {"column_5": "x"}


def test_a_malformed_row_keeps_its_first_field_and_its_text():
    frame = raw("Product_ID,Product_Name,Product_Type,Category\nR1,Well\nR2,Fit,Health,Group\n")
    assert frame["product_id"].tolist() == ["R1", "R2"]
    assert frame["product_name"].isna().tolist() == [True, False]
    assert json.loads(frame["other_columns"][0]) == {"!malformed_row": "2 fields instead of 4", "!line": "R1,Well"}
    assert frame["other_columns"].isna().tolist() == [False, True]


@pytest.mark.parametrize("rest", ["x,Well,Health,Group", "x,Well,Health,Group\nR2,Fit", "x,Well"])
@pytest.mark.parametrize("header", ["!malformed_row", "!line", " !line "])
def test_a_header_called_as_our_own_columns_is_data(header, rest):
    frame = raw(f"Product_ID,{header},Product_Name,Product_Type,Category\nR1,{rest}\n")
    assert frame["product_id"][0] == "R1"
    if rest.count(",") > 2:
        assert frame["product_name"][0] == "Well"
        assert json.loads(frame["other_columns"][0]) == {header.strip(" !"): "x"}
    faults = malformed_rows(pa.chunked_array([pa.array(frame["other_columns"], pa.string())]))
    assert len(faults) == (frame["product_name"].isna()).sum()


def test_what_was_assumed_stands_beside_the_origin():
    frame = raw("Product_ID,Product_Name,Product_Type,Category\nR1,Well,Health,Group\n", ("read as UTF-16",))
    assert frame["source"][0] == "products.csv (read as UTF-16)"


def test_an_optional_column_that_is_not_delivered_is_null():
    table = TABLES["policies"]
    headers = ["policy_id", "customer_id", "product_id", "purchase_date", "premium", "coverage"]
    rows = pa.table([pa.array(["x"])] * 6, names=headers)
    raw_rows = to_raw(Delivery("policies", "sales.csv", rows, ""), table, TableSource(csv="sales.csv"))
    assert raw_rows["lapse_date"].null_count == 1


def test_no_rows_have_the_types_of_rows():
    rows = parse("products.csv", b"Product_ID,Product_Name,Product_Type,Category\n", ["product_id"])
    none = to_raw(Delivery("products", "products.csv", rows, ""), PRODUCTS, SOURCE)
    some = to_raw(Delivery("products", "products.csv", pa.table([["x"]] * 4, rows.column_names), ""), PRODUCTS, SOURCE)
    assert (none.num_rows, some.num_rows) == (0, 1)
    assert empty_raw(PRODUCTS).schema.equals(some.schema)
    assert none.schema.equals(some.schema)
