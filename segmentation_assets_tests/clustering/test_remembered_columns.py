"""What a fit learned of its columns holds for every row that comes later: names, order and kinds."""

import datetime as dt
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from segmentation_assets.clustering import (
    FAMD,
    KPrototypes,
    MicroSegments,
    UnseenCategoryWarning,
    bootstrap_stability,
    fit_famd_sharded,
    fit_sharded,
    gower_distances,
    gower_silhouette_samples,
    predict_sharded,
    transform_sharded,
)
from segmentation_assets_tests.clustering.retyped import CODES, NUMBERS

# Prototypes (0, "1") and (1, "2"): a number costs its squared difference, another tariff 0.5.
PEOPLE = pd.DataFrame({"age": [0.0, 0.0, 1.0, 1.0], "tariff": ["1", "1", "2", "2"]})
START = pd.DataFrame({"age": [0.0, 1.0], "tariff": ["1", "2"]})
# Ages 0.25, 0 and 1 with the tariffs "1", "2" and "2".
ROWS = pd.DataFrame({"age": [0.25, 0.0, 1.0], "tariff": ["1", "2", "2"]})
PLACED = [[0.0625, 1.0625], [0.5, 1.0], [1.5, 0.0]]


def fitted(**given):
    return KPrototypes(2, init=START, gamma=0.5, missing="ignore", **given).fit(PEOPLE)


# --- names and order ----------------------------------------------------------------------------------


def test_columns_are_taken_by_name():
    model, famd = fitted(), FAMD().fit(PEOPLE)
    turned = ROWS[["tariff", "age"]]
    assert_allclose(model.transform(turned), PLACED, atol=1e-6)
    assert_array_equal(famd.transform(turned), famd.transform(ROWS))
    assert_array_equal(gower_distances(ROWS, turned), gower_distances(ROWS, ROWS))
    start = KPrototypes(2, init=START[["tariff", "age"]], gamma=0.5).fit(PEOPLE)
    assert start.labels_.tolist() == [0, 0, 1, 1]


def test_names_that_are_no_texts_are_names_too():
    numbered = PEOPLE.set_axis([7, 3], axis="columns")
    model = KPrototypes(2, init=START.set_axis([7, 3], axis="columns"), gamma=0.5).fit(numbered)
    rows = ROWS.set_axis([7, 3], axis="columns")[[3, 7]]
    assert_allclose(model.transform(rows), PLACED, atol=1e-6)
    read = KPrototypes.from_dict(json.loads(json.dumps(model.to_dict())))
    assert_allclose(read.transform(rows), PLACED, atol=1e-6)
    with pytest.raises(ValueError, match=r"lacks the columns \[7\]"):
        model.predict(rows.rename(columns={7: 0}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="age"), r"lacks the columns \['age'\]"),
        (lambda rows: rows.assign(customer="A"), r"unknown columns \['customer'\]"),
        (lambda rows: rows[["age", "tariff", "age"]], r"repeats \['age'\]"),
        (lambda rows: rows.set_axis([0, 1], axis="columns"), r"lacks the columns \['age', 'tariff'\]"),
    ],
)
def test_a_column_too_few_or_too_many_is_named(change, message):
    rows = change(ROWS)
    for call in (fitted().predict, FAMD().fit(PEOPLE).transform, lambda rows: gower_distances(PEOPLE, rows)):
        with pytest.raises(ValueError, match=message):
            call(rows)


def test_a_column_that_is_there_twice_cannot_be_learned():
    with pytest.raises(ValueError, match="Column 'age' is in X twice"):
        KPrototypes(2).fit(PEOPLE[["age", "tariff", "age"]])


def test_an_array_is_read_by_position_and_by_the_kinds_of_the_fit():
    model = fitted()
    for rows in (ROWS.to_numpy(dtype=object), ROWS.astype(float).to_numpy(), ROWS.to_numpy(dtype=object).tolist()):
        with pytest.warns(UserWarning, match="does not have valid feature names"):
            assert_allclose(model.transform(rows), PLACED, atol=1e-6)


