"""A tab is found by key, URL or title, read in blocks once it is at rest, and equal to the file of equal cells."""

import copy
from datetime import date

import pyarrow as pa
import pytest

from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import Sheet
from segmentation_assets.sources import CsvFolder, read_all
from segmentation_assets.sources.sheets import grid as grids
from segmentation_assets.sources.sheets.google_sheets import GoogleSheets
from segmentation_assets_tests.sources.conftest import AS_OF
from segmentation_assets_tests.sources.malformed_sheets import CUSTOMERS
from segmentation_assets_tests.standins.cells import error, formula, loading, merge
from segmentation_assets_tests.standins.sheets import EMAIL, KEY, StandinTab, sheets_standin

URL = f"https://docs.google.com/spreadsheets/d/{KEY}/edit"


@pytest.fixture
def standin():
    with sheets_standin() as standin:
        yield standin


def placed(portfolio, **sheets):
    """Return the portfolio with tables in sheets."""
    moved = {
        name: portfolio.sources[name].model_copy(update={"csv": None, "sheet": sheet}) for name, sheet in sheets.items()
    }
    return portfolio.model_copy(update={"sources": {**portfolio.sources, **moved}})


def customers(standin, portfolio, spreadsheet=KEY, tab=None, client=None, *, owner="example.com"):
    """Return the source and its delivery of the customers."""
    portfolio = placed(portfolio, customers=Sheet(spreadsheet=spreadsheet, tab=tab, owner=owner))
    source = GoogleSheets(portfolio, lambda: AS_OF, lambda: client or standin.client())
    return source, source.read("customers", AS_OF)


def tab(title="Customers", **given):
    return StandinTab(title, copy.deepcopy(CUSTOMERS), **given)


@pytest.mark.parametrize(
    "spreadsheet",
    [
        KEY,
        f" {KEY} ",
        URL,
        f"{URL}#gid=0",
        f"{URL}?usp=sharing",
        'Bob\'s "new" \\ book',
        "a_title_without_blanks_that_looks_like_a_key",
    ],
)
def test_a_spreadsheet_is_found_by_key_url_or_title(standin, portfolio, spreadsheet):
    title = spreadsheet if "book" in spreadsheet or "title" in spreadsheet else "Insurance book"
    standin.hold(tab(), title=title)
    _, delivery = customers(standin, portfolio, spreadsheet)
    assert delivery.n_rows == 3
    assert delivery.origin == f"sheet 'Customers' of {title!r}"


def test_a_title_is_looked_for_on_every_page_and_not_in_the_bin(standin, portfolio):
    standin.page_size = 1
    for i in range(3):
        standin.hold(tab(), key=f"{KEY}{i}", title="INSURANCE BOOK")
    standin.hold(tab(), key=f"{KEY}x", is_trashed=True)
    standin.hold(tab())
    _, delivery = customers(standin, portfolio, "Insurance book")
    assert delivery.n_rows == 3
    assert sum(request.path == "/drive/v3/files" for request in standin.requests) == 5  # the last of shared drives


def test_without_a_tab_it_is_the_first_that_holds_cells(standin, portfolio):
    standin.hold(StandinTab("Chart", [], kind="OBJECT"), tab(), StandinTab("Other", [["x"]]))
    assert customers(standin, portfolio)[1].origin == "sheet 'Customers' of 'Insurance book'"


def test_without_a_tab_it_is_the_one_that_the_url_points_at(standin, portfolio):
    standin.hold(StandinTab("Other", [["x"]]), tab(sheet_id=77))
    assert customers(standin, portfolio, f"{URL}#gid=77")[1].origin == "sheet 'Customers' of 'Insurance book'"


def test_a_tab_may_differ_in_case_and_blanks(standin, portfolio):
    standin.hold(StandinTab("Other", [["x"]]), tab())
    assert customers(standin, portfolio, tab=" customers")[1].n_rows == 3


