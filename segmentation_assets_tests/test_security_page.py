"""The page of threats names a test for whatever it says is stopped; it is there, and tries as often as it says."""

import re
from pathlib import Path

import pytest

import segmentation_assets

TESTS = Path(__file__).parent
PACKAGE = Path(segmentation_assets.__file__).parent
PAGE = PACKAGE.parent / "docs" / "security.md"
TEST = re.compile(r"`((?:\w+/)*test_\w+\.py)`")
PATH = re.compile(r"`((?:\w+/)*\w+\.py)`")
TRIES = re.compile(r"\b\d{1,3},\d{3}\b")


def claims() -> dict[str, tuple[str, str]]:
    """Return what could happen -> what stops it and the cell of tests, for each row of the tables of what stops it."""
    parts = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = [line for part in parts if part.startswith("What stops") for line in part.splitlines()]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    assert all(len(row) == 3 for row in rows)
    return {what: (stops, test) for what, stops, test in rows if test not in ("test", "---")}


CLAIMS = claims()


def test_there_are_claims_and_none_is_made_twice():
    assert len(CLAIMS) > 20


@pytest.mark.parametrize("what", CLAIMS)
def test_a_claim_names_a_test_that_is_there(what):
    named = TEST.findall(CLAIMS[what][1])
    assert named
    for name in named:
        assert re.search(r"^def test_", (TESTS / name).read_text(encoding="utf-8"), re.MULTILINE), name


@pytest.mark.parametrize("what", CLAIMS)
def test_a_claim_that_tells_how_often_something_was_tried_is_true(what):
    _, tests = CLAIMS[what]
    tried = "\n".join((TESTS / name).read_text(encoding="utf-8") for name in TEST.findall(tests))
    assert [figure for figure in TRIES.findall(tests) if figure.replace(",", "_") not in tried] == []


def test_every_file_that_the_page_names_is_there():
    named = set(PATH.findall(PAGE.read_text(encoding="utf-8")))
    assert {name for name in named if not any((root / name).is_file() for root in (TESTS, PACKAGE))} == set()
