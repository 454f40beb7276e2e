"""Placement by SQL against a placement worked out by hand, and against Python's to the last bit."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.portfolio import Feature, Lens, Portfolio, load_portfolio
from segmentation_assets.portfolio.schema import Value
from segmentation_assets.segments.model import LensModel
from segmentation_assets.segments.placement import place
from segmentation_assets.segments.scaling import learn_scales
from segmentation_assets.segments.scoring.view import scoring_sql
from segmentation_assets.tables import build_tables
from segmentation_assets.tables.frames import empty_frame, from_arrow, to_arrow
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.sql.lint import lint_sql
from segmentation_assets_tests.conftest import PUBLISHED_DAY
from segmentation_assets_tests.engines import lay_out
from segmentation_assets_tests.segments.conftest import FEATURES, LENS, customers, small_model

MONDAY, TUESDAY = date(2025, 11, 17), date(2025, 11, 18)
SAID = ["lens", "customer_id", "segment_id", "distance", "runner_up_segment_id", "confidence", "model_id"]


def portfolio_of(features: dict[str, Feature], **lenses: Lens) -> Portfolio:
    value = Value(feature="age", label="age", unit="years")
    return Portfolio(
        name="small", title="Small", currency="GBP", sources={}, features=features, lenses=lenses, value=value
    )


def scored(warehouse, portfolio, features, prototypes):
    """Return what the view says; frames are given by day."""
    tables = build_tables(portfolio)
    for name, frames in {"customer_features": features, "segment_prototypes": prototypes}.items():
        stamped = [frame.assign(snapshot_date=pd.Timestamp(day)) for day, frame in frames.items()]
        rows = pd.concat(stamped).reindex(columns=tables[name].column_names) if stamped else empty_frame(tables[name])
        lay_out(warehouse, tables[name], to_arrow(rows, tables[name]))
    rows = warehouse.query(Query(scoring_sql(portfolio)))
    order = [(name, "ascending") for name in ("snapshot_date", "lens", "customer_id")]
    return from_arrow(rows.sort_by(order), tables["scored_customers"])


def same_to_the_bit(found, expected):
    """Assert that two frames hold the same rows, doubles compared bit by bit."""
    order = ["lens", "customer_id"]
    found, expected = (frame[SAID].sort_values(order, ignore_index=True) for frame in (found, expected))
    assert len(found) == len(expected)
    for name in SAID:
        given, wanted = found[name], expected[name]
        assert given.isna().tolist() == wanted.isna().tolist(), name
        assert given.dropna().tolist() == wanted.dropna().tolist(), name


def test_a_placement_by_hand(new_warehouse):
    # ((30 - 20) / 40)^2 = 0.0625 and ((30 - 60) / 40)^2 = 0.5625; another city adds 2 * 0.25 = 0.5.
    model = small_model()
    people = customers(age=[30, 30, 60, None, 20, 40], city=["Bath", "York", "York", "Bath", None, "Leeds"])
    found = scored(
        new_warehouse(), portfolio_of(FEATURES, small=LENS), {MONDAY: people}, {MONDAY: model.prototype_rows()}
    )
    said = ["customer_id", "segment_id", "distance", "runner_up_segment_id", "confidence"]
    assert found[said].astype(object).where(found[said].notna(), None).to_numpy().tolist() == [
        ["A", 1, 0.0625, 2, 1 - 0.0625 / 1.0625],
        ["B", 1, 0.5625, 2, 0.0],  # on the border: the lower segment has it
        ["C", 2, 0.0, 1, 1.0],
        ["D", None, None, None, None],
        ["E", None, None, None, None],
        ["F", 1, 0.75, 2, 0.0],  # Leeds was never seen: 0.25 + 0.5 from either
    ]
    assert set(found["model_id"]) == {model.model_id}
    assert set(found["lens"]) == {"small"}


HARD = {
    "age": Feature(kind="numeric", description="Whole numbers.", weight=1 / 3),
    "income": Feature(kind="numeric", description="Wide.", scaling="standard", weight=0.7),
    "rate": Feature(kind="numeric", description="Tiny.", scaling="robust"),
    "year": Feature(kind="numeric", description="The same for all.", weight=2.0),
    "city": Feature(kind="categorical", description="Odd texts.", weight=0.3),
    "status": Feature(kind="categorical", description="Few."),
}
LENSES = {
    "mixed": Lens(title="Mixed", features=["income", "city", "age", "year", "status", "rate"], primary=True),
    "numbers": Lens(title="Numbers", features=["rate", "income"]),
    "words": Lens(title="Words", features=["status", "city"]),  # few distances, so most are ties
    "constant": Lens(title="Constant", features=["year"]),
    "without": Lens(title="Without a model", features=["age"]),
}
CITIES = ["Bath", "bath", "O'Hare", 'Say "hi"', "Łódź", "Z\u0308", "b`tick", ""]


def crowd(rng: np.random.Generator, n: int, cities: list[str]) -> pd.DataFrame:
    """Return customers with a twentieth of every feature missing."""
    frame = pd.DataFrame(
        {
            "customer_id": pd.array([f"C{i:05d}" for i in rng.permutation(n)], dtype="string[pyarrow]"),
            "age": rng.integers(0, 120, n).astype(float),
            "income": np.exp(rng.normal(10, 3, n)),
            "rate": rng.normal(0, 1e-9, n),
            "year": 0.1,
            "city": pd.array(rng.choice(cities, n), dtype="string[pyarrow]"),
            "status": pd.array(rng.choice(["on", "off"], n), dtype="string[pyarrow]"),
        }
    )
    for name in HARD:
        frame.loc[rng.random(n) < 0.05, name] = pd.NA if name in {"city", "status"} else np.nan
    return frame


def learned(rng: np.random.Generator, people: pd.DataFrame, name: str, day: date) -> LensModel:
    """Return a model whose prototypes are customers, means of customers, and one twice."""
    lens = LENSES[name]
    whole = people.dropna(subset=lens.features)
    centres = whole[lens.features].sample(5, random_state=int(rng.integers(1000)), ignore_index=True)
    for feature in lens.features:
        if HARD[feature].kind == "numeric":
            centres.loc[4, feature] = whole[feature].mean()
        centres[feature] = centres[feature].astype(object if HARD[feature].kind == "categorical" else float)
    centres.loc[3] = centres.loc[1]
    scales = learn_scales(whole, lens, HARD)
    segments = pd.Index([11, 2, 30, 4, 5], name="segment_id")
    prototypes = centres.set_index(segments).sort_index()
    return LensModel(name, day, "kprototypes", rng.random(), 1.0, None, len(whole), scales, prototypes, "c0ffee")


def test_hard_customers_as_python_places_them(new_warehouse):
    rng = np.random.default_rng(11)
    features, prototypes, expected = {}, {}, []
    for day in (MONDAY, TUESDAY):  # each day has its own model and its own people
        people = crowd(rng, 1500, CITIES[:5])
        features[day] = crowd(rng, 1500, CITIES)
        models = {name: learned(rng, people, name, day) for name in LENSES if name != "without"}
        prototypes[day] = pd.concat([model.prototype_rows() for model in models.values()])
        expected += [
            place(features[day], name, lens, HARD, model=models.get(name), status="too_few").assign(day=day)
            for name, lens in LENSES.items()
        ]
    found = scored(new_warehouse(), portfolio_of(HARD, **LENSES), features, prototypes)
    wanted = pd.concat(expected)
    for day in (MONDAY, TUESDAY):
        same_to_the_bit(found[found["snapshot_date"] == pd.Timestamp(day)], wanted[wanted["day"] == day])
    assert found["segment_id"].notna().sum() > 10_000
    assert (found["confidence"] == 0).sum() > 1000


def test_the_published_customers_as_python_placed_them(new_warehouse, published):
    graph, _ = published
    features, prototypes, placed = (
        graph.table(name, PUBLISHED_DAY) for name in ("customer_features", "segment_prototypes", "customer_segments")
    )
    found = scored(new_warehouse(), load_portfolio("insurance"), {MONDAY: features}, {MONDAY: prototypes})
    same_to_the_bit(found, placed)
    assert found.groupby("lens")["segment_id"].count()["overall"] == 3446


def test_the_graph_makes_the_view(published):
    graph, _ = published
    same_to_the_bit(graph.table("scored_customers", PUBLISHED_DAY), graph.table("customer_segments", PUBLISHED_DAY))


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (["visits", "age"], ["age", "visits"]),
        (["age"], ["age", "visits"]),
        (["age", "premium"], ["age", "visits"]),
        (["age", "visits", "city"], ["age", "visits"]),
        (["age", "city"], ["age", "visits"]),
    ],
    ids=["another order", "fewer", "another", "more", "another kind"],
)
def test_a_model_of_other_features_places_nobody(new_duckdb, then, now):
    people = customers(age=[20, 60, 40], city=["Bath", "York", "York"], visits=[1, 2, 3], premium=[1, 2, 3])
    scales = learn_scales(people, Lens(title="Then", features=then), FEATURES)
    centres = people[then].astype({"city": object} if "city" in then else {})
    model = LensModel("small", MONDAY, "kprototypes", 0.25, 1.0, None, 3, scales, centres, "c0ffee")
    portfolio = portfolio_of(FEATURES, small=Lens(title="Now", features=now))
    found = scored(new_duckdb(), portfolio, {MONDAY: people}, {MONDAY: model.prototype_rows()})
    assert len(found) == 3
    assert found[["segment_id", "distance", "runner_up_segment_id", "confidence"]].isna().all(axis=None)


def test_prototypes_of_an_older_release_place_nobody(new_duckdb):
    # As they read once the columns were added: nothing is known but the centres.
    older = small_model().prototype_rows()
    unknown = ["position", "weight", "gamma", "scale_center", "scale_spread"]
    tables = build_tables(portfolio_of(FEATURES, small=LENS))
    lenient = replace(tables["segment_prototypes"], columns=tuple(
        replace(c, is_required=False) for c in tables["segment_prototypes"].columns
    ))  # fmt: skip
    rows = older.assign(**dict.fromkeys(unknown), snapshot_date=pd.Timestamp(MONDAY))
    people = customers(age=[20], city=["Bath"]).assign(snapshot_date=pd.Timestamp(MONDAY))
    warehouse = new_duckdb()
    lay_out(warehouse, lenient, to_arrow(rows, lenient))
    given = people.reindex(columns=tables["customer_features"].column_names)
    lay_out(warehouse, tables["customer_features"], to_arrow(given, tables["customer_features"]))
    (row,) = warehouse.query(Query(scoring_sql(portfolio_of(FEATURES, small=LENS)))).to_pylist()
    assert (row["customer_id"], row["segment_id"], row["distance"], row["confidence"]) == ("A", None, None, None)


def test_nobody_at_all(new_duckdb):
    assert scored(new_duckdb(), portfolio_of(FEATURES, small=LENS), {}, {}).empty


def test_the_sql_is_googlesql_that_means_the_same_on_both_engines():
    assert lint_sql(scoring_sql(portfolio_of(HARD, **LENSES)), "scoring") == []
    assert "SUM(" not in scoring_sql(portfolio_of(HARD, **LENSES))


def test_only_the_key_of_a_customer_is_personal():
    view = build_tables(load_portfolio("insurance"))["scored_customers"]
    assert [column.name for column in view.columns if column.is_personal] == ["customer_id"]
