from itertools import pairwise

import pandas as pd
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.tables.keys import in_order_of, is_ascending, n_repeated, positions_of

KEYS = st.lists(st.text(st.sampled_from("abZ09\u00e9\U0001f600"), max_size=3), max_size=12)


def series(keys):
    return pd.Series(keys, dtype="string[pyarrow]")


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.text(st.sampled_from("ab\u00e9\U0001f600"), max_size=2)), max_size=8))
def test_ascending_is_what_python_says_of_its_tuples(rows):
    table = pa.table({"day": pa.array([d for d, _ in rows], pa.int64()), "key": pa.array([k for _, k in rows], "str")})
    chunked = pa.concat_tables([table.slice(0, 3), table.slice(3)])
    expected = all(before < after for before, after in pairwise(rows))
    assert is_ascending(table, ["day", "key"]) == is_ascending(chunked, ["day", "key"]) == expected


def test_a_null_is_in_no_order():
    assert not is_ascending(pa.table({"key": ["a", None]}), ["key"])
    assert not is_ascending(pa.table({"key": pa.array([None], pa.string())}), ["key"])


@settings(deadline=None)
@given(KEYS)
def test_rows_come_in_the_order_in_which_python_sorts_their_keys(keys):
    frame = pd.DataFrame({"key": series(keys), "place": range(len(keys))})
    ordered = in_order_of(frame, "key")
    assert ordered["key"].tolist() == sorted(keys)
    assert [keys[i] for i in ordered["place"]] == sorted(keys)
    assert ordered.index.equals(pd.RangeIndex(len(keys)))
    assert frame["place"].tolist() == list(range(len(keys)))


@settings(deadline=None)
@given(KEYS, KEYS)
def test_a_key_is_found_at_its_first_place_or_nowhere(keys, others):
    expected = [others.index(key) if key in others else -1 for key in keys]
    assert positions_of(series(keys), series(others)).tolist() == expected
    assert positions_of(pd.Series(keys, dtype=object), pd.Series(others, dtype=object)).tolist() == expected


@settings(deadline=None)
@given(KEYS)
def test_repeated_keys_are_counted(keys):
    assert n_repeated(series(keys)) == len(keys) - len(set(keys))
