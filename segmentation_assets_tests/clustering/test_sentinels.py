"""Numbers that stand for "not known": told where they dwarf a column, and honest columns left in peace."""

import warnings

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.clustering import (
    FAMD,
    KPrototypes,
    MicroSegments,
    SentinelWarning,
    find_sentinels,
    gower_distances,
    gower_silhouette_score,
    k_scorecard,
)

RNG = np.random.default_rng(0)
AGES = RNG.integers(18, 96, 400).astype(float)
INCOMES = RNG.lognormal(10, 0.6, 400).round(2)
CHILDREN = RNG.integers(0, 6, 400)
YEARS = RNG.integers(1950, 2025, 400)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (INCOMES, [999_999_999_999]),
        (INCOMES, [9_999_999.99]),
        (INCOMES, [-999]),
        (INCOMES, [-9_999_999]),
        (INCOMES, [1_000_000_000]),
        (INCOMES, [2**31 - 1]),
        (INCOMES, [-(2**15)]),
        (INCOMES, [88_888_888_888]),
        (INCOMES, [123_456_789_012]),
        (INCOMES, [1e308]),
        (AGES, [9_999]),
        (AGES, [999]),
        (AGES, [-99]),
        (AGES, [9_999, 9_998, 9_997]),
        (AGES, [-999, -998]),
        (AGES, [99_999, 9_999]),
        (AGES, [9_999, -999]),
        (YEARS, [9_999]),
        (CHILDREN, [999]),
    ],
)
def test_sentinels_are_found(column, told):
    found = find_sentinels(np.concatenate([column, told, [np.nan]]))
    assert found.values == told
    assert (found.n_found, found.n) == (len(told), len(column) + len(told) + 1)
    assert (found.low, found.high) == (column.min(), column.max())


def test_99_is_told_where_it_stands_twice():
    assert find_sentinels(np.append(CHILDREN, [99, 99])).values == [99]
    assert find_sentinels(np.append(CHILDREN, 99)) is None


@pytest.mark.parametrize(
    "column",
    [
        AGES, INCOMES, CHILDREN, YEARS, np.append(AGES, 99), np.append(INCOMES, 99_999), np.append(CHILDREN, -1),
        np.append(INCOMES, 9_999), np.array([0.0] * 99 + [5_400.0]), np.array([0.0, 0.0, 999.0]),
        np.array([7.0, 9_999.0]),
        np.array([499, 999, 1_999, 4_999, 9_999]), np.full(5, np.nan), np.full(5, 9_999.0), np.array([True, False]),
        np.array([99.7, 99.8, 99.9, 50.0, 1.0, 0.5]),
    ],
)  # fmt: skip
def test_columns_without_sentinels_are_left_in_peace(column):
    assert find_sentinels(column) is None


HONEST = {
    "lognormal incomes": lambda rng, n: rng.lognormal(10, 1, n),
    "lognormal premiums in cents, very skewed": lambda rng, n: rng.lognormal(6, 2, n).round(2),
    "exponential": lambda rng, n: rng.exponential(500, n),
    "Pareto, 1.5": lambda rng, n: (rng.pareto(1.5, n) + 1) * 1_000,
    "Pareto, 1.5, whole": lambda rng, n: np.floor(rng.pareto(1.5, n) * 10),
    "claims of few": lambda rng, n: np.where(rng.random(n) < 0.97, 0, rng.lognormal(6, 2, n)),
    "Pareto claims of very few": lambda rng, n: np.where(rng.random(n) < 0.99, 0, rng.pareto(1.5, n) * 300),
    "counts": lambda rng, n: rng.poisson(0.1, n),
    "profit and loss": lambda rng, n: rng.standard_t(3, n) * 1_000,
}


@pytest.mark.parametrize("kind", HONEST)
def test_honest_columns_raise_no_alarm(kind):
    rng = np.random.default_rng(1)
    columns = [HONEST[kind](rng, n) for n in (10, 100, 1_000) for _ in range(300)]
    assert [found for found in map(find_sentinels, columns) if found] == []


def test_the_rows_order_does_not_matter():
    column = np.append(RNG.pareto(1.5, 20_000), [99_999_999, 1e15])
    first = find_sentinels(column)
    assert first == find_sentinels(RNG.permutation(column))
    assert first.values == [1e15, 99_999_999]


PEOPLE = pd.DataFrame({"income": INCOMES, "age": AGES, "status": RNG.choice(["single", "married"], 400)})
SPOILT = PEOPLE.assign(income=np.where(np.arange(400) < 3, 999_999_999_999, INCOMES))
LABELS = np.arange(400) % 2


@pytest.mark.parametrize(
    "call",
    [
        KPrototypes(2, n_init=1).fit,
        KPrototypes(2, n_init=1).fit_predict,
        FAMD().fit,
        FAMD().fit_transform,
        lambda rows: MicroSegments(4).fit(rows, LABELS),
        lambda rows: gower_silhouette_score(rows, LABELS),
        gower_distances,
        lambda rows: gower_distances(PEOPLE.head(300), rows),
        lambda rows: k_scorecard(rows, [2, 3], n_init=1, n_bootstraps=2),
    ],
)
def test_whoever_learns_from_a_column_is_warned_once(call):
    with pytest.warns(SentinelWarning) as caught:
        call(SPOILT)
    (warning,) = caught
    assert str(warning.message).startswith("Column 'income' holds 999,999,999,999 in 3 of ")
    assert "make it NaN" in str(warning.message)
    call(PEOPLE)


def test_who_did_as_the_warning_says_gets_the_means_of_the_others():
    people = SPOILT.assign(income=SPOILT["income"].where(SPOILT["income"] < 1e9))
    model = KPrototypes(2, missing="ignore", n_init=2).fit(people[["income"]].iloc[3:].assign(status="one"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gaps = KPrototypes(2, missing="ignore", n_init=2).fit(people[["income"]].assign(status="one"))
    for k in range(2):
        mean = people["income"][gaps.labels_ == k].mean()
        assert gaps.prototypes_.loc[k, "income"] == pytest.approx(mean, rel=1e-6)
        assert model.prototypes_.loc[k, "income"] == pytest.approx(mean, rel=1e-6)


@pytest.mark.parametrize("far", [999_999_999_999.0, -1e25, 1e308])
@pytest.mark.parametrize("missing", ["error", "ignore"])
def test_a_row_too_far_off_to_be_placed_is_told(far, missing):
    model = KPrototypes(2, n_init=1, missing=missing).fit(PEOPLE)
    rows = PEOPLE.head(3).assign(age=[30.0, far, 40.0])
    with pytest.warns(SentinelWarning, match="Column 'age' holds numbers as far off as"):
        labels = model.predict(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert labels[[0, 2]].tolist() == model.predict(rows.iloc[[0, 2]]).tolist()
        model.transform(PEOPLE.assign(age=PEOPLE["age"] + 500))
