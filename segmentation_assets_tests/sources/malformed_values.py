"""Sheets laid out as they should be, with values that are not what they look like."""

from datetime import date

from segmentation_assets_tests.sources.malformed_sheets import Malformed, below, both, column, nothing, put
from segmentation_assets_tests.standins.cells import day, error, formula, number


def _sold(**given):
    """A case of the policies."""
    return Malformed(table="policies", **given)


def _on(cell, value, iso, **given):
    """A policy's date that is read as this day."""
    return _sold(
        change=put(cell, value), becomes={f"P{int(cell[1:]) - 1}": {"purchase_date": date.fromisoformat(iso)}}, **given
    )


def _no_date(value, named="D3", **given):
    """A policy's date that is turned away."""
    return _sold(change=put("D3", value), rejected=("P2",), named=(named,), **given)


def _income(value, read, **given):
    return Malformed(put("H2", value), becomes={"C1": {"income": read}}, **given)


def _no_income(value, named="H2", **given):
    return Malformed(put("H2", value), rejected=("C1",), named=(named,), **given)


def _key(value, read):
    return Malformed(put("A4", value), becomes={"C3": {"customer_id": read}})


def _no_key(value, row_key, named="A4"):
    return Malformed(put("A4", value), rejected=(row_key,), gone=("C3",), named=(named,))


NUMBERS = {
    "currency as text": _income("£18,719.32", 18719.32),
    "currency as format": _income(number(18719.32, "£18,719.32", "CURRENCY", '"£"#,##0.00'), 18719.32),
    "euros at the end in a book of pounds": _no_income("18 719,32 €", named="which is € where amounts are in GBP"),
    "pounds at the end": _income("18 719,32 £", 18719.32),
    "euros as format in a book of pounds": _no_income(number(18719.32, "18.719,32 €", "CURRENCY", '#,##0.00 "€"')),
    "pounds as format, and three decimals": _income(number(9.316, "£9.32", "CURRENCY", '"£"#,##0.00'), 9.316),
    "thousands as text": _income("18,719.32", 18719.32),
    "thousands as format": _income(number(18719.316, "18,719", "NUMBER", "#,##0"), 18719.316),
    "one comma in an English sheet": _income("18,719", 18719.0),
    "dots and a comma in a German sheet": _income("18.719,32", 18719.32, locale="de_DE"),
    "one dot in a German sheet": _no_income("18.719", locale="de_DE"),
    "one comma in a German sheet": _no_income("18,719", locale="de_DE"),
    "one comma in a sheet of no locale": _no_income("18,719", locale=""),
    "apostrophes between thousands": _income("18'719.32", 18719.32, locale="de_CH"),
    "blanks that do not break between thousands": _income("18\u202f719,32", 18719.32, locale="fr_FR"),
    "blanks that do not break around": _income("\xa018719.32\u200b", 18719.32),
    "parentheses as text": _no_income("(18,719.32)"),
    "parentheses as format": _no_income(number(-18719.32, "(18,719.32)", "NUMBER", "#,##0.00;(#,##0.00)")),
    "per cent as format": _no_income(number(0.12, "12%", "PERCENT", "0%")),
    "per cent as text": _no_income("12%"),
    "an amount that became a date": _no_income(day("2025-05-01")),
    "a duration": _no_income(number(0.5, "12:00", "TIME", "hh:mm")),
    "words": _no_income("plenty"),
    "a tick box for an amount": _no_income(value=True),
    "scientific": _income(number(1e5, "1.00E+05", "SCIENTIFIC", "0.00E+00"), 100000.0),
    "scientific as text": _income("1e5", 100000.0),
    "beyond all range": _no_income(1e300),
    "a hair off": _income(0.1 + 0.2, 0.1 + 0.2),
    "an age with a fraction": Malformed(put("B2", 41.5), rejected=("C1",), named=("B2",)),
    "a whole age with a point": Malformed(put("B2", 41.0)),
    "an age that shows as a date": Malformed(
        put("B2", number(41, "09/02/1900", "DATE", "dd/mm/yyyy")), rejected=("C1",), named=("B2 holds a date",)
    ),
    "an age in words": Malformed(put("B2", "41 years"), rejected=("C1",), named=("B2",)),
    "an age of 410": Malformed(put("B2", 410), rejected=("C1",), named=("410 not in [0, 120] (cell B2)",)),
    "two faults in a row": Malformed(
        both(put("B2", 410), put("H2", "plenty")), rejected=("C1",), named=("(cell B2)", "(cell H2)")
    ),
}  # fmt: skip