def test_nan_among_text_in_a_list_is_missing_and_no_word():
    with pytest.raises(ValueError, match="'x1' misses 1 of its 3"):
        KPrototypes(2, categorical=[1]).fit([[0.0, "a"], [1.0, "b"], [0.5, np.nan]])


# --- kinds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CODES)
def test_a_code_is_the_same_in_any_type(kind):
    model, famd = fitted(), FAMD().fit(PEOPLE)
    rows = ROWS.assign(tariff=CODES[kind](ROWS["tariff"].tolist()))
    assert_allclose(model.transform(rows), PLACED, atol=1e-6)
    assert_array_equal(famd.transform(rows), famd.transform(ROWS))
    assert gower_distances(ROWS, rows).diagonal().tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_number_is_the_same_in_any_type(kind):
    model, famd = fitted(), FAMD().fit(PEOPLE)
    rows = ROWS.assign(age=NUMBERS[kind](ROWS["age"].tolist()))
    assert_allclose(model.transform(rows), PLACED, atol=1e-6)
    assert_array_equal(famd.transform(rows), famd.transform(ROWS))
    assert_array_equal(gower_distances(ROWS, rows), gower_distances(ROWS, ROWS))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"tariff": [7, 1, 1]}, r"'tariff' held text .* holds numbers here, such as 7, which is none of"),
        ({"tariff": [1.5, 1.0, 1.0]}, r"'tariff' held text .* holds numbers here, such as 1.5"),
        ({"tariff": [True, False, True]}, r"'tariff' held text .* holds truth values here"),
        ({"tariff": pd.to_datetime(["2025-01-01"] * 3)}, r"'tariff' held text .* type Timestamp here"),
        ({"tariff": [dt.date(2025, 1, 1)] * 3}, r"'tariff' held text .* type date here"),
        ({"tariff": [b"1", b"2", b"2"]}, r"'tariff' held text .* type bytes here"),
        ({"tariff": [["1"], ["2"], ["2"]]}, r"'tariff' holds values that cannot be compared"),
        ({"tariff": [("1",), ("2",), ("2",)]}, r"'tariff' held text .* type tuple here"),
        ({"age": ["young", "0", "1"]}, r"'age' held numbers .* holds text here, such as 'young'"),
        ({"age": ["", "0", "1"]}, r"'age' held numbers .* holds text here, such as ''"),
        ({"age": ["1_000", "0", "1"]}, r"'age' held numbers .* holds text here"),
        ({"age": pd.to_datetime(["2025-01-01"] * 3)}, r"'age' held numbers .* type Timestamp here"),
        ({"age": pd.to_timedelta([1, 2, 3], unit="D")}, r"'age' held numbers .* type Timedelta here"),
        ({"age": [1j, 0j, 1j]}, r"'age' held numbers .* type complex here"),
        ({"age": pd.cut(pd.Series([1, 2, 3]), 3)}, r"'age' held numbers .* holds bands here"),
        ({"age": [[1], [2], [3]]}, r"'age' holds values that cannot be compared"),
        ({"age": [{"y": 1}] * 3}, r"'age' holds values that cannot be compared"),
    ],
)
def test_what_cannot_be_read_as_in_the_fit_names_the_column_and_both_kinds(rows, message):
    rows = ROWS.assign(**rows)
    for call in (fitted().predict, FAMD().fit(PEOPLE).transform, lambda rows: gower_distances(PEOPLE, rows)):
        with pytest.raises(ValueError, match=message):
            call(rows)


def test_a_column_that_is_all_missing_is_missing_whatever_its_type():
    model = fitted()
    # Without an age only the tariffs are compared: "1", "2", "2".
    for nothing in (None, np.nan, pd.NA, pd.NaT, pd.Series([None] * 3, dtype=pd.ArrowDtype(pa.null()))):
        assert_allclose(model.transform(ROWS.assign(age=nothing)), [[0, 0.5], [0.5, 0], [0.5, 0]], atol=1e-6)
        assert_allclose(model.transform(ROWS.assign(tariff=nothing)), [[0.0625, 0.5625], [0, 1], [1, 0]], atol=1e-6)
    with pytest.raises(ValueError, match=r"'age' contains 3 NaN"):
        KPrototypes(2).fit(PEOPLE).predict(ROWS.assign(age=None))


