"""Nothing of fewer than `min_group_size` customers is told, and naming always answers: over arbitrary books."""

import json
import os
import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from segmentation_assets.personas.gemini.prompt import question
from segmentation_assets.personas.labels import label_segments
from segmentation_assets.personas.profiles.segment_profiles import OTHER, profile_segments
from segmentation_assets.personas.profiles.telling import tellable
from segmentation_assets.personas.texts.names import name_segments, spelling
from segmentation_assets.pictures.plots import plot_shares, plot_snake
from segmentation_assets.portfolio.features import Feature, Words
from segmentation_assets.portfolio.schema import Lens
from segmentation_assets_tests.personas.books import place

PARTS = 10
MANY = int(os.environ.get("BOOKS", "500"))
"""Books of the long test, of which each takes 0.4 s: 5,000 are for a night, BOOKS=5000 pytest -m long (this file)."""

LEAST = 20
MIN_LETTERS = 5
FEATURES = {
    "age": Feature(
        kind="numeric", unit="years", description="Age.",
        low=Words(phrase="aged about {value}", adjective="Young", noun="Youngsters", beyond=35),
        high=Words(phrase="aged about {value}", adjective="Mature", very="Senior", beyond=45, very_beyond=60),
    ),
    "income": Feature(kind="numeric", unit="GBP a year", description="Income."),
    "has_card": Feature(kind="numeric", description="Whether there is a card.", role="product"),
    "city": Feature(kind="categorical", description="City."),
    "plan": Feature(
        kind="categorical", description="Plan.", values={"any": Words(phrase="on {category}", adjective="{category}")}
    ),
    "contact": Feature(kind="categorical", description="Channel.", role="channel"),
    "holds": Feature(kind="categorical", description="All products.", role="holdings"),
}  # fmt: skip
LENS = Lens(title="All", features=["age", "city"], describe_by=["income", "has_card", "plan", "contact"])
CITIES = [
    "Stoke on Trent", "Newcastle upon Tyne", "London", "LONDON", "\u0416\u0443\u043a", "\u0416\u0423\u041a",
    "مدينة", "京都", "🙂",
    "!!!", "", " ",
    "x" * 300, "a\x00b\u202e", "Ville de la Mer", "O'Brien's Town-on-Sea", "Straße", "STRASSE", "ﬁn", "Ǆungla", "İzmir",
    "Unclassified", "Joined", "Left", "Customers", "Mixed Customers", "nan", "{category}", "Jane Doe 07700900123",
    "Zürich", "Zu\u0308rich",
]  # fmt: skip
NUMBERS = st.sampled_from([0.0, 1.0, 20.0, 21.0, 50.0, 93.0, -5.0, 1e6, 48_000.0, 1e300, -1e308, np.nan])


