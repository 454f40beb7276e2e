"""Texts of the rules as a reader meets them: true, of use, in English, for any portfolio and any profile."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.personas.labels import label_segments
from segmentation_assets.personas.profiles.segment_profiles import profile_segments
from segmentation_assets.personas.texts.company import Company
from segmentation_assets.portfolio.features import Feature, Words
from segmentation_assets.portfolio.rules import Range
from segmentation_assets.portfolio.schema import CatalogueEntry, Lens, Outcome, Value
from segmentation_assets_tests.personas.books import place

NUMBER, CATEGORY = "numeric", "categorical"
MOTOR = {
    "premium": Feature(kind=NUMBER, unit="EUR a year", description="Yearly premium."),
    "accident_count": Feature(kind=NUMBER, unit="accidents", description="Number of accidents.", role="risk"),
    "cover_kind": Feature(kind=CATEGORY, description="Kind of cover.", role="product"),
    "covers_held": Feature(kind=CATEGORY, description="All kinds of cover.", role="holdings"),
    "cover_next": Feature(kind=CATEGORY, description="Second kind.", role="next_product"),
    "contact_by": Feature(kind=CATEGORY, description="Channel.", role="channel"),
    "contract_state": Feature(kind=CATEGORY, description="State of the contract."),
}
COMPANY = Company(
    "drivers",
    Outcome(feature="contract_state", category="gone", label="cancelled"),
    Value(feature="premium", label="premium", unit="EUR a year"),
)
COVERS = ["Third Party", "Comprehensive", "Glass", "Legal"]
LEAST = 20  # as `label_segments` has it where nothing else is given


def texts(book, segment, features=MOTOR, company=COMPANY, looks_at=(), **given):
    lens = Lens(title="All", features=list(looks_at or features))
    profiles = profile_segments(book.assign(customer_id=[f"C{i:05d}" for i in range(len(book))]),
                                place(book.assign(customer_id=[f"C{i:05d}" for i in range(len(book))]), segment),
                                lens=lens, lens_name="all", model_id="m", features=features,
                                names=list(features))  # fmt: skip
    return label_segments(profiles, features, company=company, **given).set_index("segment_id")


def motor(n=300, **columns):
    """Two segments of n drivers that are alike in all but what is given, a value for each."""
    alike = {"premium": 500.0, "accident_count": 0.5, "cover_kind": "Third Party", "covers_held": "Third Party",
             "cover_next": None, "contact_by": "Post", "contract_state": "on"}  # fmt: skip
    spread = np.tile([-0.1, 0.1], n)
    book = pd.DataFrame({name: [value] * 2 * n for name, value in alike.items()})
    for name, (first, second) in columns.items():
        book[name] = [first] * n + [second] * n if not isinstance(first, list) else [*first, *second]
    for name in ("premium", "accident_count"):
        book[name] += spread
    return book, np.repeat([0, 1], n)


def of(n, **shares):
    """A list of n values, so many of each."""
    values = [value for value, share in shares.items() for _ in range(round(share * n))]
    return [value.replace("_", " ") for value in values]


def test_what_most_of_them_hold_is_not_proposed_and_what_they_lack_is():
    book = motor(cover_kind=("Third Party", "Comprehensive"), covers_held=("Third Party", "Comprehensive"))
    first, second = texts(*book)["product_strategy"]
    assert first.startswith(
        'Offer "Comprehensive": 100 % of the others have bought it, none of these drivers. Reach them by "Post": '
    )
    assert second.startswith('Offer "Third Party": ')


def test_a_main_product_that_few_have_may_be_held_by_most():
    held = {"covers_held": ("Comprehensive + Third Party", "Comprehensive")}
    first, second = texts(*motor(cover_kind=("Third Party", "Comprehensive"), **held))["product_strategy"]
    assert "Comprehensive" not in first
    assert 'Offer "Third Party"' in second


def test_the_second_product_is_told_where_many_have_one():
    nexts = of(300, Glass=0.3, Legal=0.1) + [None] * 180
    strategy = texts(*motor(cover_next=(nexts, [None] * 300)))["product_strategy"]
    assert 'Next, "Glass": 75 % of those with a second product chose it.' in strategy[0]
    assert "Next" not in strategy[1]


def test_a_product_that_the_catalogue_denies_them_is_not_proposed():
    book = motor(cover_kind=("Third Party", "Comprehensive"), covers_held=("Third Party", "Comprehensive"))
    catalogue = (CatalogueEntry(product_type="Comprehensive", ranges={"premium": Range(min=1_000)}),)
    first = texts(*book, company=Company("drivers", catalogue=catalogue))["product_strategy"][0]
    assert "Comprehensive" not in first


@pytest.mark.parametrize(("gone", "is_told"), [(0.4, True), (0.12, False)])
def test_those_who_leave_are_told_wherever_there_are_clearly_more(gone, is_told):
    """The others: 10 of 300, an interval up to 0.06. 0.4 begins at 0.35; 0.12 at 0.088, which is told too."""
    states = (of(300, gone=gone, on=1 - gone), of(300, gone=0.1, on=0.9))
    strategy = texts(*motor(contract_state=states))["product_strategy"]
    assert ("Beware: 40 % cancelled (10 % of the others)." in strategy[0]) == is_told
    assert "cancelled" not in strategy[1]


def test_accidents_are_told_and_counted_in_english():
    strategy = texts(*motor(accident_count=(1.0, 0.25)))["product_strategy"]
    assert strategy[0].endswith("Beware: more accidents (1 accident, the others 0.25 accidents).")
    assert "accident" not in strategy[1]


def test_a_channel_is_told_where_it_is_clear():
    channels = (of(300, Post=0.6, Phone=0.4), of(300, Post=0.4, Phone=0.3, Chat=0.3))
    strategy = texts(*motor(contact_by=channels))["product_strategy"]
    assert 'Reach them by "Post": 60 % prefer it (40 % of the others).' in strategy[0]
    assert "Reach" not in strategy[1]


def test_where_nothing_is_clear_it_says_what_was_looked_at():
    labels = texts(*motor(contact_by=(of(300, Post=0.5, Phone=0.5),) * 2))
    assert set(labels["product_strategy"]) == {
        "Nothing is proposed: no product that they lack, no channel and no difference in premium or risk stands out."
    }
    assert set(labels["motivation"]) == {"No figure sets them clearly apart from the others."}
    assert labels["description"][0].startswith("Drivers close to the average in yearly premium (€500 a year)")


def test_two_thirds_of_the_others_credit_is_told_by_the_larger_segment_too():
    """Most customers are in the segment, so beside all it hardly differs: z is -0.17."""
    rng = np.random.default_rng(1)
    n, few = 900, 150
    credit = np.r_[2_100 + 2_800 * rng.standard_normal(n), 3_300 + 2_800 * rng.standard_normal(few)]
    features = {"credit_amount": Feature(kind=NUMBER, unit="EUR", description="Credit amount in EUR.")}
    labels = texts(pd.DataFrame({"credit_amount": credit}), np.repeat([0, 1], [n, few]), features, Company("borrowers"))
    assert labels["segment_name"][0] == "Lower-Credit-Amount Borrowers"
    assert re.fullmatch(r"Borrowers whose credit amount is lower \(€[12],\d{3}, the others €3,\d{3}\)\.",
                        labels["description"][0])  # fmt: skip
    assert labels["motivation"][0].startswith("What sets them apart: lower credit amount (€")


@pytest.mark.parametrize(
    "words",
    [
        Words(phrase="who are young ({value})", adjective="Young", noun="Youngsters"),
        Words(phrase="aged about {number}", adjective="Young", mild="Younger"),
        None,
    ],
)
def test_nobody_of_49_is_young_whatever_the_rest_is(words):
    book = pd.DataFrame({"age": [49.0, 48.0, 50.0] * 100 + [71.0, 72.0, 73.0] * 100})
    features = {"age": Feature(kind=NUMBER, unit="years", description="Age.", low=words)}
    told = " ".join(texts(book, np.repeat([0, 1], 300), features).iloc[0].astype(str))
    assert not re.search(r"\b[Yy]oung(?!er)", told), told
    younger = texts(book - 25, np.repeat([0, 1], 300), features).iloc[0]
    assert words is None or "Young" in younger["segment_name"]


KEYS = {"duration_months": Feature(kind=NUMBER, unit="months", description="Duration in months."),
        "n_credits": Feature(kind=NUMBER, unit="credits", description="How many credits there are at this bank."),
        "tenure_years": Feature(kind=NUMBER, unit="years", description="Since when they are here, in years."),
        "has_telephone": Feature(kind=NUMBER, description="1 if so."),
        "housing_kind": Feature(kind=CATEGORY, description="Housing.")}  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_key_of_a_column_and_no_broken_number_in_any_text(seed):
    rng = np.random.default_rng(seed)
    n, segment = 240, np.repeat([0, 1, 2], 80)
    shift = rng.random((5, 3))[:, segment]
    book = pd.DataFrame({
        "duration_months": np.round(60 * shift[0]) + rng.integers(0, 5, n),
        "n_credits": np.where(shift[1] < 0.5, 1, 3) + (rng.random(n) < 0.02),
        "tenure_years": np.where(shift[2] < 0.5, 1.0, 6.0) + 0.01 * rng.standard_normal(n),
        "has_telephone": (rng.random(n) < shift[3]).astype(float),
        "housing_kind": np.where(rng.random(n) < shift[4], "own", "rent"),
    })  # fmt: skip
    value = Value(feature="duration_months", label="duration", unit="months")
    for row in texts(book, segment, KEYS, Company("borrowers", value=value)).to_dict("records"):
        told = " ".join(str(row[key]) for key in ("segment_name", "description", "motivation", "product_strategy"))
        for key in KEYS:
            assert key not in told
            assert not re.search(rf"\b{key.replace('_', ' ')}\b", told), told
        assert not re.search(r"(?<![\d.,])1 [a-z]+s\b(?<!as)", told), told
        assert not re.search(r"\d\.0\b|nan|None|inf\b", told), told


ODD = [
    "Stoke on Trent",
    "",
    " ",
    "\U0001f600",
    "x" * 300,
    "(other)",
    "{category}",
    "{value}",
    "a + b",
    " + ",
    "\x00",
    "A\nB",
    "\u202eevil",
    "Zürich",
    "\u041e\u0301",
    "nan",
    "None",
    "1",
    "own",
    "=1+1",
    "Robert'); DROP TABLE",
    "İ",
    "ß",
]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_texts_never_raise_and_never_propose_what_most_hold(data):
    sizes = data.draw(st.lists(st.integers(1, 60), min_size=1, max_size=4))
    n, segment = sum(sizes), np.repeat(range(len(sizes)), sizes)
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    pool = data.draw(st.lists(st.sampled_from(ODD) | st.text(max_size=8), min_size=1, max_size=5)) + COVERS[:2]
    book = pd.DataFrame(index=range(n))
    for name, feature in MOTOR.items():
        if feature.kind == NUMBER:
            unit = data.draw(st.sampled_from([0.0, 1e-9, 1.0, 1e9, -3.0]))
            book[name] = np.where(rng.random(n) < 0.1, np.nan, unit * rng.standard_normal(len(sizes))[segment])
        else:
            shares = rng.dirichlet(np.full(len(pool), 0.4), size=len(sizes))
            drawn = [pool[rng.choice(len(pool), p=shares[s])] for s in segment]
            also = [pool[i] for i in rng.integers(0, len(pool), n)]
            is_holding = feature.role == "holdings"
            book[name] = [" + ".join(sorted({a, b})) for a, b in zip(drawn, also, strict=True)] if is_holding else drawn
            book.loc[rng.random(n) < 0.1, name] = None
    labels = texts(book, segment)
    again = texts(book, segment)
    pd.testing.assert_frame_equal(labels, again)
    for i, row in labels.iterrows():
        for text in (row["description"], row["motivation"], row["product_strategy"]):
            assert text.isprintable(), text
            assert text.endswith("."), text
        offered = re.findall(r'(?:Offer|Next,) "([^"]*)":', row["product_strategy"])
        own = book[segment == i]
        for product in offered:
            for name in ("cover_kind", "covers_held"):
                held = own[name].dropna().map(lambda text, p=product: p in text.split(" + "))
                # What is known of fewer decides nothing, as it is told of nobody.
                assert len(held) < LEAST or held.mean() <= 0.5, (product, name, held.mean())


@pytest.mark.parametrize(
    ("kind", "has", "has_not"), [(NUMBER, 1.0, 0.0), (CATEGORY, "yes", "no"), (CATEGORY, "1", "0")]
)
def test_a_flag_is_a_product_called_as_its_feature(kind, has, has_not):
    card = Feature(kind=kind, description="Whether there is one.", label="credit card", role="product")
    features = {"age": Feature(kind=NUMBER, unit="years", description="Age."), "has_card": card}
    book = pd.DataFrame({"age": [40.0] * 400, "has_card": [has] * 20 + [has_not] * 180 + [has] * 150 + [has_not] * 50})
    first, second = texts(book, np.repeat([0, 1], 200), features)["product_strategy"]
    assert first == 'Offer "credit card": 75 % of the others have it, 10 % of these drivers.'
    assert second == "Nothing is proposed: no product that they lack stands out."


@pytest.mark.parametrize(("yes", "no"), [("yes", "no"), ("True", "False"), ("1", "0")])
def test_a_yes_or_no_is_said_as_a_verb_and_never_as_the_share_of_a_number(yes, no):
    features = {
        "has_pets": Feature(kind=CATEGORY, description="Whether there are pets."),
        "is_retired": Feature(kind=CATEGORY, description="Whether they are retired."),
        "uses_app": Feature(kind=CATEGORY, description="Whether the app is used.", role="product"),
    }
    book = pd.DataFrame(
        {
            "has_pets": [yes] * 180 + [no] * 220,
            "is_retired": [no] * 170 + [yes] * 230,
            "uses_app": [no] * 190 + [yes] * 210,
        }
    )
    told = texts(book, np.repeat([0, 1], 200), features, Company("members"))
    both = told["description"] + " " + told["motivation"]
    assert "90 % have pets" in both[0]
    assert "85 % are not retired" in both[0]
    assert "nearly all do not use app" in both[0]  # which 10 do
    assert "90 % have no pets" not in both[1]  # 20 of 200 have: 180 of 200 have none
    assert not both.str.contains("share").any()
    assert told["product_strategy"][0].startswith('Offer "app": 100 % of the others have it')


def test_what_was_lumped_together_may_be_the_product_that_another_feature_names():
    """Each of the rare kinds has ten holders, so that none of them is told by its name."""
    n, rare = 200, [f"Rare {i}" for i in range(15)]
    held = [*(kind for kind in rare for _ in range(10)), *["Third Party"] * 50]
    book, segment = motor(n, covers_held=(held, ["Third Party"] * n), cover_next=("Comprehensive", "Comprehensive"))
    assert "Comprehensive" not in texts(book, segment)["product_strategy"][0]
    assert 'Next, "Comprehensive": ' in texts(book, segment)["product_strategy"][1]


def test_of_how_few_the_product_is_known_changes_nothing():
    n = 200
    book, segment = motor(n, covers_held=("Third Party", "Comprehensive"))
    assert texts(book, segment)["product_strategy"][0].startswith('Offer "Comprehensive": 100 % of the others')
    before = texts(book.assign(cover_kind=None), segment)["product_strategy"][0]
    book["cover_kind"] = ["Comprehensive"] * 6 + ["Third Party"] * 4 + [None] * (2 * n - 10)
    assert texts(book, segment)["product_strategy"][0] == before


def test_a_description_tells_value_and_outcome_where_they_stand_out_and_the_lens_does_not_look_at_them():
    left = (of(300, on=1.0), of(300, gone=0.4, on=0.6))
    book = motor(premium=(500.0, 900.0), contract_state=left, accident_count=(0.5, 4.0))
    first, second = texts(*book, looks_at=["accident_count"])["description"]
    assert first.endswith("; their premium is lower (€500 a year, the others €900).")
    assert second.endswith(
        "; their premium is higher (€900 a year, the others €500) and 40 % cancelled (none of the others)."
    )
    assert "cancelled" not in first


def test_a_description_tells_no_aim_twice_and_none_that_does_not_stand_out():
    book = motor(premium=(500.0, 900.0), contract_state=(of(300, on=0.9, gone=0.1), of(300, on=0.9, gone=0.1)))
    for told in texts(*book)["description"]:  # a lens of all features
        assert told.count("premium") == 1
        assert "cancelled" not in told
    for told in texts(*motor(accident_count=(0.5, 4.0)), looks_at=["accident_count"])["description"]:
        assert "premium" not in told
        assert "cancelled" not in told


def test_a_description_of_few_tells_no_aim():
    book, segment = motor(n=12, premium=(500.0, 900.0), accident_count=(0.5, 4.0))
    for told in texts(book, segment, looks_at=["accident_count"])["description"]:
        assert told == "Fewer than 20 drivers; too few for figures."