DATES = {
    "a date": _on("D2", day("2022-05-04"), "2022-05-04"),
    "a date shown in words": _on("D2", number(44685, "Wednesday", "DATE", "dddd"), "2022-05-04"),
    "a date that a formula makes": _on(
        "D2", day("2022-05-04") | {"userEnteredValue": {"formulaValue": "=A1"}}, "2022-05-04"
    ),
    "a date with a time": _on("D2", day("2022-05-04T18:30:00"), "2022-05-04"),
    "a date one millisecond early": _on("D2", number(44684.99999999999, "x", "DATE", "dd/mm/yyyy"), "2022-05-04"),
    "a serial number without a format": _on("D2", 44685, "2022-05-04"),
    "a serial number with thousands": _on("D2", number(44685, "44,685", "NUMBER", "#,##0"), "2022-05-04"),
    "British text": _on("D2", "04/05/2022", "2022-05-04", locale="en_GB"),
    "American text": _on("D2", "05/04/2022", "2022-05-04", locale="en_US"),
    "German text": _on("D2", "04.05.2022", "2022-05-04", locale="de_DE", formats=("%d.%m.%Y",)),
    "ISO text": _on("D2", "2022-05-04", "2022-05-04", locale="en_US"),
    "year first": _on("D2", "2022/5/4", "2022-05-04", locale="ja_JP"),
    "text with a time": _on("D2", "4/5/2022 9:30", "2022-05-04"),
    "blanks around text": _on("D2", "\xa004/05/2022 ", "2022-05-04"),
    "a day first among months first": _on("D2", "14/04/2022", "2022-04-14", locale="en_US"),
    "a month first among days first": _on("D2", "04/14/2022", "2022-04-14", locale="en_GB"),
    "day or month, and no locale says": _no_date("04/05/2022", locale="ja_JP"),
    "the portfolio's order where no locale says": _on(
        "D2", "04/05/2022", "2022-05-04", locale="ja_JP", formats=("%d/%m/%Y",)
    ),
    "the portfolio against the locale": _no_date("04/05/2022", locale="en_US", formats=("%d/%m/%Y",)),
    "30 February": _no_date("30/02/2022"),
    "two-digit year": _no_date("04/05/22"),
    "a month in words": _no_date("4 May 2022"),
    "a year alone": _no_date(2022),
    "digits run together": _no_date(20220504),
    "digits run together, as the portfolio says": _on("D2", 20220504, "2022-05-04", formats=("%Y%m%d",)),
    "the day that Excel made up": _no_date(number(60, "28/02/1900", "DATE", "dd/mm/yyyy")),
    "day zero": _no_date(number(0, "30/12/1899", "DATE", "dd/mm/yyyy")),
    "before day zero": _no_date(number(-40, "20/11/1899", "DATE", "dd/mm/yyyy")),
    "after the year 9999": _no_date(number(3e6, "######", "DATE", "dd/mm/yyyy")),
    "a time alone": _no_date(number(0.5, "12:00", "TIME", "hh:mm")),
    "an amount for a date": _no_date(number(44685, "£44,685", "CURRENCY", '"£"#,##0')),
    "a tick box for a date": _no_date(value=False),
    "tomorrow": _no_date(day("2025-11-16")),
    "no date": _no_date(None),
}  # fmt: skip

