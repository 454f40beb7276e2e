"""Each partition says its own: what the page of a day shows is the same whether it was made alone or within a range.

Dagster keeps the time, the run and the code version beside the metadata and not in them, so nothing is left out.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
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

KINDS = ("ASSET_MATERIALIZATION", "ASSET_OBSERVATION")
PICTURES = [
    ("customer_segments", "segment_shares"),
    ("customer_projection", "projection"),
    ("segment_profiles", "snake_plot"),
    ("labelled_customers", "segment_shares"),
]
SINCE_THE_DAY_BEFORE = [("segment_migration", title) for title in ("moved", "moved_demographic", "joined", "left")]
NUMBERS = [
    *SINCE_THE_DAY_BEFORE,
    ("customer_segments", "unplaced"),
    ("customer_segments", "unplaced_demographic"),
    ("claims", "rejected_rows"),
    ("claims", "rejected_share"),
    ("rejected_rows", "rejected_share"),
    ("feature_drift", "largest_psi"),
    ("segment_stability", "lowest_jaccard"),
    ("labelled_customers", "value_of_segment_1"),
    ("rejected_rows", "broken_no_row_is_lost"),
    ("segment_migration", "broken_migrations_add_up"),
]

Said = Mapping[tuple[str, date], Mapping[str, Any]]
"""(table, day) -> what its page shows, by title."""


@dataclass(frozen=True)
class Told:
    """What runs said of each day, and how many rows broke each check."""

    graph: Graph
    said: Said
    broken: Mapping[str, int]


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> str:
    """The insurance portfolio, all of its lenses, with a small synthetic insurer."""
    folder = tmp_path_factory.mktemp("portfolio")
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8").replace("customers: 4000", "customers: 1000")
    (folder / "small.yaml").write_text(text, encoding="utf-8")
    return str(folder / "small.yaml")


def told(graph: Graph, *runs: list[date]) -> Told:
    """Return what is told by runs that are kept in one place as those of a company are."""
    said: dict[tuple[str, date], dict[str, Any]] = {}
    broken: Counter[str] = Counter()
    with DagsterInstance.ephemeral() as instance:
        for days in runs:
            result = graph.run(*days, instance=instance)
            for event in [e for kind in KINDS for e in events(result, kind)]:
                is_made = event.event_type_value == "ASSET_MATERIALIZATION"
                made = event.materialization if is_made else event.asset_observation_data.asset_observation
                shown = said.setdefault((made.asset_key.path[-1], date.fromisoformat(made.partition)), {})
                assert not shown.keys() & made.metadata.keys()
                shown |= {title: value.value for title, value in made.metadata.items()}
            for evaluation in result.get_asset_check_evaluations():
                if "rows_broken" in evaluation.metadata:
                    broken[evaluation.check_name] += evaluation.metadata["rows_broken"].value
    return Told(graph, said, broken)


@pytest.fixture(scope="module")
def of_range(small, tmp_path_factory) -> Told:
    """What a run over the five days said of each."""
    return told(graph_on(None, tmp_path_factory.mktemp("range"), small), DAYS)


@pytest.fixture(scope="module")
def of_days(small, tmp_path_factory) -> Told:
    """What five runs of a day said."""
    return told(graph_on(None, tmp_path_factory.mktemp("days"), small), *([day] for day in DAYS))


def test_every_day_of_every_table_is_told_of(small, of_range):
    tables = draw_blueprint(load_portfolio(small)).tables
    assert set(of_range.said) == {(name, day) for name in tables for day in DAYS}


def test_a_day_of_a_range_says_what_it_says_alone(of_range, of_days):
    differing = [
        (*key, title)
        for key, shown in of_days.said.items()
        for title in shown.keys() | of_range.said[key].keys()
        if shown.get(title, ...) != of_range.said[key].get(title, ...)
    ]
    assert not differing


def test_days_of_a_range_are_told_apart(of_range):
    for table in ("customers", "customer_features", "customer_segments", "segment_outcomes"):
        rows = [of_range.said[table, day]["dagster/partition_row_count"] for day in DAYS]
        assert rows == [len(of_range.graph.table(table, day)) for day in DAYS]
    for table, title in PICTURES:
        assert len({of_range.said[table, day][title] for day in DAYS}) > 1


def test_a_check_of_a_range_counts_what_its_days_do(of_range, of_days):
    assert of_range.broken == of_days.broken


@pytest.mark.parametrize(("table", "title"), NUMBERS)
def test_dagster_can_chart_it(of_range, table, title):
    numbers = [of_range.said[table, day].get(title) for day in DAYS]
    missing = 1 if (table, title) in SINCE_THE_DAY_BEFORE else 0
    assert numbers[:missing] == [None] * missing
    assert all(isinstance(number, int | float) for number in numbers[missing:])


def test_the_numbers_are_those_of_the_tables(of_range):
    graph, primary = of_range.graph, "overall"
    for before, day in pairwise(DAYS):
        said = {table: of_range.said[table, day] for table, _ in NUMBERS}
        then, now = (graph.table("customer_segments", d).set_index(["lens", "customer_id"]) for d in (before, day))
        both = then.join(now, how="inner", lsuffix="_then")[["segment_id_then", "segment_id"]].fillna(-1)
        moved = (both["segment_id_then"] != both["segment_id"]).groupby("lens").sum()
        assert said["segment_migration"]["moved"] == moved[primary]
        assert said["segment_migration"]["moved_demographic"] == moved["demographic"]
        ids = [set(frame.loc[primary].index) for frame in (then, now)]
        assert said["segment_migration"]["joined"] == len(ids[1] - ids[0])
        assert said["segment_migration"]["left"] == len(ids[0] - ids[1])
        assert said["customer_segments"]["unplaced"] == now.loc[primary, "segment_id"].isna().sum()
        drift = graph.table("feature_drift", day)
        assert said["feature_drift"]["largest_psi"] == drift.loc[drift["lens"] == primary, "psi"].max()
        stability = graph.table("segment_stability", day)
        assert (
            said["segment_stability"]["lowest_jaccard"] == stability.loc[stability["lens"] == primary, "jaccard"].min()
        )
        delivered = len(graph.table("raw_claims", day))
        assert said["claims"]["rejected_share"] == (delivered - len(graph.table("claims", day))) / delivered
