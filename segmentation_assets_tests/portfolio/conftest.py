"""A small whole portfolio, and what is said of it once something in it is changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from segmentation_assets.errors import PortfolioError
from segmentation_assets.portfolio import load_portfolio

SMALL = """\
name: small
title: Small company
currency: GBP
history_start: 2024-01-01
sources:
  customers:
    csv: customers.csv
    ranges: {age: {min: 0, max: 120}}
    categories: {gender: [Female, Male]}
  policies:
    csv: sales.csv
    date_formats: {purchase_date: ["%d/%m/%Y"]}
  products:
    csv: products.csv
    categories: {product_type: [Health, Life]}
features:
  age: {kind: numeric, description: Age., columns: [customers.age], low: {phrase: "aged {number}", adjective: Young}}
  premium: {kind: numeric, description: Premium., columns: [policies.premium], needs: [policies]}
  gender: {kind: categorical, description: Gender., columns: [customers.gender], values: {Female: {phrase: are women}}}
  status: {kind: categorical, description: Status., values: {lapsed: {phrase: left}, active: {phrase: stay}}}
lenses:
  overall:
    title: Overall
    primary: true
    features: [age, gender]
    n_clusters: 3
    describe_by: [premium]
  other: {title: Other, features: [premium]}
value: {feature: premium, label: premium, unit: GBP}
outcome: {feature: status, category: lapsed, label: lapsed}
protected_attributes: [gender]
product_catalogue:
  - {product_type: Life, ranges: {age: {min: 18}}, categories: {gender: [Female]}}
campaigns:
  C1: {title: One, product_type: Life, channel: Email, cost_per_contact: 1, margin_per_sale: 10}
scenarios:
  rise: {description: More., factors: {premium: 1.1}}
retrain: monthly
"""


def line_of(text: str, within: str = SMALL) -> int:
    """Return the number of the one line that holds a text."""
    (found,) = [i for i, line in enumerate(within.splitlines(), start=1) if text in line]
    return found


@pytest.fixture
def at(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def faults(at: Path) -> Callable[..., list[str]]:
    """Return the lines of the error that a file gives, written with one text replaced by another."""

    def load(old: str | None = None, new: str = "", *, raw: bytes | None = None) -> list[str]:
        if old is not None:
            assert SMALL.count(old) == 1, old
            raw = SMALL.replace(old, new).encode()
        (at / "mine.yaml").write_bytes(SMALL.encode() if raw is None else raw)
        with pytest.raises(PortfolioError) as error:
            load_portfolio("mine.yaml")
        return str(error.value).splitlines()

    return load
