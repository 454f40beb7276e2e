"""Each partition says its own: what the page of a day shows is the same whether it was made alone or within a range.

Dagster keeps the time, the run and the code version beside the metadata and not in them, so nothing is left out.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets_tests.conftest import Graph, events, graph_on

pytestmark = pytest.mark.long

DAYS = [date(2024, 3, 30) + timedelta(n) for n in range(5)]
"""Five days over the turn of a quarter: models are learned on the first and on the third."""

Said = Mapping[tuple[str, date], Mapping[str, Any]]
"""(table, day) -> what its page shows, by title."""


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> str:
    """The insurance portfolio, all of its lenses, with a small synthetic insurer."""
    folder = tmp_path_factory.mktemp("portfolio")
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8").replace("customers: 4000", "customers: 1000")
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    return str(folder / "small.yaml")


def said(graph: Graph, *runs: list[date]) -> Said:
    """Return what was said of each day, by runs that are kept in one place as those of a company are."""
    found = {}
    with DagsterInstance.ephemeral() as instance:
        for days in runs:
            for event in events(graph.run(*days, instance=instance), "ASSET_MATERIALIZATION"):
                made = event.step_materialization_data.materialization
                key = (made.asset_key.path[-1], date.fromisoformat(made.partition))
                assert key not in found
                found[key] = {title: value.value for title, value in made.metadata.items()}
    return found


@pytest.fixture(scope="module")
def of_range(small, tmp_path_factory) -> Said:
    """What a run over the five days said of each."""
    return said(graph_on(None, tmp_path_factory.mktemp("range"), small), DAYS)


@pytest.fixture(scope="module")
def of_days(small, tmp_path_factory) -> Said:
    """What five runs of a day said."""
    return said(graph_on(None, tmp_path_factory.mktemp("days"), small), *([day] for day in DAYS))


def test_every_day_of_every_table_is_told_of(small, of_range):
    tables = draw_blueprint(load_portfolio(small)).tables
    assert set(of_range) == {(name, day) for name in tables for day in DAYS}


def test_a_day_of_a_range_says_what_it_says_alone(of_range, of_days):
    differing = [
        (*key, title)
        for key, shown in of_days.items()
        for title in shown.keys() | of_range[key].keys()
        if shown.get(title, ...) != of_range[key].get(title, ...)
    ]
    assert not differing
