"""The same column in the types that files and warehouses deliver it in."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa

# From a list of texts that spell whole numbers, None where one is missing.
CODES = {
    "object": lambda texts: pd.Series(texts, dtype=object),
    "string": lambda texts: pd.Series(texts, dtype="string[python]"),
    "Arrow string": lambda texts: pd.Series(texts, dtype=pd.ArrowDtype(pa.string())),
    "Arrow dictionary": lambda texts: pd.Series(
        pa.array(texts, pa.string()).dictionary_encode(), dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
    ),
    "category": lambda texts: pd.Series(pd.Categorical(texts)),
    "category with unused words": lambda texts: pd.Series(
        pd.Categorical(texts, categories=["unused", *sorted({one for one in texts if one})])
    ),
    "category of int": lambda texts: pd.Series(pd.Categorical([one and int(one) for one in texts])),
    "float": lambda texts: pd.Series([np.nan if one is None else float(one) for one in texts], dtype=float),
    "float32": lambda texts: pd.Series([np.nan if one is None else float(one) for one in texts], dtype="float32"),
    "object of int": lambda texts: pd.Series([one and int(one) for one in texts], dtype=object),
    "object of Decimal": lambda texts: pd.Series([one and Decimal(one) for one in texts], dtype=object),
    "object of int and text": lambda texts: pd.Series(
        [one and (int(one) if place % 2 else one) for place, one in enumerate(texts)], dtype=object
    ),
    "Int64": lambda texts: pd.Series([pd.NA if one is None else int(one) for one in texts], dtype="Int64"),
    "Arrow int64": lambda texts: pd.Series([one and int(one) for one in texts], dtype=pd.ArrowDtype(pa.int64())),
    "Arrow decimal": lambda texts: pd.Series(
        [one and Decimal(one) for one in texts], dtype=pd.ArrowDtype(pa.decimal128(12, 3))
    ),
    "sparse": lambda texts: pd.Series(
        pd.arrays.SparseArray([np.nan if one is None else float(one) for one in texts])
    ),
}  # fmt: skip


def _each(numbers, change):
    return [None if one is None else change(one) for one in numbers]


# From a list of numbers with two decimals, None where one is missing.
NUMBERS = {
    "text": lambda numbers: pd.Series(_each(numbers, repr), dtype=object),
    "text with blanks": lambda numbers: pd.Series(_each(numbers, lambda one: f" {one!r} "), dtype=object),
    "string": lambda numbers: pd.Series(_each(numbers, repr), dtype="string[pyarrow]"),
    "category of text": lambda numbers: pd.Series(pd.Categorical(_each(numbers, repr))),
    "category": lambda numbers: pd.Series(pd.Categorical(numbers)),
    "object": lambda numbers: pd.Series(numbers, dtype=object),
    "object of Decimal": lambda numbers: pd.Series(_each(numbers, lambda one: Decimal(repr(one))), dtype=object),
    "Float64": lambda numbers: pd.Series(numbers, dtype="Float64"),
    "Arrow double": lambda numbers: pd.Series(numbers, dtype=pd.ArrowDtype(pa.float64())),
    "Arrow decimal": lambda numbers: pd.Series(
        _each(numbers, lambda one: Decimal(repr(one))), dtype=pd.ArrowDtype(pa.decimal128(20, 2))
    ),
    "sparse": lambda numbers: pd.Series(pd.arrays.SparseArray(np.array(numbers, dtype=float))),
}  # fmt: skip
