"""Nothing is accepted in silence that does nothing: every key is read by something that acts on it, or told."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import segmentation_assets
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.portfolio.loading import load_portfolio
from segmentation_assets.portfolio.parts import Part
from segmentation_assets.portfolio.validation.doubts import UNUSED, doubts
from segmentation_assets_tests.portfolio.conftest import SMALL

PACKAGE = Path(segmentation_assets.__file__).parent
JUDGED = (
    "portfolio/validation/contradictions.py",
    "portfolio/validation/references.py",
    "portfolio/validation/doubts.py",
    "portfolio/validation/faults.py",
)
"""What only says whether a portfolio can be right does not count, nor do the pages that describe it."""


def parts(of: type[Part] = Part) -> Iterator[type[Part]]:
    for part in of.__subclasses__():
        yield part
        yield from parts(part)


def read_names() -> set[str]:
    """Return every name after a dot, and every text that may name a key, in what acts on a portfolio."""
    found: set[str] = set()
    for file in PACKAGE.rglob("*.py"):
        where = file.relative_to(PACKAGE).as_posix()
        if where not in JUDGED and not where.startswith("pages/"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                found |= {node.attr} if isinstance(node, ast.Attribute) else set()
    return found


@pytest.mark.parametrize("part", sorted({Portfolio, *parts()}, key=lambda part: part.__name__))
def test_every_key_is_read(part):
    told = {"Portfolio": set(UNUSED), "Campaign": part.model_fields.keys(), "Scenario": part.model_fields.keys()}
    unread = part.model_fields.keys() - read_names() - told.get(part.__name__, set())
    assert not unread, f"{part.__name__} takes {sorted(unread)}, which nothing reads"


def test_what_nothing_reads_yet_is_told(tmp_path):
    (tmp_path / "mine.yaml").write_text(SMALL, encoding="utf-8")
    told = {".".join(map(str, doubt.place)) for doubt in doubts(load_portfolio(str(tmp_path / "mine.yaml")))}
    assert {*UNUSED, "product_catalogue.0.categories"} <= told
    assert not {place for place in map(str, doubts(load_portfolio("insurance"))) if "no table yet" in place}
