import re

from segmentation_assets.pages.tables import render
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import build_tables
from segmentation_assets.tables.schema import string, table

TABLES = build_tables(load_portfolio("insurance"))


def test_the_page_has_every_table_and_column_once():
    page = render(TABLES)
    sections = re.split(r"\n### `", page)[1:]
    assert [section.split("`")[0] for section in sections] == list(TABLES)
    for section, declared in zip(sections, TABLES.values(), strict=True):
        assert re.findall(r"^\| \*{0,2}`(\w+)`", section, re.MULTILINE) == declared.column_names[1:]


def test_a_stage_has_one_heading():
    headings = re.findall(r"^## (.+)$", render(TABLES), re.MULTILINE)
    assert [h.lower() for h in headings] == list(dict.fromkeys(t.stage for t in TABLES.values()))


def test_a_row_says_what_is_never_null_and_what_is_personal():
    key = string("key", "Key.", is_required=True, is_personal=True)
    page = render(
        {"t": table("t", "core", "Things.", key, string("x", "a | b", unit="m"), key=("key",), unit_of_row="thing")}
    )
    assert "\n### `t`\n\nThings. Table; one row per thing; key: `key`.\n" in page
    assert page.endswith("| **`key`**†‡ | STRING |  | Key. |\n| `x` | STRING | m | a &#124; b |\n")


def test_the_page_is_of_the_default_portfolio():
    assert render() == render(TABLES)
