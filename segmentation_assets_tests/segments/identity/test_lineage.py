"""Numbers along a chain of models: kept by what lives on, never given twice, the same in every table."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from segmentation_assets.segments.identity.lineage import continued, the_model
from segmentation_assets.segments.identity.matching import nearest
from segmentation_assets.segments.training import Training, train
from segmentation_assets_tests.segments.test_training import book, lens_of, portfolio_of

MONTHS = [date(2025, month, 1) for month in range(1, 10)]


ROWS = book(300)


@cache
def learned(n_clusters: int) -> Training:
    return train(ROWS, portfolio_of(small=lens_of("age", n_clusters=n_clusters, candidates=(2, 2))), MONTHS[0])


def chain(*sizes: int) -> list[Training]:
    """Return a model of the same customers a month, with these numbers of segments."""
    links: list[Training] = []
    for day, n_clusters in zip(MONTHS, sizes, strict=False):
        training = learned(n_clusters)
        dated = replace(training, model_rows=training.model_rows.assign(trained_on=day))
        links.append(continued(dated, links[-1] if links else None, ROWS, "c0ffee"))
    return links


NOBODY = ROWS.assign(age=np.nan)


def nobody() -> Training:
    return train(NOBODY, portfolio_of(small=lens_of("age", n_clusters=3)), MONTHS[1])


def events(training: Training) -> dict[int, str]:
    return dict(zip(training.lineage_rows["segment_id"], training.lineage_rows["event"], strict=True))


def test_the_first_model_has_new_segments_in_ascending_order_of_its_first_number():
    (first,) = chain(3)
    assert events(first) == {1: "new", 2: "new", 3: "new"}
    assert the_model(first).prototypes["age"].is_monotonic_increasing
    assert first.model_rows["predecessor_model_id"].isna().all()
    assert first.lineage_rows["n_common"].isna().all()


def test_the_same_customers_keep_their_numbers():
    first, second = chain(3, 3)
    assert events(second) == {1: "survived", 2: "survived", 3: "survived"}
    assert second.model_rows["predecessor_model_id"].item() == first.model_rows["model_id"].item()
    assert (second.lineage_rows["first_trained_on"] == MONTHS[0]).all()
    assert (second.lineage_rows["trained_on"] == MONTHS[1]).all()
    assert (second.lineage_rows["jaccard"] == 1).all()


def test_a_number_that_was_given_up_is_not_given_again():
    two, three_again, once_more = chain(3, 2, 3, 3)[1:]
    assert list(events(two).values()).count("retired") >= 1
    gone = {number for number, event in events(two).items() if event == "retired"}
    born = set(events(three_again)) - set(events(two))
    assert born
    assert min(born) > max(events(two))
    assert not gone & set(the_model(three_again).prototypes.index)
    assert gone <= {number for number, event in events(once_more).items() if event == "retired"}
    remembered = once_more.lineage_rows.set_index("segment_id").loc[sorted(gone)]
    assert remembered["successor_segment_ids"].notna().all()
    assert set(remembered["model_id"]) == set(two.model_rows["model_id"])


def test_a_parting_is_told_from_both_sides():
    two, three = chain(2, 3)
    parts = three.lineage_rows.query("event in ('split', 'new')")
    assert len(parts)
    for _, row in three.lineage_rows.query("event == 'retired'").iterrows():
        heirs = [int(number) for number in row["successor_segment_ids"].split(", ")]
        assert set(heirs) <= set(the_model(three).prototypes.index)
    assert set(three.lineage_rows["segment_id"]) >= set(the_model(two).prototypes.index)


@pytest.mark.parametrize("sizes", [(3, 3), (3, 2, 3), (2, 4, 3)])
def test_all_tables_use_the_same_numbers(sizes):
    last = chain(*sizes)[-1]
    model = the_model(last)
    numbers = model.prototypes.index.tolist()
    assert numbers == sorted(numbers)
    assert set(last.model_rows["model_id"]) == {model.model_id}
    assert set(last.prototype_rows["model_id"]) == set(last.stability_rows["model_id"]) == {model.model_id}
    assert set(last.prototype_rows["segment_id"]) == set(numbers)
    assert last.stability_rows["segment_id"].tolist() == numbers
    placed = pd.Series(nearest(ROWS, model)).value_counts()
    stability = last.stability_rows.set_index("segment_id")["n_customers"]
    assert (placed - stability).abs().max() <= 2  # a customer on the border, see ADR 2
    current = last.lineage_rows[last.lineage_rows["event"] != "retired"]
    assert current["segment_id"].tolist() == numbers


def test_a_lens_without_a_model_passes_on_what_it_knew():
    (first,) = chain(3)
    absent = continued(nobody(), first, NOBODY, "c0ffee")
    assert the_model(absent) is None
    assert absent.model_rows["predecessor_model_id"].item() == first.model_rows["model_id"].item()
    pd.testing.assert_frame_equal(absent.lineage_rows, first.lineage_rows)


def test_a_lens_that_never_had_a_model_has_no_lineage():
    absent = continued(nobody(), None, NOBODY, "c0ffee")
    assert absent.lineage_rows.empty
    assert absent.model_rows["predecessor_model_id"].isna().all()
