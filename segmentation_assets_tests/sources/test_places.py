"""Each table is read where the portfolio places it."""

import sys
from importlib import import_module

import pytest

from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import Sheet
from segmentation_assets.portfolio.sources import PLACES
from segmentation_assets.rooms import modules_of
from segmentation_assets.settings import Settings
from segmentation_assets.sources import describe_sources, open_source
from segmentation_assets.sources.by_table import SourceByTable
from segmentation_assets.sources.csv.folder import CsvFolder
from segmentation_assets.sources.places._place import Place
from segmentation_assets.sources.sheets.google_sheets import GoogleSheets
from segmentation_assets.sources.warehouse_table import WarehouseTables

SHEET = {"csv": None, "sheet": Sheet(spreadsheet="Book")}
TABLE = {"csv": None, "table": "crm.claims"}


def placed(portfolio, **places):
    moved = {name: portfolio.sources[name].model_copy(update=place) for name, place in places.items()}
    return portfolio.model_copy(update={"sources": {**portfolio.sources, **moved}})


def test_each_table_has_the_source_of_its_place(portfolio, folder):
    mixed = placed(portfolio, customers=SHEET, claims=TABLE)
    source = open_source(Settings(data_dir=folder), mixed)
    assert isinstance(source, SourceByTable)
    kinds = {name: type(one) for name, one in source.sources.items()}
    assert kinds == dict.fromkeys(portfolio.sources, CsvFolder) | {"customers": GoogleSheets, "claims": WarehouseTables}
    assert [source.is_replayable(name) for name in ("customers", "policies", "unheard of")] == [False, True, True]
    assert describe_sources(Settings(data_dir=folder), mixed) == (
        f"Google Sheets and CSV files in {folder} and tables of the warehouse"
    )


def test_a_folder_is_needed_only_where_a_needed_table_lies_in_it(portfolio):
    mixed = placed(portfolio, customers=SHEET, policies=SHEET)
    with pytest.raises(SourceError) as told:
        open_source(Settings(), mixed)
    assert str(told.value) == (
        "The portfolio names CSV files for products, and no folder that holds them. Give it by --data or "
        "SEGMENTATION_DATA_DIR, or name another place, such as sources.products.sheet."
    )
    whole = placed(mixed, products=SHEET)
    source = open_source(Settings(), whole)
    assert set(source.sources) == {"customers", "policies", "products"}
    assert source.read("claims", None) is None
    assert describe_sources(Settings(), whole) == "Google Sheets"


def test_a_folder_that_is_not_there_offers_no_synthetic_company_beside_sheets(portfolio, tmp_path):
    with pytest.raises(SourceError) as told:
        open_source(Settings(data_dir=tmp_path / "nowhere"), placed(portfolio, customers=SHEET))
    assert str(told.value).endswith("nowhere. Give the folder that holds sales.csv, products.csv.")


def test_files_alone_are_a_folder_or_made_up(portfolio, folder):
    assert describe_sources(Settings(), portfolio) == "the synthetic insurer"
    assert describe_sources(Settings(data_dir=folder), portfolio) == f"CSV files in {folder}"


def test_without_gspread_sheets_say_what_to_install(portfolio, monkeypatch):
    monkeypatch.setitem(sys.modules, "gspread", None)
    for name in [name for name in sys.modules if name.startswith(("segmentation_assets.sources.sheets", "gspread."))]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(
        SourceError, match=r"needs gspread, which is not installed\. Install segmentation-assets\[sheets\]"
    ):
        open_source(Settings(), placed(portfolio, **dict.fromkeys(("customers", "policies", "products"), SHEET)))


def test_each_key_that_says_where_a_table_lies_has_a_file_that_opens_it():
    room = "segmentation_assets.sources.places"
    assert {file.rpartition(".")[2] for file in modules_of(room)} == set(PLACES)
    for file in modules_of(room):
        assert isinstance(import_module(file).PLACE, Place), file
