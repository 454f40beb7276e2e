"""Training: when a lens has a model and when not, which k, and that nothing but the customers decides."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.errors import ModelError
from segmentation_assets.portfolio import Lens, Portfolio
from segmentation_assets.portfolio.schema import Value
from segmentation_assets.segments.model import IN_FORCE, model_from_rows
from segmentation_assets.segments.placement import place
from segmentation_assets.segments.training import Training, configuration_hash, train
from segmentation_assets.tables import own_tables
from segmentation_assets.tables.frames import from_arrow, to_arrow
from segmentation_assets_tests.segments.conftest import FEATURES, customers

MODEL_SELECTION = own_tables()["model_selection"]
SEGMENT_MODELS = own_tables()["segment_models"]
SEGMENT_PROTOTYPES = own_tables()["segment_prototypes"]
SEGMENT_STABILITY = own_tables()["segment_stability"]

DAY = date(2025, 11, 15)
TABLES = {
    "candidates": MODEL_SELECTION,
    "model_rows": SEGMENT_MODELS,
    "prototype_rows": SEGMENT_PROTOTYPES,
    "stability_rows": SEGMENT_STABILITY,
}


def portfolio_of(**lenses: Lens) -> Portfolio:
    first = next(iter(lenses))
    return Portfolio(
        name="small",
        title="Small",
        currency="GBP",
        sources={},
        features=FEATURES,
        lenses={name: lens.model_copy(update={"primary": name == first}) for name, lens in lenses.items()},
        value=Value(feature="premium", label="premium", unit="GBP"),
    )


def lens_of(*features: str, **given: object) -> Lens:
    return Lens(title="Small", features=list(features), **given)


def book(n: int = 120, seed: int = 0) -> pd.DataFrame:
    """Return n customers in three groups of unequal size, told apart by age and by city."""
    rng = np.random.default_rng(seed)
    group = rng.choice(3, n, p=[0.5, 0.2, 0.3])
    frame = customers(
        age=np.array([70, 20, 45])[group] + rng.normal(0, 3, n),
        city=np.array(["York", "Bath", "Leeds"])[group],
        premium=np.array([900, 100, 400])[group] + rng.normal(0, 10, n),
        visits=rng.poisson(3, n),
    )
    return frame.assign(customer_id=pd.array([f"C{i:06d}" for i in rng.permutation(n)], dtype="string[pyarrow]"))


def as_stored(training: Training) -> dict[str, pd.DataFrame]:
    """Return the four tables as the warehouse gives them back, without the day."""
    stored = {}
    for name, table in TABLES.items():
        frame = getattr(training, name)
        if name == "model_rows":  # what the chain of models adds
            frame = frame.assign(chain_hash="c0ffee", predecessor_model_id=None)
        full = frame.reindex(columns=table.column_names).assign(snapshot_date=pd.Timestamp(DAY))
        stored[name] = from_arrow(to_arrow(full, table), table).drop(columns="snapshot_date")
    return stored


def only_row(training: Training) -> pd.Series:
    return training.model_rows.iloc[0]


TWO = lens_of("age", "city", n_clusters=2)


@pytest.mark.parametrize(
    ("rows", "lens", "status"),
    [
        (customers(age=[], city=[]), TWO, "0 can be placed, too few of them different for 2 segments"),
        (customers(age=[30], city=["Bath"]), TWO, "1 can be placed, too few of them different for 2 segments"),
        (customers(age=[30, 40], city=["Bath"] * 2), TWO, "2 can be placed, too few of them different for 2 segments"),
        (customers(age=[30] * 9, city=["Bath"] * 9), TWO, "9 can be placed, too few of them different for 2 segments"),
        (
            customers(age=[30, 40, 50] * 3, city=["Bath"] * 9),
            lens_of("age", "city", n_clusters=4, candidates=(2, 3)),
            "9 can be placed, too few of them different for 4 segments",
        ),
        (
            customers(age=[30, 40, 50] * 3, city=["Bath"] * 9),
            lens_of("age", "city", candidates=(4, 6)),
            "9 can be placed, too few of them different for 4 segments",
        ),
        (
            customers(age=[np.nan] * 9, city=["Bath"] * 9),
            TWO,
            "0 can be placed, too few of them different for 2 segments",
        ),
    ],
    ids=["nobody", "one", "one a segment", "all alike", "fixed k", "least candidate", "an empty feature"],
)
def test_too_few_customers_give_a_row_that_says_so_and_nothing_else(rows, lens, status):
    training = train(rows.assign(premium=1.0), portfolio_of(small=lens), DAY)
    assert only_row(training)["status"] == f"too_few_customers: {status}"
    assert only_row(training)["model_id"] == "small-20251115-none"
    assert {name: len(table) for name, table in as_stored(training).items()} == {
        "candidates": 0,
        "model_rows": 1,
        "prototype_rows": 0,
        "stability_rows": 0,
    }


def test_inputs_that_were_not_delivered_are_named():
    rows = book().assign(visits=np.nan, premium=np.nan)
    training = train(rows, portfolio_of(small=lens_of("age", "visits", "premium")), DAY)
    assert only_row(training)["status"] == "not_provided: interactions, policies"


@pytest.mark.filterwarnings("ignore:Only 2 of n_clusters")
def test_customers_that_differ_by_less_than_the_engine_sees_fill_no_segment():
    rows = customers(age=[20, 60, 20 + 1e-12, 20 + 2e-12, 20 + 3e-12, 20 + 4e-12]).assign(premium=1.0)
    fixed = train(rows, portfolio_of(small=lens_of("age", n_clusters=4)), DAY)
    assert only_row(fixed)["status"].startswith("too_few_customers: 6 can be placed")
    auto = train(rows, portfolio_of(small=lens_of("age", candidates=(2, 4))), DAY)
    assert auto.candidates["n_clusters"].tolist() == [2]
    assert only_row(auto)["n_clusters"] == 2


@pytest.mark.parametrize(("fixed", "tried"), [(2, [2, 3, 4]), (7, [3, 4, 7])])
def test_a_fixed_k_is_used_and_tried_even_outside_the_candidates(fixed, tried):
    lens = lens_of("age", "city", n_clusters=fixed, candidates=(tried[0], 4))
    training = train(book(), portfolio_of(small=lens), DAY)
    assert training.candidates["n_clusters"].tolist() == tried
    assert training.candidates.query("is_chosen")["n_clusters"].tolist() == [fixed]
    assert training.candidates["is_recommended"].sum() == 1
    assert only_row(training)["n_clusters"] == fixed
    assert training.prototype_rows["segment_id"].unique().tolist() == list(range(1, fixed + 1))


def test_auto_takes_the_recommended_k():
    training = train(book(), portfolio_of(small=lens_of("age", "city", candidates=(2, 6))), DAY)
    assert training.candidates.query("is_recommended")["n_clusters"].tolist() == [3]
    assert training.candidates["is_chosen"].tolist() == training.candidates["is_recommended"].tolist()
    assert only_row(training)["n_clusters"] == 3


def test_candidates_that_the_customers_cannot_fill_are_not_tried():
    rows = customers(age=[20, 40, 60, 80] * 5).assign(premium=1.0)
    training = train(rows, portfolio_of(small=lens_of("age", candidates=(2, 9))), DAY)
    assert training.candidates["n_clusters"].tolist() == [2, 3, 4]


def test_the_model_is_the_means_and_modes_of_its_segments_numbered_by_the_first_number():
    rows = book()
    portfolio = portfolio_of(small=lens_of("city", "age", "premium", n_clusters=3))
    training = train(rows, portfolio, DAY)
    model = model_from_rows(only_row(training), training.prototype_rows)
    placed = place(rows, "small", portfolio.lenses["small"], FEATURES, model=model).merge(rows, on="customer_id")
    assert model.prototypes["city"].tolist() == ["Bath", "Leeds", "York"]
    for name in ("age", "premium"):
        means = placed.groupby("segment_id")[name].mean()
        np.testing.assert_allclose(model.prototypes[name], means, rtol=1e-12)
    assert placed["distance"].sum() == pytest.approx(model.cost, rel=1e-6)


@pytest.mark.parametrize(
    "lens",
    [
        lens_of("age", "city"),
        lens_of("age", "visits"),
        lens_of("city", "product"),
        lens_of("visits", "city", gamma=0.1),
    ],
    ids=["mixed", "numbers", "categories", "many ties"],
)
def test_the_order_of_the_rows_matters_to_no_bit_of_any_table(lens):
    rows = book().assign(product=lambda frame: frame["city"].str[:1] + frame["visits"].ge(3).astype(str))
    portfolio = portfolio_of(small=lens.model_copy(update={"candidates": (2, 4)}))
    as_delivered = as_stored(train(rows, portfolio, DAY))
    assert len(as_delivered["stability_rows"]) >= 2
    for seed in range(2):
        shuffled = as_stored(train(rows.sample(frac=1, random_state=seed), portfolio, DAY))
        for name, table in as_delivered.items():
            pd.testing.assert_frame_equal(shuffled[name], table, check_exact=True, obj=name)


def test_a_lens_without_a_model_touches_no_other():
    rows, good = book().assign(tenure=np.nan), lens_of("age", "city", candidates=(2, 4))
    alone = train(rows, portfolio_of(good=good), DAY)
    both = train(rows, portfolio_of(good=good, few=lens_of("city", n_clusters=9), none=lens_of("tenure")), DAY)
    assert both.model_rows["status"].str.split(":").str[0].tolist() == [IN_FORCE, "too_few_customers", "not_provided"]
    for name, table in as_stored(alone).items():
        of_good = as_stored(both)[name].query("lens == 'good'")
        pd.testing.assert_frame_equal(of_good, table, check_exact=True, obj=name)


def test_customers_who_lack_a_feature_teach_nothing():
    rows = book()
    lacking = rows.head(20).assign(customer_id=[f"X{i}" for i in range(20)], age=np.nan)
    portfolio = portfolio_of(small=lens_of("age", "city", n_clusters=3))
    with_them = train(pd.concat([lacking, rows], ignore_index=True), portfolio, DAY)
    assert only_row(with_them)["n_customers"] == len(rows)
    assert only_row(with_them)["model_id"] == only_row(train(rows, portfolio, DAY))["model_id"]


def test_a_constant_feature_decides_nothing():
    rows = book().assign(visits=4.0)
    training = train(rows, portfolio_of(small=lens_of("visits", "age", "city", n_clusters=3)), DAY)
    visits = training.prototype_rows.query("feature == 'visits'")["numeric_value"]
    assert visits.tolist() == [4.0, 4.0, 4.0]
    ages = training.prototype_rows.query("feature == 'age'")["numeric_value"].tolist()
    assert ages == sorted(ages)


def test_numbers_alone_and_categories_alone():
    rows = book()
    numbers = train(rows, portfolio_of(small=lens_of("age", "visits", n_clusters=3)), DAY)
    assert numbers.prototype_rows["categorical_value"].isna().all()
    categories = train(rows, portfolio_of(small=lens_of("city", n_clusters=3)), DAY)
    assert categories.prototype_rows["categorical_value"].tolist() == ["Bath", "Leeds", "York"]
    assert categories.prototype_rows["numeric_value"].isna().all()
    assert only_row(categories)["cost"] == 0.0
    assert categories.stability_rows["n_customers"].tolist() == rows.groupby("city").size().tolist()


def test_a_value_nobody_has_separates_nothing_and_spoils_nothing():
    portfolio = portfolio_of(small=lens_of("age", "city", n_clusters=3))
    known, unknown = train(book(), portfolio, DAY), train(book().assign(premium=np.nan), portfolio, DAY)
    assert unknown.candidates["value_separation"].isna().all()
    assert known.candidates["value_separation"].notna().all()
    assert only_row(unknown)["model_id"] == only_row(known)["model_id"]


def test_customers_of_unknown_value_are_left_out_of_its_separation():
    rows = customers(age=[20, 20.5, 21, 60, 60.5, 61]).assign(premium=[1, 1, np.nan, 3, 3, np.nan])
    training = train(rows, portfolio_of(small=lens_of("age", n_clusters=2)), DAY)
    assert training.candidates["value_separation"].iloc[0] == pytest.approx(1.0)


@pytest.mark.parametrize(("feature", "value"), [("age", np.inf), ("age", -np.inf), ("premium", np.inf)])
def test_an_infinite_number_is_told(feature, value):
    rows = book()
    rows.loc[3, feature] = value
    with pytest.raises(
        ModelError, match=f"customer_features.{feature} is infinite for 1 of 120 customers, so the lens"
    ):
        train(rows, portfolio_of(small=lens_of("age", "city")), DAY)


class TestConfigurationHash:
    LENS = lens_of("age", "city")

    def hash_of(self, lens: Lens = LENS, **changed: object) -> str:
        return configuration_hash("small", portfolio_of(small=lens).model_copy(update=changed))

    @pytest.mark.parametrize(
        "changed",
        [
            {"lens": lens_of("age", "city", method="reference")},
            {"value": Value(feature="tenure", label="tenure", unit="years")},
            {"features": FEATURES | {"age": FEATURES["age"].model_copy(update={"weight": 2.0})}},
            {"features": FEATURES | {"age": FEATURES["age"].model_copy(update={"scaling": "robust"})}},
            {"features": FEATURES | {"age": FEATURES["age"].model_copy(update={"needs": ["policies"]})}},
            {"lens": lens_of("city", "age")},
            {"lens": lens_of("age", "city", n_clusters=3)},
            {"lens": lens_of("age", "city", candidates=(2, 8))},
            {"lens": lens_of("age", "city", gamma=0.5)},
        ],
        ids=str,
    )
    def test_changes_with_what_decides(self, changed):
        assert self.hash_of(**changed) != self.hash_of()

    @pytest.mark.parametrize(
        "changed",
        [
            {"title": "Other"},
            {"min_group_size": 30},
            {"lens": lens_of("age", "city", describe_by=["premium"])},
            {"features": FEATURES | {"premium": FEATURES["premium"].model_copy(update={"weight": 2.0})}},
            {"features": FEATURES | {"age": FEATURES["age"].model_copy(update={"description": "Years lived."})}},
        ],
        ids=str,
    )
    def test_stays_with_what_only_describes(self, changed):
        assert self.hash_of(**changed) == self.hash_of()


CURRENT = portfolio_of(good=lens_of("age", "city", n_clusters=3), few=lens_of("city", n_clusters=9))


@pytest.fixture(scope="module")
def stored() -> dict[str, pd.DataFrame]:
    tables = as_stored(train(book(), CURRENT, DAY))
    in_force = tables["model_rows"].query("status == 'in_force'")
    return {**tables, "lineage_rows": in_force[["lens", "model_id"]]}


def test_a_training_read_back_is_whole(stored):
    assert Training(**stored).is_whole()


@pytest.mark.parametrize("part", ["stability_rows", "lineage_rows"])
def test_a_training_of_which_a_table_was_never_written_is_not_whole(stored, part):
    for lacking in (stored[part].iloc[:0], pd.DataFrame({"lens": []})):
        assert not Training(**{**stored, part: lacking}).is_whole()


def test_prototypes_that_cannot_be_scored_with_are_not_whole(stored):
    older = stored["prototype_rows"].assign(position=pd.NA)
    assert not Training(**{**stored, "prototype_rows": older}).is_whole()


def test_where_no_lens_has_a_model_nothing_is_missing():
    portfolio = portfolio_of(few=lens_of("city", n_clusters=9))
    assert Training(**as_stored(train(book(), portfolio, DAY))).is_whole()


def test_named_lenses_are_trained_alone_and_joined_to_the_same_rows():
    both = as_stored(train(book(), CURRENT, DAY))
    parts = [train(book(), CURRENT, DAY, lenses=[name]) for name in CURRENT.lenses]
    joined = as_stored(Training.joined(parts))
    for name, table in both.items():
        pd.testing.assert_frame_equal(joined[name], table, obj=name)
    assert set(Training.joined(parts).of("few").model_rows["lens"]) == {"few"}