def test_zeros_before_a_code_that_pandas_took_for_a_number():
    people = PEOPLE.assign(tariff=["01", "01", "02", "02"])
    model = KPrototypes(2, init=START.assign(tariff=["01", "02"]), gamma=0.5).fit(people)
    assert_allclose(model.transform(ROWS.astype({"tariff": int})), PLACED, atol=1e-6)
    both = KPrototypes(2).fit(PEOPLE.assign(tariff=["1", "1", "01", "2"]))
    with pytest.raises(ValueError, match=r"'tariff' held text .* may be any of \['01', '1'\]"):
        both.predict(ROWS.astype({"tariff": int}))


@pytest.mark.parametrize(
    "truths", [[1, 0, 1], [1.0, 0.0, 1.0], ["True", "false", "TRUE"], pd.array([1, 0, 1], "boolean")]
)
def test_truth_values_come_as_numbers_and_words(truths):
    people = PEOPLE.assign(tariff=[True, True, False, False])
    model = KPrototypes(2, init=START.assign(tariff=[True, False]), gamma=0.5).fit(people)
    assert_allclose(model.transform(ROWS.assign(tariff=truths)), [[0.0625, 1.0625], [0.5, 1.0], [1.0, 0.5]], atol=1e-6)
    with pytest.raises(ValueError, match=r"'tariff' held truth values .* holds numbers here, such as 2"):
        model.predict(ROWS.assign(tariff=[2, 1, 0]))


def test_words_that_pandas_took_for_truth_values():
    model = KPrototypes(2).fit(PEOPLE.assign(tariff=["False", "False", "True", "True"]))
    expected = model.transform(ROWS.assign(tariff=["False", "True", "True"]))
    assert_array_equal(model.transform(ROWS.assign(tariff=[False, True, True])), expected)


def test_a_new_code_of_the_same_kind_is_unseen_as_before():
    with pytest.warns(UnseenCategoryWarning, match=r"'tariff': \['7'\]"):
        assert_allclose(fitted().transform(ROWS.assign(tariff=["7", "1", "2"]))[0], [0.5625, 1.0625], atol=1e-6)


@pytest.mark.parametrize("kind", [name for name in CODES if name != "sparse"])
def test_categories_that_are_numbers_may_come_as_text(kind):
    people = PEOPLE.astype({"tariff": int})
    model = KPrototypes(2, init=START.astype({"tariff": int}), gamma=0.5, categorical=["tariff"]).fit(people)
    assert_allclose(model.transform(ROWS.assign(tariff=CODES[kind](["1", "2", "2"]))), PLACED, atol=1e-6)


def test_decimals_are_numbers():
    people = PEOPLE.assign(age=[None, Decimal("0.10"), Decimal("1.10"), Decimal("1.10")])
    model = KPrototypes(2, missing="ignore").fit(people)
    plain = KPrototypes(2, missing="ignore").fit(people.astype({"age": float}))
    assert model.to_dict() == plain.to_dict()
    assert model.transform(PEOPLE).tolist() == plain.transform(PEOPLE).tolist()
    categorical = KPrototypes(2, categorical=["age", "tariff"], missing="ignore").fit(people)
    assert json.loads(json.dumps(categorical.to_dict()))["categories"][0] == [0.1, 1.1]


@pytest.mark.parametrize("given", ["1", 1, 1.0, Decimal(1)])
def test_starting_prototypes_are_read_as_the_table(given):
    model = KPrototypes(2, init=START.assign(tariff=[given, "2"]).astype({"age": str}), gamma=0.5).fit(PEOPLE)
    assert_allclose(model.transform(ROWS), PLACED, atol=1e-6)


def test_micro_segments_and_bootstraps_read_later_rows_alike():
    rows = PEOPLE.astype({"tariff": float})[["tariff", "age"]]
    cut = MicroSegments(2).fit(PEOPLE, ["a", "a", "b", "b"])
    assert_array_equal(cut.predict(rows, ["a", "a", "b", "b"]), cut.labels_)
    expected = bootstrap_stability(fitted(), PEOPLE, n_bootstraps=4)
    assert_array_equal(bootstrap_stability(fitted(), rows, n_bootstraps=4).jaccard_runs, expected.jaccard_runs)