NOT_A_TAB = (
    "The spreadsheet 'Insurance book' of customers has no tab 'Customer'; it has Customers, Sales, Chart. Did you mean "
    "'Customers'? Mend sources.customers.sheet.tab in the portfolio."
)
NO_CELLS = (
    "The tab 'Chart' of 'Insurance book' holds a chart and no cells. Name the tab of customers at "
    "sources.customers.sheet.tab; there are Customers, Sales, Chart."
)
NOT_AN_ADDRESS = (
    "sources.customers.sheet.spreadsheet is 'https://docs.google.com/spreadsheets/u/0/', which is no address of a "
    "spreadsheet. Copy it from the browser, such as https://docs.google.com/spreadsheets/d/<key>/edit."
)
NOT_A_TITLE = (
    "No spreadsheet of the owner with the title 'Insurance bok', that of customers, is shared with the account whose "
    "credentials are used. Share it with that address, as a viewer, or mend sources.customers.sheet.spreadsheet or the "
    "owner beside it: a title must be exact; a URL or key serves as well and needs no owner."
)
NOT_A_KEY = (
    f"The spreadsheet '{KEY}typo' of customers does not exist. Mend sources.customers.sheet.spreadsheet in the "
    "portfolio: give the spreadsheet's URL or its key."
)


@pytest.mark.parametrize(
    ("spreadsheet", "name", "words"),
    [
        (KEY, "Customer", NOT_A_TAB),
        (KEY, "Chart", NO_CELLS),
        ("https://docs.google.com/spreadsheets/u/0/", None, NOT_AN_ADDRESS),
        ("Insurance bok", None, NOT_A_TITLE),
        (f"{KEY}typo", None, NOT_A_KEY),
    ],
)
def test_what_is_not_found_is_told_with_what_there_is(standin, portfolio, spreadsheet, name, words):
    standin.hold(tab(), StandinTab("Sales", [["x"]]), StandinTab("Chart", [], kind="OBJECT"))
    with pytest.raises(SourceError) as told:
        customers(standin, portfolio, spreadsheet, name)
    assert str(told.value) == words


def test_a_title_that_several_spreadsheets_have_is_told_with_their_keys(standin, portfolio):
    for i in "ab":
        standin.hold(tab(), key=KEY + i)
    with pytest.raises(SourceError) as told:
        customers(standin, portfolio, "Insurance book")
    assert str(told.value) == (
        f"2 spreadsheets have the title 'Insurance book', that of customers; their keys are {KEY}a, {KEY}b. Give the "
        "key of the one that is meant at sources.customers.sheet.spreadsheet."
    )


@pytest.mark.parametrize("owner", ["ann@example.com", "Example.com", "@example.com", " ANN@example.com"])
def test_a_title_is_taken_with_its_owner_and_no_stranger_can_put_another_in_its_place(standin, portfolio, owner):
    for i, stranger in enumerate(["eve@evil.test", "eve@example.com.evil.test", "example.com@evil.test", ""]):
        standin.hold(tab(), key=f"{KEY}{i}", owner=stranger)
    with pytest.raises(SourceError, match="No spreadsheet of the owner with the title 'Insurance book'"):
        customers(standin, portfolio, "Insurance book", owner=owner)
    standin.hold(tab(), key=f"{KEY}mine", owner="Ann@example.com")
    assert customers(standin, portfolio, "Insurance book", owner=owner)[1].n_rows == 3


def test_a_shared_drive_may_own_a_title(standin, portfolio):
    standin.hold(tab(), drive="0ADrive")
    standin.hold(tab(), key=f"{KEY}x", drive="0AOther")
    assert customers(standin, portfolio, "Insurance book", owner="0ADrive")[1].n_rows == 3


def test_a_title_alone_is_not_looked_for(standin, portfolio):
    standin.hold(tab())
    with pytest.raises(SourceError, match=r"a title, which anybody could give .* sources\.customers\.sheet\.owner"):
        customers(standin, portfolio, "Insurance book", owner=None)
    with pytest.raises(SourceError, match="does not exist"):
        customers(standin, portfolio, "a_title_without_blanks_that_looks_like_a_key", owner=None)
    assert not any(request.path == "/drive/v3/files" for request in standin.requests)


