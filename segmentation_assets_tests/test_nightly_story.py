"""Four months of nights from sheets to customers under Gemini's names: what the tables tell is what was planted."""

from datetime import date, timedelta

import pandas as pd
import pytest

from segmentation_assets_tests.personas.truth import untruths
from segmentation_assets_tests.story import DAYS, DRIFTED, QUARTERS, open_nights, planted_insurer
from segmentation_assets_tests.story_told import (
    LENS,
    alarms_of,
    incomplete,
    lineage_of,
    moves_of,
    personas_of,
    segment_of,
    untrue_labels,
)

pytestmark = pytest.mark.long

EVE = DRIFTED - timedelta(days=1)
LAST = DAYS[-1]
NIGHTS = [DAYS[0], QUARTERS[0], date(2024, 5, 13), EVE, DRIFTED, LAST]
"""Some of the 120 nights of `benchmarks.bench_story`; models are learned on the first, the second and the last one."""

LEFT_OUT = {"micro_segments", "customer_projection"}
"""Tables that tell nothing of the story."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The nights, and what each run said of its checks."""
    checks = {}
    with open_nights(tmp_path_factory.mktemp("story"), planted_insurer()) as nights:
        stored = [table.name for table in nights.tables if not table.is_view and table.name not in LEFT_OUT]
        for night in NIGHTS:
            result = nights.run(night, only=stored)
            assert result.success
            checks[night] = {one.check_name for one in result.get_asset_check_evaluations() if not one.passed}
        yield nights, checks


def test_segments_keep_their_numbers_and_their_kind_of_customer(told):
    nights, _ = told
    first = personas_of(nights.graph, nights.insurer, NIGHTS[0])
    assert first["persona"].nunique() == 6
    for night in NIGHTS[1:]:
        found = personas_of(nights.graph, nights.insurer, night)
        assert found["persona"].to_dict() == first["persona"].to_dict()
        if night < DRIFTED:
            assert (found["share"] > 0.9).all()


def test_lineage_tells_of_three_models_that_carry_on_the_same_six_segments(told):
    nights, _ = told
    models = {night: nights.graph.table("segment_models", night).set_index("lens") for night in NIGHTS}
    trained = [rows.loc[LENS, "trained_on"].date() for rows in models.values()]
    assert set(trained) == {NIGHTS[0], QUARTERS[0], LAST}
    for night, day in zip(NIGHTS, trained, strict=True):
        event = "new" if day == NIGHTS[0] else "survived"
        assert lineage_of(nights.graph, night) == dict.fromkeys(range(1, 7), event)


def test_names_are_asked_for_once_and_carried_while_they_are_true(told):
    nights, _ = told
    labels = {night: nights.graph.table("segment_labels", night).set_index(["lens", "segment_id"]) for night in NIGHTS}
    first = labels[NIGHTS[0]]
    assert set(first["label_source"]) == {"gemini"}
    assert nights.calls[NIGHTS[0]] == 2  # one a lens
    for night in NIGHTS[1:]:
        renamed = labels[night]["segment_name"] != first["segment_name"].reindex(labels[night].index)
        assert set(labels[night].loc[~renamed, "label_source"]) == {"carried"}
        assert nights.calls[night] == int(renamed.any())
        # Only what the customers themselves no longer bear out is given up: incomes that were modest.
        for lens, segment in renamed.index[renamed]:
            assert night >= DRIFTED
            assert lens == LENS
            customers = nights.graph.table("labelled_customers", night)
            assert untruths(first.loc[(lens, segment), "segment_name"], segment_of(customers, segment))
    assert "C0000" not in "".join(request.body for request in nights.gemini.requests)


def test_every_claim_of_every_label_is_true_of_the_customers(told):
    nights, _ = told
    assert [untrue for night in NIGHTS for untrue in untrue_labels(nights.graph, night)] == []


def test_planted_moves_are_told_on_their_night(told):
    nights, _ = told
    moves = moves_of(nights.graph, nights.insurer, NIGHTS).between(NIGHTS[0], EVE)
    assert len(moves.planted) > 50
    assert moves.precision >= 0.95
    assert moves.recall >= 0.95


def test_the_alarm_is_raised_by_the_planted_drift_and_by_nothing_else(told):
    nights, checks = told
    for night in NIGHTS:
        alarms, is_drifted = (
            alarms_of(nights.graph, night),
            night >= DRIFTED,
        )  # the last model is held against its elder
        assert [name for name in alarms if " in segment " not in name] == (["income"] if is_drifted else [])
        assert all(name.startswith("income") for name in alarms)
        assert ("no_feature_has_drifted" in checks[night]) == is_drifted


def test_every_customer_is_labelled_every_night_and_those_who_lapsed_are_known(told):
    nights, checks = told
    for night in NIGHTS:
        assert incomplete(nights.graph, nights.insurer, night) == []
        assert checks[night] <= {"no_feature_has_drifted"}


def test_a_second_run_of_a_night_asks_gemini_nothing(told):
    nights, _ = told
    night, n_calls = NIGHTS[0], nights.gemini.n_calls
    before = nights.graph.table("segment_labels", night)
    assert nights.run(night, only=["raw_customers", "raw_policies", "raw_products", "segment_labels"]).success
    assert nights.gemini.n_calls == n_calls
    pd.testing.assert_frame_equal(nights.graph.table("segment_labels", night), before)