def test_workers_read_files_as_the_fit(workers, tmp_path):
    people = pd.concat([PEOPLE] * 5, ignore_index=True)
    learned, later = tmp_path / "learned.parquet", tmp_path / "later.parquet"
    people.to_parquet(learned)
    ROWS.astype({"tariff": int}).to_parquet(later)
    model = fit_sharded(KPrototypes(2, init=START, gamma=0.5), [learned], client=workers)
    assert_allclose(model.transform(ROWS.astype({"tariff": float})), PLACED, atol=1e-6)
    (found,) = predict_sharded(model, [later], client=workers)
    assert_allclose(found["distance"], [0.0625, 0.5, 0.0], atol=1e-6)
    famd = fit_famd_sharded(FAMD(), [learned], client=workers)
    (placed,) = transform_sharded(famd, [later], client=workers)
    assert_array_equal(placed, famd.transform(ROWS))


# --- properties ---------------------------------------------------------------------------------------

ROW = st.tuples(
    st.one_of(st.none(), st.integers(-300, 300).map(lambda cents: cents / 100)), st.sampled_from([None, "1", "2", "30"])
)
LEARNED = pd.DataFrame(
    {"age": [0.0, 0.5, 1.0, 1.5, 2.0, 2.5], "tariff": ["1", "2", "30", "1", "2", "30"], "city": list("aabbcc")}
)
MODEL = KPrototypes(3, missing="ignore", n_init=2).fit(LEARNED)
MAP = FAMD().fit(LEARNED)


@given(
    st.lists(ROW, min_size=1, max_size=12),
    st.sampled_from(sorted(CODES)),
    st.sampled_from(sorted(NUMBERS)),
    st.permutations(list(LEARNED)),
)
@settings(max_examples=150, deadline=None)
def test_a_retyped_frame_is_placed_as_the_plain_one(rows, codes, numbers, order):
    ages, tariffs = (list(values) for values in zip(*rows, strict=True))
    city = [None, *"abc"][len(rows) % 4]
    plain = pd.DataFrame(
        {"age": pd.Series(ages, dtype=float), "tariff": pd.Series(tariffs, dtype=object), "city": city}
    )
    plain["city"] = plain["city"].astype(object)
    other = plain.assign(age=NUMBERS[numbers](ages), tariff=CODES[codes](tariffs))[order]
    assert_array_equal(MODEL.transform(other), MODEL.transform(plain))
    assert_array_equal(gower_distances(LEARNED, other), gower_distances(LEARNED, plain))
    complete = plain.notna().all(axis=1)
    if complete.any():
        assert_array_equal(MAP.transform(other[complete]), MAP.transform(plain[complete]))


@given(st.lists(ROW, min_size=1, max_size=6), st.sampled_from([None, np.nan, pd.NA, pd.NaT]))
@settings(max_examples=60, deadline=None)
def test_a_row_with_gaps_is_placed_alone_as_in_its_batch(rows, nothing):
    values = [{"age": age, "tariff": tariff, "city": "a"} for age, tariff in rows]
    batch = pd.DataFrame(values, dtype=object)
    for place, row in enumerate(values):
        alone = pd.DataFrame([{name: nothing if value is None else value for name, value in row.items()}])
        assert_array_equal(MODEL.transform(alone), MODEL.transform(batch)[[place]])
        assert_array_equal(MODEL.transform(alone.astype(object)), MODEL.transform(batch)[[place]])


JUNK = st.one_of(
    st.integers(), st.floats(), st.text(max_size=3), st.booleans(), st.none(), st.binary(max_size=2), st.dates(),
    st.datetimes(), st.timedeltas(), st.decimals(), st.complex_numbers(), st.tuples(st.integers()),
    st.lists(st.integers(), max_size=2), st.fractions(), st.uuids(),
)  # fmt: skip