@pytest.mark.parametrize("url", ["https://a.example/?key=../../drive/v3/about", "https://a.example/?key=%2e%2e"])
def test_a_key_that_a_url_holds_is_no_path(standin, portfolio, url):
    with pytest.raises(SourceError, match="which is no address of a spreadsheet"):
        customers(standin, portfolio, url)


def test_another_day_than_today_is_refused_before_anything_is_asked(standin, portfolio):
    standin.hold(tab())
    source, _ = customers(standin, portfolio)
    standin.requests.clear()
    with pytest.raises(
        SourceError, match="can only be read as it is today, 2025-11-15, and not as it was on 2025-11-14"
    ):
        source.read("customers", date(2025, 11, 14))
    assert standin.requests == []
    assert not source.is_replayable("customers")


def test_a_table_in_no_sheet_is_not_provided(standin, portfolio):
    source = GoogleSheets(placed(portfolio), lambda: AS_OF, standin.client)
    assert source.read("claims", AS_OF) is None
    assert source.revision("claims") is None
    assert standin.requests == []


def test_equal_cells_give_the_raw_rows_of_a_file(standin, portfolio, folder):
    rows = [line.split(",") for line in (folder / "customers.csv").read_text(encoding="utf-8").splitlines()]
    typed = [[float(x) if x.replace(".", "").isdigit() else x for x in row] for row in rows]
    (folder / "customers.csv").write_text("\n".join(",".join([*row, "n"]) for row in rows), encoding="utf-8")
    standin.hold(StandinTab("Customers", [[*row, "n"] for row in typed]))
    moved = placed(portfolio, customers=Sheet(spreadsheet=KEY))
    ours = read_all(GoogleSheets(moved, lambda: AS_OF, standin.client), moved, ["customers"], AS_OF)["customers"]
    theirs = read_all(CsvFolder(folder, portfolio), portfolio, ["customers"], AS_OF)["customers"]
    apart = ["source", "source_row", "source_columns", "source_format"]
    assert ours.drop_columns(apart).combine_chunks() == theirs.drop_columns(apart).combine_chunks()
    assert theirs["source_columns"].null_count == 2
    assert ours["source_row"].to_pylist() == [2, 3]


def test_columns_that_nobody_asked_for_are_kept(standin, portfolio):
    grid = [
        ["Note", *CUSTOMERS[0], "Note", None, "!malformed_row"],
        *([i, *row, error("#REF!"), "z", "no"] for i, row in enumerate(CUSTOMERS[1:])),
    ]
    standin.hold(StandinTab("Customers", grid))
    moved = placed(portfolio, customers=Sheet(spreadsheet=KEY))
    rows = read_all(GoogleSheets(moved, lambda: AS_OF, standin.client), moved, ["customers"], AS_OF)["customers"]
    assert (
        rows["other_columns"][1].as_py()
        == '{"Note": "1", "Note (column 13)": "#REF!", "column_14": "z", "malformed_row": "no"}'
    )
    assert '"customer_id": "B"' in rows["source_columns"][0].as_py()


def test_a_large_sheet_is_read_in_blocks(standin, portfolio, monkeypatch):
    monkeypatch.setattr(grids, "CELLS_A_BLOCK", 11 * 60)
    rows = [[f"C{i}", *CUSTOMERS[1][1:]] for i in range(200)]
    rows[58:58] = [[] for _ in range(70)]  # a block of blank rows, over which a merged value runs
    rows[57][3], rows[128][3] = "Bath", None
    grid = [*CUSTOMERS[:1], *rows]
    standin.hold(StandinTab('It\'s "big"!', grid, size=(1000, 11), merges=[merge("D59:D130")]))
    _, delivery = customers(standin, portfolio)
    assert standin.blocks[:2] == ["'It''s \"big\"!'!A1:K60", "'It''s \"big\"!'!A61:K120"]
    assert standin.blocks[-1] == "'It''s \"big\"!'!A961:K1000"
    assert delivery.row_numbers.to_pylist() == [*range(2, 60), *range(130, 272)]
    assert delivery.rows.column(3).to_pylist()[57:60] == ["Bath", "Bath", "Leeds"]
    assert delivery.rows.column(0).to_pylist()[-1] == "C199"


