"""Whoever adds and subtracts all that marts tell of segments and products gets nowhere at the premium of a few."""

import numpy as np
import pandas as pd
import pytest

from segmentation_assets_tests.marts.placed import LEAST, marts_of
from segmentation_assets_tests.marts.warehouse import Marts

DAY = pd.Timestamp("2025-11-15")
N_BOOKS = 30
MARTS = ("premium_by_segment", "segment_overview", "product_popularity", "product_popularity_by_segment")


def book(rng: np.random.Generator, day: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return customers and policies of a day: segments and products of very different sizes, some unclassified."""
    n, n_segments, n_products = int(rng.integers(200, 2_000)), int(rng.integers(3, 7)), int(rng.integers(4, 10))
    segment = rng.choice(np.arange(-1, n_segments), size=n, p=rng.dirichlet(np.ones(n_segments + 1)))
    people = pd.DataFrame({"snapshot_date": day, "customer_id": [f"c{i}" for i in range(n)], "segment": segment})
    wanted = rng.dirichlet(np.full(n_products, 0.7), size=n_segments + 1)
    sold = people.loc[np.repeat(people.index, rng.integers(0, 4, size=n))].reset_index(drop=True)
    drawn = rng.random(len(sold))[:, None] > wanted[sold["segment"]].cumsum(axis=1)
    sold["product_id"] = [f"P{i}" for i in drawn.sum(axis=1).clip(max=n_products - 1)]
    sold = sold.drop_duplicates(["customer_id", "product_id"])
    return people, sold.assign(premium=rng.gamma(2, 300, len(sold)).round(2) + 1, coverage=1_000.0, purchase_date=DAY)


def rows_by_day(marts: Marts) -> list[list[pd.DataFrame]]:
    """Return for each day the rows of each mart."""
    by_day = [dict(list(marts.frame(name).groupby("snapshot_date"))) for name in MARTS]
    return [[mart[day] for mart in by_day] for day in by_day[-1]]


def sums(cells: pd.DataFrame, key: str, names: list[str]) -> list[np.ndarray]:
    """Return which cells each of these segments or products is the sum of."""
    return [(cells[key] == name).to_numpy(float) for name in names]


def told(frame: pd.DataFrame, key: str) -> list[str]:
    return frame.loc[frame["total_premium"].notna(), key].to_list()


def follows(wanted: np.ndarray, known: np.ndarray) -> bool:
    """Say whether a sum follows from others: it adds nothing to what they span."""
    return np.linalg.matrix_rank(np.vstack([known, wanted])) == np.linalg.matrix_rank(known)


def few_and_given_away(
    segments: pd.DataFrame, overview: pd.DataFrame, products: pd.DataFrame, cells: pd.DataFrame
) -> tuple[int, pd.DataFrame]:
    """Return how many amounts are those of a few, and the cells of such as follow from what is told."""
    each = np.eye(len(cells))
    known = [
        np.ones(len(cells)),  # the total of overall_stat
        *sums(cells, "segment_name", told(segments, "segment_name") + told(overview, "segment_name")),
        *sums(cells, "product_id", told(products, "product_id")),
        *each[cells["total_premium"].notna()],
    ]
    few = [
        *each[cells["n_customers"] < LEAST],
        *sums(cells, "segment_name", segments.query("n_customers < @LEAST")["segment_name"].to_list()),
        *sums(cells, "product_id", products.query("0 < n_customers < @LEAST")["product_id"].to_list()),
    ]
    given_away = [row for row in few if follows(row, np.array(known))]
    return len(few), cells[np.any(given_away, axis=0)] if given_away else cells[:0]


def test_no_premium_of_a_few_follows_from_what_is_told(new_duckdb):
    rng = np.random.default_rng(12)
    books = [book(rng, DAY + pd.Timedelta(days=i)) for i in range(N_BOOKS)]
    people, sold = (pd.concat(frames, ignore_index=True) for frames in zip(*books, strict=True))
    n_few = n_told = 0
    for marts in rows_by_day(marts_of(new_duckdb(), people, sold)):
        n, given_away = few_and_given_away(*marts)
        assert given_away.empty, given_away.to_string()
        n_few, n_told = n_few + n, n_told + int(marts[-1]["total_premium"].notna().sum())
    assert min(n_few, n_told) > 150


# segment -> product -> customers who hold it
ALONE = {
    "a small segment, and the next one sells less than others": [
        {"A": 5, "B": 5}, {"A": 25, "B": 25}, {"A": 90, "B": 90, "C": 90}, {"A": 95, "B": 95, "C": 95},
    ],
    "a small product, and the next one is sold in one segment": [
        {"A": 5, "C": 90, "D": 90}, {"B": 25, "C": 90, "D": 90}, {"C": 95, "D": 95},
    ],
}  # fmt: skip


@pytest.mark.parametrize("held", ALONE.values(), ids=ALONE.keys())
def test_a_total_that_is_not_told_does_not_follow_from_its_parts(held, new_duckdb):
    rows = [
        {"snapshot_date": DAY, "customer_id": f"{segment}-{i}", "segment": segment, "product_id": product,
         "premium": 100.0 + i, "coverage": 1_000.0, "purchase_date": DAY}
        for segment, products in enumerate(held)
        for product, n in products.items()
        for i in range(n)
    ]  # fmt: skip
    sold = pd.DataFrame(rows)
    [marts] = rows_by_day(marts_of(new_duckdb(), sold.drop_duplicates("customer_id"), sold))
    n, given_away = few_and_given_away(*marts)
    assert n
    assert given_away.empty, given_away.to_string()
    assert marts[-1]["total_premium"].notna().any()