@given(st.lists(JUNK, min_size=1, max_size=4), st.sampled_from(["age", "tariff"]))
@settings(max_examples=200, deadline=None)
@pytest.mark.filterwarnings("ignore::segmentation_assets.clustering.UnseenCategoryWarning")
@pytest.mark.filterwarnings("ignore::segmentation_assets.clustering.SentinelWarning")
@pytest.mark.filterwarnings("ignore:.*fit did not see:UserWarning")
def test_whatever_a_column_holds_is_placed_or_the_column_is_named(junk, name):
    rows = pd.DataFrame({"age": 1.0, "tariff": "1", "city": ["a"] * len(junk)}).astype({"tariff": object})
    rows[name] = pd.Series(junk, dtype=object)
    for call in (MODEL.transform, MAP.transform, lambda rows: gower_distances(LEARNED, rows)):
        try:
            assert not np.isnan(call(rows)).any()
        except ValueError as error:
            assert f"Column {name!r}" in str(error)  # noqa: PT017 - either is right


# --- what may be a category, and the model as JSON ----------------------------------------------------


def test_bands_are_kept_as_their_text():
    bands = pd.cut(pd.Series([25, 31, 28, 64, 70, 66]), [0, 40, 120])
    people = pd.DataFrame({"band": bands, "premium": [300.0, 320, 310, 900, 950, 910]})
    model = KPrototypes(2, random_state=0).fit(people)
    assert sorted(model.prototypes_["band"]) == ["(0, 40]", "(40, 120]"]
    read = KPrototypes.from_dict(json.loads(json.dumps(model.to_dict())))
    for rows in (people, people.astype({"band": str}), people.assign(band=bands.astype(object))):
        assert_array_equal(read.predict(rows), model.labels_)
    assert FAMD().fit(people).categories_ == {"band": ["(0, 40]", "(40, 120]"]}
    assert gower_distances(people, people.astype({"band": str})).diagonal().tolist() == [0.0] * 6


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([dt.date(2025, 1, 1)] * 3, "date"),
        ([pd.Timestamp("2025-01-01")] * 3, "Timestamp"),
        (pd.period_range("2025", periods=3, freq="M").astype(object), "Period"),
        ([b"a", b"b", b"c"], "bytes"),
        ([("a", 1), ("b", 2), ("c", 3)], "tuple"),
        ([1j, 2j, 3j], "complex"),
    ],
)
def test_what_is_no_category_names_the_column_in_fit(values, kind):
    people = pd.DataFrame({"age": [1.0, 2.0, 3.0], "odd": pd.Series(list(values), dtype=object)})
    for call in (KPrototypes(2).fit, FAMD().fit, lambda rows: gower_silhouette_samples(rows, [0, 0, 1])):
        with pytest.raises(ValueError, match=f"Column 'odd' holds categories of type {kind}"):
            call(people)


@pytest.mark.parametrize("nested", [["car"], {"zip": "LS1"}, np.array([1, 2]), {"a"}])
def test_nested_values_name_the_column_in_fit(nested):
    people = pd.DataFrame({"age": [1.0, 2.0, 3.0], "covers": [nested] * 3})
    for call in (KPrototypes(2).fit, FAMD().fit, lambda rows: gower_silhouette_samples(rows, [0, 0, 1])):
        with pytest.raises(ValueError, match="Column 'covers' holds values that cannot be compared"):
            call(people)


@pytest.mark.parametrize("kind", [pa.list_(pa.int64()), pa.struct([("zip", pa.int64())])])
def test_nested_types_of_arrow_name_the_column_in_fit(kind):
    value = [1] if pa.types.is_list(kind) else {"zip": 1}
    people = pd.DataFrame({"age": [1.0, 2.0, 3.0], "covers": pd.Series([value] * 3, dtype=pd.ArrowDtype(kind))})
    for categorical in (None, ["covers"]):
        with pytest.raises(ValueError, match="Column 'covers'"):
            KPrototypes(2, categorical=categorical).fit(people)


def test_column_names_that_json_cannot_hold_are_named():
    people = PEOPLE.set_axis(pd.to_datetime(["2025-01-01", "2025-02-01"]), axis="columns")
    with pytest.raises(ValueError, match=r"Timestamp\('2025-01-01 00:00:00'\)"):
        KPrototypes(2).fit(people).to_dict()
