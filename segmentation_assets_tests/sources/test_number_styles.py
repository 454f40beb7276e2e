"""One table written as CSV in the styles of several countries gives the same core rows."""

import csv
from dataclasses import dataclass

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation_assets.cleaning import clean_all
from segmentation_assets.portfolio import Sheet
from segmentation_assets.sources import CsvFolder, read_all
from segmentation_assets.sources.sheets.google_sheets import GoogleSheets
from segmentation_assets_tests.sources.conftest import AS_OF, PRODUCTS
from segmentation_assets_tests.standins.sheets import KEY, StandinTab, sheets_standin

CUSTOMER_HEADER = ["Customer_ID", "Age", "Gender", "City", "Marital_Status", "Education", "Occupation", "Income",
                   "Preferred_Language", "Preferred_Channel", "Preferred_Time"]  # fmt: skip
POLICY_HEADER = ["Policy_ID", "Customer_ID", "Product_ID", "Purchase_Date", "Premium", "Coverage"]
NAMES = ("customers", "products", "policies")


@dataclass(frozen=True)
class Style:
    delimiter: str
    group: str
    decimal: str
    before: str = ""
    after: str = ""
    encoding: str = "utf-8"

    def write(self, amount, places):
        """An amount as it is written there; whole ones have no decimals."""
        text = f"{amount:,.{places}f}"
        text = text.replace(",", "G").replace(".", self.decimal).replace("G", self.group)
        return f"{self.before}{text}{self.after}"


PLAIN = Style(",", "", ".")
STYLES = {
    "English": Style(",", ",", "."),
    "English, pounds before": Style(",", ",", ".", before="£"),
    "English between bars": Style("|", ",", "."),
    "German": Style(";", ".", ","),
    "German, pounds after": Style(";", ".", ",", after=" GBP"),
    "German between tabs": Style("\t", ".", ","),
    "German from Google, between commas": Style(",", ".", ","),
    "Swiss": Style(";", "'", "."),
    "Swiss with a typographer's apostrophe": Style(";", "\u2019", "."),
    "French": Style(";", "\u202f", ","),
    "Polish": Style(";", "\xa0", ",", encoding="utf-8-sig"),
    "Russian between tabs": Style("\t", " ", ",", encoding="utf-16"),
    "Hebrew, with marks of direction": Style(",", ",", ".", before="\u200f", after="\u200e"),
}

amounts = st.integers(1, 9_999_999).map(lambda pence: pence / 100)
books = st.lists(st.tuples(st.integers(0, 999_999), amounts, st.integers(1, 900_000)), min_size=2, max_size=8)


def tables(style, rows):
    """The cells of the files of a book: an income, a premium and a sum insured for each customer."""
    fixed = ("Male", "Leeds", "Single", "Doctorate", "Nurse")
    wishes = ("English", "Email", "Morning")
    customers = [[f"C{i}", 40, *fixed, style.write(income, 0), *wishes] for i, (income, _, _) in enumerate(rows)]
    policies = [
        [f"P{i}", f"C{i}", "R1", "2022-05-04", style.write(premium, 2), style.write(coverage, 0)]
        for i, (_, premium, coverage) in enumerate(rows)
    ]
    products = [line.split(",") for line in PRODUCTS.splitlines()]
    return {
        "customers": [CUSTOMER_HEADER, *customers],
        "products": products,
        "policies": [POLICY_HEADER, *policies],
    }


def core_of_files(folder, portfolio, style, rows, change=lambda cells: cells):
    for name, cells in tables(style, rows).items():
        file = "sales" if name == "policies" else name
        with (folder / f"{file}.csv").open("w", encoding=style.encoding, newline="") as out:
            csv.writer(out, delimiter=style.delimiter).writerows(change(cells))
    return clean_all(read_all(CsvFolder(folder, portfolio), portfolio, NAMES, AS_OF), portfolio, AS_OF)


def assert_same(found, expected, names=NAMES):
    for name in names:
        pd.testing.assert_frame_equal(found[0][name].frame, expected[0][name].frame, obj=name)
    assert found[1]["reason"].tolist() == expected[1]["reason"].tolist()


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=books)
def test_every_style_gives_the_rows_of_the_plain_file(tmp_path, portfolio, style, rows):
    # Whole premiums decide nothing where there is no other amount, and then no style but the plain one is sure.
    rows = [(income, int(premium) + 0.25, coverage) for income, premium, coverage in rows]
    found = core_of_files(tmp_path, portfolio, style, rows)
    expected = core_of_files(tmp_path, portfolio, PLAIN, rows)
    if style.delimiter != ";" and style.group in {".", ","}:
        # The customers' file holds no decimals, so what it cannot decide it says.
        rejected = found[1].query("table_name == 'customers'")["reason"]
        assert rejected.str.startswith("ambiguous_number").all()
        if len(rejected):
            return
    assert_same(found, expected)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_the_order_of_rows_decides_nothing(tmp_path, portfolio, style):
    rows = [(1200 * i, 999.5 + i, 45_000 + i) for i in range(1, 9)]
    first = core_of_files(tmp_path, portfolio, style, rows)
    again = core_of_files(tmp_path, portfolio, style, rows, lambda cells: [cells[0], *cells[:0:-1]])
    for name in NAMES:
        pd.testing.assert_frame_equal(first[0][name].frame, again[0][name].frame)
    assert sorted(first[1]["reason"]) == sorted(again[1]["reason"])


def test_a_sheet_of_the_same_texts_gives_the_same_rows(tmp_path, portfolio):
    style = STYLES["English, pounds before"]
    rows = [(109_611, 2_712.24, 105_000), (59_175, 999.5, 94_000)]
    cells = tables(style, rows)
    cells["customers"].append(["Total", *[""] * 6, "£168,786", "", "", ""])
    cells["customers"].append(["C8", 40, *cells["customers"][1][2:7], "42179 CHF", *cells["customers"][1][8:]])
    cells["policies"].append(["P8", "\u200eC0", "R1", "2022-05-04", "#N/A", "£1,000"])
    cells["policies"].append(["P9", "\u200eC0", "R1", "2022-05-04", "£10.50", "£1,000"])
    for name, rows_of in cells.items():
        with (tmp_path / f"{'sales' if name == 'policies' else name}.csv").open(
            "w", encoding="utf-8", newline=""
        ) as out:
            csv.writer(out).writerows(rows_of)
    files = clean_all(read_all(CsvFolder(tmp_path, portfolio), portfolio, NAMES, AS_OF), portfolio, AS_OF)
    with sheets_standin() as standin:
        standin.hold(*(StandinTab(name, cells[name], sheet_id=i) for i, name in enumerate(NAMES)), locale="en_GB")
        words = {name: {"csv": None, "sheet": Sheet(spreadsheet=KEY, tab=name)} for name in NAMES}
        sources = {n: s.model_copy(update=words[n]) for n, s in portfolio.sources.items() if n in NAMES}
        placed = portfolio.model_copy(update={"sources": sources})
        sheets = GoogleSheets(placed, lambda: AS_OF, standin.client)
        found = clean_all(read_all(sheets, placed, NAMES, AS_OF), placed, AS_OF)
    for name in NAMES:
        pd.testing.assert_frame_equal(found[0][name].frame, files[0][name].frame)
    codes = [frame["reason"].str.split(":").str[0].tolist() for frame in (found[1], files[1])]
    assert codes == [["total_row", "another_currency", "error_value"]] * 2
    assert files[0]["policies"].frame["customer_id"].tolist() == ["C0", "C1", "C0"]