def test_the_same_content_has_the_same_checksum_whatever_the_blocks(standin, portfolio, monkeypatch):
    key = standin.hold(tab(size=(40, 26)))
    first = customers(standin, portfolio)[1].checksum
    monkeypatch.setattr(grids, "CELLS_A_BLOCK", 26 * 2)
    assert customers(standin, portfolio)[1].checksum == first
    standin.books[key].tabs[0].rows[1][3] = "York"
    assert customers(standin, portfolio)[1].checksum != first


def test_a_mended_format_changes_the_checksum(standin, portfolio):
    key = standin.hold(tab())
    standin.books[key].tabs[0].rows[1][1] = {
        "effectiveValue": {"numberValue": 41}, "formattedValue": "4100%",
        "effectiveFormat": {"numberFormat": {"type": "PERCENT", "pattern": "0%"}},
    }  # fmt: skip
    wrong = customers(standin, portfolio)[1]
    assert wrong.rows["!malformed_row"].to_pylist()[0].startswith("B2 holds a percentage")
    standin.books[key].tabs[0].rows[1][1] = 41
    assert customers(standin, portfolio)[1].checksum != wrong.checksum


def test_a_sheet_that_is_edited_meanwhile_is_read_again(standin, portfolio):
    key = standin.hold(tab())
    standin.books[key].times_edited_while_read = 2
    _, delivery = customers(standin, portfolio)
    assert len(standin.blocks) == 3
    assert delivery.revised_at == standin.books[key].modified


def test_a_sheet_that_is_edited_all_the_time_is_refused(standin, portfolio):
    standin.hold(tab(), times_edited_while_read=4)
    with pytest.raises(
        SourceError, match=r"^sheet 'Customers' of 'Insurance book' was changed each of the 4 times it was"
    ):
        customers(standin, portfolio)


def book_of(n_rows, **given):
    """A tab of two blocks of rows."""
    rows = [[f"C{i}", *CUSTOMERS[1][1:]] for i in range(n_rows)]
    return StandinTab("Customers", [CUSTOMERS[0], *rows], **given)


def insert_at(first, row):
    """An edit that Drive does not know of yet: a row comes in before a block is read, and no time of change."""

    def edit(book, n_read):
        if n_read == first:
            book.tabs[0].rows.insert(row, ["NEW", *CUSTOMERS[1][1:]])

    return edit


@pytest.mark.parametrize(
    ("edit", "n_readings"),
    [
        (None, 2),
        (insert_at(1, 3), 3),  # between the blocks of the first reading: C58 would be in both of them
        (insert_at(2, 3), 3),
        (insert_at(3, 3), 4),
        (insert_at(1, 70), 2),  # into the block that was not read yet, so both readings see the state with it
    ],
)
def test_an_edit_that_drive_tells_late_mixes_no_two_states(standin, portfolio, monkeypatch, edit, n_readings):
    monkeypatch.setattr(grids, "CELLS_A_BLOCK", 11 * 60)
    key = standin.hold(book_of(100, size=(120, 11)), on_read=edit)
    _, delivery = customers(standin, portfolio)
    held = [row[0] for row in standin.books[key].tabs[0].rows[1:]]
    assert delivery.rows.column(0).to_pylist() == held
    assert len(standin.blocks) == 2 * n_readings


def test_a_large_sheet_that_somebody_goes_on_editing_is_refused_whatever_drive_says(standin, portfolio, monkeypatch):
    monkeypatch.setattr(grids, "CELLS_A_BLOCK", 11 * 60)

    def edit(book, n_read):
        book.tabs[0].rows[2][3] = f"City {n_read}"

    standin.hold(book_of(100), on_read=edit)
    with pytest.raises(SourceError, match=r"was changed each of the 4 times it was read, .* such as NOW or RAND"):
        customers(standin, portfolio)


