"""Each malformed sheet is cleaned right, or what is wrong with it is named by its cell: no crash, no wrong value."""

import copy

import pandas as pd
import pytest

from segmentation_assets.cleaning import clean_all
from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import Sheet
from segmentation_assets.sources import read_all
from segmentation_assets.sources.sheets.google_sheets import GoogleSheets
from segmentation_assets_tests.sources.conftest import AS_OF, TABLES
from segmentation_assets_tests.sources.malformed_layouts import LAYOUTS
from segmentation_assets_tests.sources.malformed_sheets import SHEETS, Malformed, nothing
from segmentation_assets_tests.sources.malformed_values import DATES, KEYS, NUMBERS, OTHERS
from segmentation_assets_tests.standins.cells import merge
from segmentation_assets_tests.standins.sheets import KEY, StandinTab, sheets_standin

CASES = {
    f"{group}: {name}": case
    for group, cases in {"layout": LAYOUTS, "number": NUMBERS, "date": DATES, "key": KEYS, "other": OTHERS}.items()
    for name, case in cases.items()
}


@pytest.fixture(scope="module")
def standin():
    with sheets_standin() as standin:
        yield standin


def read_sheet(standin, portfolio, case):
    """Return the core rows and the rejects of a malformed sheet."""
    grid = copy.deepcopy(SHEETS[case.table])
    case.change(grid)
    merges = [merge(cells) for cells in case.merges]
    tab = StandinTab(case.tab, grid, merges=merges, size=case.size, more=case.more)
    standin.hold(tab, locale=case.locale)
    rules = portfolio.sources[case.table]
    formats = {name: list(case.formats) for name in rules.date_formats}
    words = {
        "csv": None,
        "sheet": Sheet(spreadsheet=KEY, tab=case.tab),
        "columns": case.columns,
        "date_formats": formats,
    }
    sources = {**portfolio.sources, case.table: rules.model_copy(update=words)}
    placed = portfolio.model_copy(update={"sources": sources})
    source = GoogleSheets(placed, lambda: AS_OF, standin.client)
    raw = read_all(source, placed, [case.table], AS_OF)
    cleaned, rejected = clean_all(raw, placed, AS_OF)
    return cleaned[case.table].frame, rejected


@pytest.fixture(scope="module")
def right(standin, portfolio):
    """The rows of the sheets that nothing is wrong with, by table."""
    found = {}
    for table in SHEETS:
        frame, rejected = read_sheet(standin, portfolio, Malformed(nothing, table=table))
        assert len(frame) == len(SHEETS[table]) - 1
        assert rejected.empty
        found[table] = frame
    return found


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_malformed_sheet_is_cleaned_right_or_its_cells_are_named(standin, portfolio, right, case):
    if case.refused:
        with pytest.raises(SourceError) as error:
            read_sheet(standin, portfolio, case)
        assert case.refused in str(error.value)
        for value in ("Lawyer", "18719", "C1", "Leeds"):
            assert value not in str(error.value)
        return
    frame, rejected = read_sheet(standin, portfolio, case)
    assert sorted(rejected["row_key"]) == sorted(case.rejected)
    assert rejected["reason"].str.contains(r"\b[A-Z]{1,2}[0-9]+\b|\brow [0-9]+\b").all()
    reasons = "; ".join(rejected["reason"])
    for name in case.named:
        assert name in reasons
    (key,) = TABLES[case.table].key
    expected = right[case.table]
    expected = expected[~expected[key].isin(case.rejected if case.gone is None else case.gone)].set_index(
        key, drop=False
    )
    for row, changes in case.becomes.items():
        for name, value in changes.items():
            dtype = expected[name].dtype
            expected[name] = expected[name].astype(object)
            expected.loc[row, name] = pd.Timestamp(value) if name.endswith("_date") else value
            expected[name] = expected[name].astype(dtype)
    expected = expected.reset_index(drop=True).sort_values(key, ignore_index=True)
    pd.testing.assert_frame_equal(frame.reset_index(drop=True), expected)


def test_there_are_sixty_and_more():
    assert len(CASES) >= 60