KEYS = {
    "zeros in front as text": _key("00123", "00123"),
    "zeros in front as format": _key(number(123, "00123", "NUMBER", "00000"), "00123"),
    "letters as format": _key(number(123, "HL-00123", "NUMBER", '"HL-"00000'), "HL-00123"),
    "a number": _key(123, "123"),
    "a number with a point": _key(123.0, "123"),
    "a number with thousands": _key(number(12345, "12,345", "NUMBER", "#,##0"), "12345"),
    "text that reads as a number": _key("1e5", "1e5"),
    "blanks around a key": _key("\xa0C3\u200b ", "C3"),
    "a key made scientific": _no_key(number(1e5, "1.00E+05", "SCIENTIFIC", "0.00E+00"), "1.00E+05"),
    "a key made a date": _no_key(day("2025-03-01"), "01/03/2025"),
    "a key made an amount": _no_key(number(12, "£12.00", "CURRENCY", '"£"0.00'), "£12.00"),
    "a key that lost its last zero": _no_key(1.1, "1.1"),
    "a key of 17 digits": _no_key(12345678901234567, "1.2345678901234568e+16"),
    "a tick box for a key": _no_key(value=True, row_key="TRUE"),
    "an apostrophe before a key": _no_key("'00123", "'00123"),
    "a character inside a key that does not show": _no_key("C\u200b3", "C\u200b3"),
    "a blank inside a key that does not break": _no_key("C\xa03", "C\xa03"),
    "a key twice": Malformed(below(["C2", 50]), rejected=("C2",), gone=(), named=("duplicate_key: C2", "(cell A5)")),
    "no key": _no_key(None, ""),
    "an error for a key": _no_key(error("#N/A", "N_A"), "#N/A", named="A4 holds the error #N/A"),
}  # fmt: skip

OTHERS = {
    "#REF! for an amount": _no_income(error("#REF!"), named="H2 holds the error #REF!"),
    "#DIV/0! pasted as text": _no_income("#DIV/0!", named="income holds the error #DIV/0! (cell H2)"),
    "still loading": Malformed(put("H2", error("Loading...", "LOADING")), refused="still loading (H2)"),
    "an error without a look": _no_income(error("", "NAME"), named="H2 holds the error #NAME"),
    "two errors": Malformed(
        both(put("D3", error("#REF!")), put("H3", error("#N/A"))), rejected=("C2",), named=("D3 holds", "H3 holds")
    ),
    "an error where nobody looks": Malformed(column(11, "Note", error("#REF!"), "b", "c")),
    "a formula that shows nothing": Malformed(
        put("D2", formula("", '=IF(A2="","",B2)')), becomes={"C1": {"city": None}}
    ),
    "a cell of 50,000 letters": Malformed(put("G2", "x" * 50_000), becomes={"C1": {"occupation": "x" * 50_000}}),
    "emoji and accents": Malformed(put("D2", "Zürich 🏔️"), becomes={"C1": {"city": "Zürich 🏔️"}}),
    "lines in a cell": Malformed(put("G2", "Lawyer\nand judge"), becomes={"C1": {"occupation": "Lawyer and judge"}}),
    "a number for a word": Malformed(put("G2", 1066), becomes={"C1": {"occupation": "1066"}}),
    "a tick box for a word": Malformed(put("G2", value=True), becomes={"C1": {"occupation": "TRUE"}}),
    "a date for a word": Malformed(put("G2", day("2022-05-04")), becomes={"C1": {"occupation": "04/05/2022"}}),
    "a category in other letters": Malformed(put("E2", "single "), becomes={}),
    "a category that is none": Malformed(put("E2", "Complicated"), rejected=("C1",), named=("(cell E2)",)),
    "a quote that is text": Malformed(put("D2", "'s-Hertogenbosch"), becomes={"C1": {"city": "'s-Hertogenbosch"}}),
    "quotes and commas": Malformed(put("D2", 'Leeds, "UK"'), becomes={"C1": {"city": 'Leeds, "UK"'}}),
    "yes and no for tick boxes": Malformed(
        both(put("F2", "Yes"), put("G2", 0), put("H2", "no")), table="outreach"
    ),
    "neither yes nor no": Malformed(put("F2", "perhaps"), table="outreach", rejected=("O1",), named=("(cell F2)",)),
    "the right sheet": Malformed(nothing),
    "the right sheet of tick boxes": Malformed(below([], []), table="outreach"),
}  # fmt: skip
