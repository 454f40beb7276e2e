"""Field cases of the library: tables as people bring them, with what is right worked out by hand."""

import json
import runpy
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from segmentation_assets.clustering import (
    FAMD,
    KPrototypes,
    SentinelWarning,
    gower_distances,
    gower_silhouette_samples,
    gower_silhouette_score,
)

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "field"


def ran(case):
    """Return what a case's own script prints; the test is skipped where the cases are not there."""
    script = CASES / case / "repro.py"
    if not script.is_file():
        pytest.skip(f"the field cases are not at {CASES}")
    printed = []
    with warnings.catch_warnings():
        runpy.run_path(str(script), {"print": lambda *words, **_: printed.append(" ".join(map(str, words)))})
    return printed


# --- 08: the model was fitted with a column as text, the new file holds the same codes as numbers ------

FITTED = pd.DataFrame(
    {
        "age": [25, 31, 28, 64, 70, 66] * 5,
        "tariff": ["1", "1", "2", "3", "3", "2"] * 5,
        "premium": [300.0, 320, 310, 900, 950, 910] * 5,
    }
)
YOUNG, OLD = [0, 1, 2], [3, 4, 5]


@pytest.mark.parametrize(
    "change",
    [
        {"tariff": int},
        {"tariff": float},
        {"tariff": "Int64"},
        {"tariff": "category"},
        {"tariff": "string[pyarrow]"},
        {"premium": str},
        {"premium": object},
        {"age": str, "tariff": int, "premium": "Float64"},
    ],
)
def test_08_codes_and_numbers_in_another_type_are_placed_as_in_the_fit(change):
    model, famd = KPrototypes(2, random_state=0).fit(FITTED), FAMD().fit(FITTED)
    batch = FITTED.head(6).astype(change)
    labels = model.predict(batch)
    # The premiums of the young are near 310 and of the old near 920: the two clusters.
    assert len(set(labels[YOUNG])) == len(set(labels[OLD])) == 1
    assert labels[0] != labels[3]
    assert_array_equal(labels, model.labels_[:6])
    assert_array_equal(famd.transform(batch), famd.transform(FITTED.head(6)))


def test_08_a_column_without_any_value_names_itself_or_is_left_out():
    batch = FITTED.head(4).assign(premium=None)
    with pytest.raises(ValueError, match="'premium' contains 4 NaN"):
        KPrototypes(2, random_state=0).fit(FITTED).predict(batch)
    with pytest.raises(ValueError, match="'premium' contains 4 missing"):
        FAMD().fit(FITTED).transform(batch)
    lenient = KPrototypes(2, random_state=0, missing="ignore").fit(FITTED)
    # By age alone 25, 31 and 28 are young and 64 is old.
    assert_array_equal(lenient.predict(batch), lenient.labels_[:4])


def test_08_as_it_was_reported():
    lines = ran("08-predict-kinds")
    assert [line.split("->")[1].strip() for line in lines if "all missing" not in line and "predict" in line] == (
        ["[0, 0, 0, 1] []"] * 3
    )
    assert all("Column 'premium' contains 4" in line for line in lines if "all missing" in line)


# --- 10: a REPEATED or STRUCT column among the features -------------------------------------------------


def test_10_as_it_was_reported():
    lines = ran("10-lists-in-a-column")
    assert len(lines) == 6
    for line in lines:
        assert f"ValueError: Column '{'covers' if line.startswith('ARRAY') else 'address'}' holds values" in line


# --- 11: the tariff is text in one table and a number in the other --------------------------------------