@st.composite
def books(draw: Callable) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A book of customers, each segment with values of its own, and few or none with a value of some features."""
    sizes = draw(st.lists(st.sampled_from([1, 2, 19, 20, 21, 40, 60, 200]), min_size=1, max_size=8))
    chance = draw(st.integers(0, 2**32 - 1))
    n, rng = sum(sizes), np.random.default_rng(chance)
    segment = np.repeat(np.arange(len(sizes)), sizes)
    columns: dict[str, object] = {"customer_id": [f"C{i:05}" for i in range(n)]}
    for name, feature in FEATURES.items():
        texts = draw(st.lists(st.sampled_from(CITIES), min_size=1, max_size=3)) if feature.kind != "numeric" else []
        values = draw(st.lists(NUMBERS, min_size=len(sizes), max_size=len(sizes)))
        column = np.empty(n, dtype=object)
        for i in range(len(sizes)):
            own = segment == i
            column[own] = (texts[i % len(texts)]) if texts else values[i]
        if feature.kind == "numeric" and name != "has_card" and draw(st.booleans()):
            column = column + rng.normal(0, 3, n)
        if name == "has_card":
            column = (rng.random(n) < rng.random(len(sizes))[segment]).astype(float)
        if draw(st.booleans()):
            column[rng.random(n) < draw(st.sampled_from([0.05, 0.5, 0.99]))] = None
        columns[name] = column.astype(float) if feature.kind == "numeric" else column
    features = pd.DataFrame(columns)
    features[["city", "plan", "contact", "holds"]] = features[["city", "plan", "contact", "holds"]].astype("string")
    return features, place(features, segment)


def profiles_of(features: pd.DataFrame, placements: pd.DataFrame, **given: int) -> pd.DataFrame:
    return profile_segments(
        features, placements, lens=LENS, lens_name="all", model_id="m", features=FEATURES, names=list(FEATURES),
        **({"min_group_size": LEAST} | given),
    )  # fmt: skip


def check_names(names: list[str], taken: list[str] = ()) -> None:
    assert len({spelling(name) for name in (*names, *taken)}) == len(names) + len(taken)
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert 2 <= len(name.split()) <= 4, name
        assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in name), name
        assert name.casefold() not in ("unclassified", "joined", "left")


def check_figures(features: pd.DataFrame, placements: pd.DataFrame, profiles: pd.DataFrame) -> None:
    """Hold every figure of a profile against the customers, counted anew."""
    rows = features.merge(placements, on="customer_id")
    by_segment = dict(iter(rows.groupby("segment_id")))
    for row in profiles.to_dict("records"):
        own = by_segment[row["segment_id"]][row["feature"]]
        told = [row[key] for key in ("mean", "median", "standard_deviation", "share", "z_score", "lift")]
        if own.notna().sum() < LEAST:
            assert np.isnan(told).all()
            assert not row["is_mode"]
        if row["n_others"] < LEAST:
            assert np.isnan([row["others_mean"], row["others_share"]]).all()
        if row["kind"] == "categorical" and row["category"] not in (OTHER, ""):
            known = rows[row["feature"]].dropna().astype(str)
            parts = known.str.split(" + ", regex=False) if row["feature"] == "holds" else known.map(lambda c: [c])
            assert (
                parts.map(lambda p, c=row["category"]: c in p or set(c.split(" + ")) & set(p) != set()).sum() >= LEAST
            )


def check_texts(features: pd.DataFrame, placements: pd.DataFrame, texts: dict[int, str]) -> None:
    """Look in the texts of a segment for the values of features that few of its customers have."""
    rows = features.merge(placements, on="customer_id")
    for segment_id, text in texts.items():
        own = rows[rows["segment_id"] == segment_id]
        if own["income"].notna().sum() < LEAST:
            assert "income" not in text
            assert "£" not in text.partition("the others")[0]
        if own["age"].notna().sum() < LEAST:
            assert not re.search(r"aged about|young|mature|senior", text, re.IGNORECASE)
        common = {c for f in ("city", "plan", "contact", "holds") for c in _shared(rows[f])}
        for category in (
            {c for f in ("city", "plan", "contact") for c in own[f].dropna()}
            - common
            - {"Customers", "Mixed Customers"}
        ):
            assert len(category) < MIN_LETTERS or category not in text


def _shared(values: pd.Series) -> list[str]:
    """Return what enough of all customers have; letters may be those of another word that as many have."""
    counts = values.value_counts()
    return [category for category, n in counts.items() if n >= LEAST]


def answers(book: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    features, placements = book
    profiles = profiles_of(features, placements)
    check_figures(features, placements, profiles)
    pd.testing.assert_frame_equal(tellable(profiles, LEAST), profiles, check_dtype=False)
    labels = label_segments(profiles, FEATURES, min_group_size=LEAST)
    assert sorted(labels["segment_id"]) == sorted(placements["segment_id"].unique())
    check_names(list(labels["segment_name"]))
    told = labels.set_index("segment_id")[["segment_name", "description", "motivation", "product_strategy"]]
    assert all(text and text.isprintable() for texts in told.to_numpy() for text in texts)
    own = {int(i): rows for i, rows in profiles.groupby("segment_id")}
    asked = json.loads(question(own, FEATURES, lens_title="All", min_group_size=LEAST))
    sent = {
        s["segment_id"]: json.dumps([s["numbers"], s["may_be_said"]], ensure_ascii=False) for s in asked["segments"]
    }
    check_texts(features, placements, {i: " ".join(told.loc[i]) for i in own})
    rows = features.merge(placements, on="customer_id")
    for segment_id, text in sent.items():
        if rows.loc[rows["segment_id"] == segment_id, "income"].notna().sum() < LEAST:
            assert "income" not in text


SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(books())
def test_naming_answers_and_tells_of_no_few(book):
    answers(book)


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_naming_answers_and_tells_of_no_few_many_times(part):
    @seed(part)
    @settings(max_examples=MANY // PARTS, deadline=None, suppress_health_check=SLOW, database=None)
    @given(books())
    def check(book):
        answers(book)

    check()


WORDS = st.sampled_from([*CITIES, *(f"Mixed Customers {x}" for x in "BCD"), "typical customers", "Stoke on Trent"])


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(taken=st.lists(WORDS, max_size=12, unique_by=spelling), n=st.integers(1, 40), city=st.sampled_from(CITIES))
def test_names_do_not_run_out_whatever_is_taken(taken, n, city):
    """All segments alike, so that they want one name, and any names taken beside."""
    features = pd.DataFrame({"customer_id": [f"C{i:05}" for i in range(25 * n)], "city": city, "age": 40.0})
    placed = place(features, np.repeat(np.arange(n), 25))
    profiles = profile_segments(
        features, placed, lens=LENS, lens_name="all", model_id="m", features=FEATURES, names=["city", "age"]
    )
    own = {int(i): rows for i, rows in profiles.groupby("segment_id")}
    taken = [name for name in taken if len(name.split()) > 1]
    check_names(list(name_segments(own, FEATURES, taken=taken).values()), taken)


def test_a_thousand_alike_have_a_name_each():
    rows = pd.DataFrame({"customer_id": [f"C{i:05}" for i in range(25)], "city": "York", "age": 40.0})
    profile = profile_segments(
        rows, place(rows, [0] * 25), lens=LENS, lens_name="all", model_id="m", features=FEATURES, names=["city", "age"]
    )
    names = name_segments(
        dict.fromkeys(range(3), profile), FEATURES, taken=[f"Typical Customers {i}" for i in range(1000)]
    )
    check_names(list(names.values()))


def test_two_segments_of_which_one_is_small_have_names():
    """What is told of the large one is held against too few others, so it is told alone."""
    features, placements = one_in_two_hundred()
    features, placements = features.head(210), placements.head(210)
    labels = label_segments(profiles_of(features, placements), FEATURES, min_group_size=LEAST).set_index("segment_id")
    check_names(list(labels["segment_name"]))
    assert labels["description"][1] == "Fewer than 20 customers; too few for figures."


def one_in_two_hundred() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two segments of 200; one person of the second has an age, an income and a channel, and nobody else there has."""
    n = 200
    features = pd.DataFrame(
        {
            "customer_id": [f"C{i:05}" for i in range(2 * n)],
            "age": [*np.tile([38.0, 42.0], n // 2), 93.0, *[np.nan] * (n - 1)],
            "income": [*np.tile([20_000.0, 30_000.0], n // 2), 48_000.0, *[np.nan] * (n - 1)],
            "has_card": [0.0] * n + [1.0] + [0.0] * (n - 1),
            "city": ["York"] * 2 * n,
            "plan": ["Gold"] * (2 * n - 1) + ["Jane Doe"],
            "contact": ["Email"] * n + ["In Person"] + [None] * (n - 1),
            "holds": [None] * 2 * n,
        }
    )
    return features, place(features, np.repeat([0, 1], n))


def test_what_one_of_two_hundred_is_like_is_nowhere():
    features, placements = one_in_two_hundred()
    profiles = profiles_of(features, placements)
    labels = label_segments(profiles, FEATURES, min_group_size=LEAST)
    asked = question({i: profiles[profiles["segment_id"] == i] for i in (0, 1)}, FEATURES, lens_title="All")
    told = " ".join(labels.astype(str).to_numpy().ravel()) + asked
    for value in ("93", "48k", "48000", "48,000", "In Person", "Jane", "99 %", "99.5"):
        assert not re.search(rf"(?<![\w.]){value}", told.replace(labels["profile_hash"][0], "")), value
    assert not profiles.isin([93.0, 48_000.0, "In Person", "Jane Doe"]).to_numpy().any()
    second = labels.set_index("segment_id").loc[1]
    assert not re.search(
        "senior|mature|old|income|person", " ".join(second[["segment_name", "description"]]), re.IGNORECASE
    )
    # Nor can it be worked out of what is told of the rest: the whole is that of the first segment.
    first = profiles[(profiles["segment_id"] == 0) & (profiles["feature"] == "income")].iloc[0]
    assert (first["population_mean"], first["mean"], first["n_others"]) == (25_000, 25_000, 0)
    plan = profiles[(profiles["segment_id"] == 1) & (profiles["feature"] == "plan")]
    assert set(plan["category"]) == {"Gold", OTHER}


def test_a_share_is_told_of_enough_who_have_it_and_enough_who_have_not():
    n = 200
    features = pd.DataFrame(
        {
            "customer_id": [f"C{i:05}" for i in range(2 * n)],
            "contact": ["Email"] * (n - 1) + ["Post"] + ["Post"] * n,
            "age": 40.0,
        }
    )
    placed = place(features, np.repeat([0, 1], n))
    profiles = profile_segments(
        features, placed, lens=LENS, lens_name="all", model_id="m", features=FEATURES, names=["contact", "age"]
    )
    labels = label_segments(profiles, FEATURES).set_index("segment_id")
    assert "nearly all prefer it" in labels["product_strategy"][0]
    assert "100 % prefer it (hardly any of the others)" not in labels["product_strategy"][0]
    assert "(hardly any of the others)" in labels["product_strategy"][1]
    assert "99 %" not in str(labels.to_dict())


def test_plots_draw_nothing_of_few():
    profiles = profiles_of(*one_in_two_hundred())
    figure = plot_snake(profiles[profiles["feature"].isin(["age", "income"])])
    (axes,) = figure.axes
    drawn = [x for line in axes.lines if line.get_marker() != "None" for x in np.asarray(line.get_xdata(), float)]
    assert np.nanmax(np.abs(drawn)) == 0.0
    customers = pd.DataFrame(
        {"segment_id": pd.array([0] * 200 + [1] * 200 + [2], "Int64"), "premium": [1.0] * 400 + [9e9]}
    )
    texts = [text.get_text() for text in plot_shares(customers, None, "premium").axes[0].texts]
    assert texts == [
        "50 % of customers",
        "50 % of premium",
        "50 % of customers",
        "50 % of premium",
        "under 1 % of customers",
    ]