def test_a_row_added_after_the_tab_was_looked_up_is_not_lost(standin, portfolio):
    def edit(book, n_read):
        if n_read == 0:
            book.tabs[0].rows.append(["NEW", *CUSTOMERS[1][1:]])

    standin.hold(tab(), on_read=edit)
    assert customers(standin, portfolio)[1].rows.column(0).to_pylist()[-1] == "NEW"
    assert len(standin.blocks) == 2


def test_formulas_that_load_are_waited_for(standin, portfolio):
    def load(book, n_read):
        book.tabs[0].rows[2][1] = loading() if n_read < 2 else 50

    standin.hold(tab(), on_read=load)
    client = standin.client()
    _, delivery = customers(standin, portfolio, client=client)
    assert delivery.rows.column(1).to_pylist()[1] == "50"
    assert client.waits == [15, 15]


@pytest.mark.parametrize(
    ("cells", "told"),
    [([(2, 1)], "(B3)"), ([(1, 0), (3, 1)], "(A2 and 1 more)"), ([(0, 0), (0, 1)], "(A1 and 1 more)")],
)
def test_formulas_that_go_on_loading_are_refused_with_the_cell(standin, portfolio, cells, told):
    grid = copy.deepcopy(CUSTOMERS)
    for row, column in cells:
        grid[row][column] = loading()
    standin.hold(StandinTab("Customers", grid))
    with pytest.raises(SourceError) as error:
        customers(standin, portfolio)
    assert f"formulas whose values are still loading {told}, after 4 readings. Nothing was changed." in str(error.value)


def test_what_loads_in_a_column_that_nobody_asked_for_is_no_trouble(standin, portfolio):
    grid = [[*row, "Rate" if i == 0 else loading("=GOOGLEFINANCE(1)")] for i, row in enumerate(CUSTOMERS)]
    standin.hold(StandinTab("Customers", grid))
    assert customers(standin, portfolio)[1].n_rows == 3


def test_a_spreadsheet_of_a_shared_drive_is_found_by_its_title(standin, portfolio):
    standin.hold(tab(), drive="0ADrive")
    assert customers(standin, portfolio, "Insurance book", owner="0ADrive")[1].n_rows == 3
    assert customers(standin, portfolio, KEY)[1].n_rows == 3


@pytest.mark.parametrize(
    ("is_there", "seen"), [(True, f"found only {KEY}"), (False, "found none")], ids=["one", "none"]
)
def test_a_search_that_left_drives_out_settles_nothing(standin, portfolio, is_there, seen):
    standin.hold(tab(), title="Insurance book" if is_there else "Another")
    standin.is_search_incomplete = True
    with pytest.raises(SourceError, match=f"some of the shared drives alone .* {seen}; there may be others. Give the "):
        customers(standin, portfolio, "Insurance book")


def test_the_revision_is_asked_for_without_reading(standin, portfolio):
    standin.hold(tab())
    source, _ = customers(standin, portfolio)
    standin.requests.clear()
    assert source.revision("customers") == "2025-11-15T09:30:00.000Z"
    assert standin.blocks == []


def test_a_formula_that_counts_is_no_key_and_one_that_makes_keys_is(standin, portfolio):
    grid = copy.deepcopy(CUSTOMERS)
    for row in grid[1:]:
        row[0] = formula(row[0], f'="C"&{row[0][1:]}')
    grid.append([formula(3, "=SUBTOTAL(3,A2:A4)"), 40])
    standin.hold(StandinTab("Customers", grid))
    rows = customers(standin, portfolio)[1].rows
    assert rows["!malformed_row"].to_pylist() == [None] * 3 + ["A5 makes row 5 a line of totals"]


def test_nothing_but_reading_is_asked_for(standin, portfolio):
    standin.hold(tab())
    customers(standin, portfolio)
    assert {request.method for request in standin.requests} == {"GET"}
    assert all(request.params["fields"] for request in standin.requests)


def test_rows_are_arrow_text(standin, portfolio):
    standin.hold(tab())
    rows = customers(standin, portfolio)[1].rows
    assert set(rows.schema.types) == {pa.string()}
    assert EMAIL not in str(rows)
