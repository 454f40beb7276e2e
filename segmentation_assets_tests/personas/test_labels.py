"""Names and descriptions: true, unique, readable, and independent of numbering and order."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.personas.labels import label_segments, name_evidence, profile_hash
from segmentation_assets.personas.texts.names import GENERIC_NOUN, MIXED_NAMES, TYPICAL_NAMES
from segmentation_assets.portfolio.features import Feature
from segmentation_assets.portfolio.schema import Lens
from segmentation_assets.tables import own_tables
from segmentation_assets_tests.personas.books import (
    FEATURES,
    LENS,
    Oracle,
    categories_of,
    place,
    profiles_of,
    random_book,
    split_name,
)

SEGMENT_LABELS = own_tables()["segment_labels"]

NEUTRAL = {*TYPICAL_NAMES, *MIXED_NAMES}
LETTER = re.compile(r" [B-Z]$| [A-Z]{2}$")


def labels_of(features, placements, lens=LENS, **given):
    return label_segments(profiles_of(features, placements, lens), FEATURES, **given)


def check_readable(labels):
    for name, description in zip(labels["segment_name"], labels["description"], strict=True):
        assert 2 <= len(name.split()) <= 4, name
        assert all(word[0].isupper() for word in re.split(r"[ -]", name) if word != "to"), name
        assert not re.search(r"\d", name), name
        assert description.endswith("."), description
        assert description.count(". ") == 0, description
        assert len(description.split()) <= 40, description
        assert not re.search(r"z-score|nan|None|[{}]|  ", description), description
    assert labels["segment_name"].is_unique
    assert labels["profile_hash"].str.fullmatch("[0-9a-f]{16}").all()


def check_true(labels, oracle):
    for label in labels.itertuples():
        name = LETTER.sub("", label.segment_name)
        if name not in NEUTRAL:
            for word in split_name(name):
                assert word == GENERIC_NOUN or oracle.backs(label.segment_id, word), (label, word)
        check_figures(label, oracle)
        for percent, rest in re.findall(r"(\d+) % ([^;.,%(]+)", label.description.partition("; ")[2]):
            assert_share_is_true(oracle, label.segment_id, int(percent), rest)


FIGURES = {
    "age": (r"aged about (\d+(?:\.\d+)?)", 0.5),
    "tenure_years": (r"joined (\d+(?:\.\d+)?) years ago", 0.5),
    "income": (r"(?:modest|high) incomes \(about £(\d+)k", 0.5),
    "late_payment_share": (r"\((\d+) % of payments", 0.5),
}


def check_figures(label, oracle):
    for feature, (pattern, tolerance) in FIGURES.items():
        for told in re.findall(pattern, label.description):
            own = oracle.rows.loc[oracle.rows["segment_id"] == label.segment_id, feature].mean()
            unit = {"income": 1_000, "late_payment_share": 0.01}.get(feature, 1)
            assert float(told) == pytest.approx(own / unit, abs=tolerance + 1e-9), (label, feature)


def assert_share_is_true(oracle, segment_id, percent, rest):
    owners = [
        (name, side if side != "any" else category)
        for name, feature in FEATURES.items()
        for side, words in feature.values.items()
        for category in (oracle.rows[name].dropna().unique() if side == "any" and name in oracle.rows else [side])
        if rest.startswith(words.phrase.replace("{category}", category)[: len(rest)].split(",")[0])
    ]
    assert owners, rest
    shares = [
        oracle.shares(segment_id, name, categories_of(FEATURES[name], side))[0]
        for name, side in owners
        if name in oracle.rows
    ]
    assert any(abs(share - percent / 100) <= 0.01 for share in shares), (rest, percent, shares)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    sizes=st.lists(st.integers(3, 150), min_size=1, max_size=9),
    spread=st.sampled_from([0.0, 0.4, 1.0, 2.5]),
)
def test_names_are_true_unique_and_readable(seed, sizes, spread):
    features, placements = random_book(seed, sizes, spread)
    labels = labels_of(features, placements)
    assert list(labels.columns) == SEGMENT_LABELS.column_names[1:]
    assert list(labels["segment_id"]) == list(range(len(sizes)))
    check_readable(labels)
    check_true(labels, Oracle(features, placements))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), order=st.permutations(range(6)), spread=st.sampled_from([0.0, 1.0]))
def test_numbering_segments_otherwise_numbers_labels_otherwise(seed, order, spread):
    features, placements = random_book(seed, [90, 70, 60, 50, 40, 8], spread)
    renumbered = placements.assign(segment_id=placements["segment_id"].map(lambda i: order[i]).astype("Int64"))
    before = labels_of(features, placements).set_index("segment_id")
    after = labels_of(features, renumbered.sample(frac=1, random_state=seed)).set_index("segment_id")
    for i in range(6):
        pd.testing.assert_series_equal(before.loc[i], after.loc[order[i]], check_names=False)


def test_profile_row_order_does_not_matter():
    profiles = profiles_of(*random_book(11, [90, 70, 60, 50]))
    pd.testing.assert_frame_equal(
        label_segments(profiles.sample(frac=1, random_state=5), FEATURES), label_segments(profiles, FEATURES)
    )


def test_fifty_segments_have_fifty_names():
    features, placements = random_book(2, [60] * 50)
    labels = labels_of(features, placements)
    check_readable(labels)
    check_true(labels, Oracle(features, placements))
    assert not labels["segment_name"].str.contains(LETTER).any()


def test_fifty_equal_segments_have_fifty_names_that_claim_nothing():
    features, _ = random_book(2, [30])
    copies = pd.concat(
        [features.assign(customer_id=f"{i:02d}" + features["customer_id"]) for i in range(50)], ignore_index=True
    )
    labels = labels_of(copies, place(copies, np.repeat(np.arange(50), 30)))
    check_readable(labels)
    assert {LETTER.sub("", name) for name in labels["segment_name"]} <= NEUTRAL
    assert set(labels["profile_hash"]) == {labels["profile_hash"].iloc[0]}
    assert labels["description"].iloc[0].startswith("Customers close to the average in age (")


def test_one_segment_is_typical_of_itself():
    features, placements = random_book(7, [200])
    labels = labels_of(features, placements)
    assert labels["segment_name"].item() == "Typical Customers"
    check_readable(labels)


def test_where_little_is_known_little_is_said():
    features, placements = random_book(8, [50, 50])
    blank = features.assign(**dict.fromkeys(features.columns[1:], None)).assign(age=30.0)
    labels = labels_of(blank, placements)
    assert set(labels["segment_name"]) == {"Typical Customers", "Mainstream Middle"}
    assert set(labels["description"]) == {"Customers close to the average in age (30 years)."}


def test_no_profile_gives_no_labels():
    labels = label_segments(profiles_of(*random_book(8, [5])).head(0), FEATURES)
    assert labels.empty
    assert list(labels.columns) == SEGMENT_LABELS.column_names[1:]


def test_of_a_small_group_nothing_is_told_but_that_it_is_small():
    features, placements = random_book(9, [300, 15], spread=0)
    features.loc[300:, ["age", "income"]] = [22.0, 20_000.0]
    features.loc[300:, "marital_status"] = "Widowed"
    label = labels_of(features, placements, min_group_size=20).iloc[1]
    assert label["description"] == "Fewer than 20 customers; too few for figures."
    assert label["segment_name"] == MIXED_NAMES[0]


@pytest.mark.parametrize("text", ["ignore previous instructions", "Robert'); DROP TABLE", "=1+1", "x" * 300, "A\nB"])
def test_a_category_that_is_no_name_stays_out_of_every_text(text):
    features, placements = random_book(10, [100, 100])
    features.loc[:99, "city"] = text
    labels = labels_of(features, placements)
    told = " ".join([*labels["segment_name"], *labels["description"]])
    assert text.casefold() not in told.casefold()
    check_readable(labels)


def test_unicode_categories_are_told():
    features, placements = random_book(12, [100, 300], spread=0)
    features.loc[:99, "city"] = "Zürich"
    label = labels_of(features, placements).iloc[0]
    assert label["segment_name"] == "Zürich-Based Customers"
    assert label["description"] == "Customers of whom 100 % live in Zürich."


def test_features_without_words_get_plain_ones():
    features = {"balance": Feature(kind="numeric", unit="EUR", description="Balance."),
                "plan": Feature(kind="categorical", description="Plan.")}  # fmt: skip
    book = pd.DataFrame({"customer_id": [f"C{i}" for i in range(80)], "balance": [1.0] * 40 + [9_000.0] * 40,
                         "plan": ["Basic"] * 40 + ["Gold"] * 40})  # fmt: skip
    lens = Lens(title="Bank", features=["balance", "plan"])
    from segmentation_assets.personas.profiles.segment_profiles import profile_segments  # noqa: PLC0415  one other portfolio

    profiles = profile_segments(
        book, place(book, [0] * 40 + [1] * 40), lens=lens, lens_name="bank", model_id="m", features=features
    )
    labels = label_segments(profiles, features)
    assert list(labels["segment_name"]) == ["Low-Balance Customers", "High-Balance Customers"]
    assert labels["description"].iloc[1] == (
        'Customers whose balance is higher (€9,000, the others €1); 100 % have the plan "Gold".'
    )


def test_the_hash_ignores_noise_numbering_and_size_and_heeds_change():
    features, placements = random_book(13, [200, 200, 200])
    profiles = profiles_of(features, placements)
    own = profiles[profiles["segment_id"] == 1]
    same = profile_hash(own)
    noisy = own.assign(mean=own["mean"] * (1 + 1e-9), z_score=own["z_score"] + 1e-9, share=own["share"] + 1e-9)
    assert profile_hash(noisy.sample(frac=1, random_state=1)) == same
    assert profile_hash(own.assign(segment_id=7, model_id="other", n_customers=own["n_customers"] * 2)) == same
    assert profile_hash(own.assign(z_score=own["z_score"] + 0.5)) != same
    assert profile_hash(own.assign(mean=own["mean"] * 1.3)) != same
    assert profile_hash(own.assign(n_customers=19)) != same
    assert len({profile_hash(rows) for _, rows in profiles.groupby("segment_id")}) == 3


def test_every_word_of_a_claiming_name_has_its_evidence():
    features, placements = random_book(14, [80, 80, 80, 80, 80])
    profiles = profiles_of(features, placements)
    labels = label_segments(profiles, FEATURES)
    evidence = name_evidence(profiles, labels, FEATURES)
    oracle = Oracle(features, placements)
    for label in labels.itertuples():
        own = evidence[evidence["segment_id"] == label.segment_id]
        assert set(own["words"]) == {w for w in split_name(label.segment_name) if w != GENERIC_NOUN}
        for row in own.itertuples():
            if FEATURES[row.feature].kind == "numeric":
                assert abs(oracle.z_score(label.segment_id, row.feature)) == pytest.approx(row.effect)
            else:
                expected = oracle.shares(label.segment_id, row.feature, categories_of(FEATURES[row.feature], row.side))
                assert (row.value, row.reference) == pytest.approx(expected)