def test_11_each_customer_is_at_distance_0_of_itself():
    book = pd.DataFrame({"age": [20, 30, 40], "tariff": ["1", "2", "3"], "city": ["Leeds", "York", "Bath"]})
    new = book.astype({"tariff": int})
    # Of the first and the second: ages 10 of 20 years apart, another tariff, another city: (1/2 + 1 + 1) / 3.
    apart = (0.5 + 1 + 1) / 3
    by_code = [[0, apart, 1], [apart, 0, apart], [1, apart, 0]]
    assert_allclose(gower_distances(book, new), by_code)
    # Where the first table holds numbers, so does the second: tariffs 1 of 2 apart.
    apart = (0.5 + 0.5 + 1) / 3
    assert_allclose(gower_distances(new, book), [[0, apart, 1], [apart, 0, apart], [1, apart, 0]])
    plans = pd.DataFrame({"age": [20, 30, 40], "tariff": ["basic", "plus", "plus"]})
    with pytest.raises(ValueError, match=r"'tariff' held numbers .* holds text here, such as 'basic'"):
        gower_distances(plans.assign(tariff=[1, 2, 2]), plans)
    with pytest.raises(ValueError, match=r"'tariff' held text .* holds numbers here, such as 1"):
        gower_distances(plans, plans.assign(tariff=[1, 2, 2]))


# --- 13: bands of pd.cut, and the model as JSON ---------------------------------------------------------


def test_13_a_model_of_age_bands_goes_through_json():
    bands = pd.cut(pd.Series([25, 31, 28, 64, 70, 66] * 5), [0, 40, 120])
    people = pd.DataFrame({"band": bands, "premium": [300.0, 320, 310, 900, 950, 910] * 5})
    model = KPrototypes(2, random_state=0).fit(people)
    # Means of 300, 320, 310 and of 900, 950, 910.
    rows = model.prototypes_.sort_values("premium").to_numpy().tolist()
    assert rows == [["(0, 40]", pytest.approx(310.0, abs=1e-4)], ["(40, 120]", pytest.approx(920.0, abs=1e-4)]]
    read = KPrototypes.from_dict(json.loads(json.dumps(model.to_dict())))
    assert_array_equal(read.predict(people), model.labels_)
    assert_array_equal(read.predict(people.astype({"band": str})), model.labels_)


# --- 14: labels with none for who could not be placed ---------------------------------------------------


def test_14_as_it_was_reported():
    lines = ran("14-labels-with-none")
    assert len(lines) == 5
    assert all("every row needs a cluster" in line for line in lines)


def test_14_who_has_a_cluster_is_judged():
    people = pd.DataFrame({"age": [25, 31, 28, 64, 70], "city": ["Leeds", "York", "Leeds", "York", "Leeds"]})
    labels = pd.Series(["Young", "Young", "Young", "Mature", "Mature"], index=people.index)
    # The first is 6 of 45 years and a city from the second, 3 years from the third: a = (51/45 + 3/45) / 4. It is 39
    # years and a city from the fourth and 45 years from the fifth: b = (84/45 + 45/45) / 4. b - a over b: 75 / 129.
    assert gower_silhouette_samples(people, labels)[0] == pytest.approx(75 / 129)
    assert gower_silhouette_score(people, labels.iloc[::-1]) == gower_silhouette_score(people, labels.tolist())


# --- 29: 999,999,999,999 for "not known" ----------------------------------------------------------------


def test_29_a_number_that_dwarfs_its_column_is_told():
    if not (CASES / "29-sentinel-amounts").is_dir():
        pytest.skip(f"the field cases are not at {CASES}")
    with pytest.raises(SentinelWarning, match="'income' holds 999,999,999,999 in 1 of 200 rows"):
        ran("29-sentinel-amounts")  # which makes errors of warnings


def test_29_without_it_the_means_are_true():
    rng = np.random.default_rng(1)
    income = np.r_[rng.normal(25_000, 2_000, 100), rng.normal(80_000, 5_000, 100)].round(2)
    people = pd.DataFrame({"income": income, "status": ["single"] * 100 + ["married"] * 100})
    people.loc[0, "income"] = np.nan
    model = KPrototypes(2, random_state=0, missing="ignore").fit(people)
    for k in range(2):
        assert model.prototypes_.loc[k, "income"] == pytest.approx(
            people["income"][model.labels_ == k].mean(), rel=1e-6
        )
