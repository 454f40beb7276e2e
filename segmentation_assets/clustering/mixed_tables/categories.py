"""Categories of a column: their order, their numbers, and the same categories in rows that come later.

A category is text, a number or a truth value, all of which JSON can hold. A band of `pandas.cut` is kept as its text.
"""

import re
from decimal import Decimal

import numpy as np
import pandas as pd

KINDS = {"str": "text", "number": "numbers", "bool": "truth values", "Interval": "bands", "Decimal": "numbers"}
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
TRUTHS = {"true": True, "false": False, 1: True, 0: False}


def category_codes(column):
    """Give each of a column's categories a number, in their own order.

    Sorted values, or the declared order of an ordered pandas categorical; the
    order does not depend on the rows' order. Missing values have code -1.

    Returns
    -------
    codes : int array of shape (n,)
    categories : list of plain Python values

    Raises
    ------
    ValueError
        If the values have no common order, such as text among numbers, or are
        neither text, numbers, truth values nor bands.
    """
    codes, uniques, present = distinct_values(column)
    uniques = uniques.take(present)
    is_ordered = getattr(getattr(column.values, "dtype", None), "ordered", False)
    ranks = _declared_ranks(column.name, uniques) if is_ordered else _order(column.name, uniques)
    table = np.full(int(codes.max(initial=-1)) + 2, -1, np.int64)
    table[present[ranks]] = np.arange(len(present))
    categories = plain(uniques.take(ranks))
    if np.array_equal(table[:-1], np.arange(len(table) - 1)):
        return codes, categories
    return table[codes], categories


def distinct_values(column):
    """Return what a column holds, each value once.

    Returns
    -------
    codes : int array of shape (n,), -1 where the value is missing
    uniques : Index of the values that the codes stand for
    present : int array, the codes that occur

    Raises
    ------
    ValueError
        If a value is a list, a dictionary, an array or the like; the message names the column.
    """
    values = column.values
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, pd.CategoricalDtype):
        categorical = getattr(values, "array", values)
        codes, uniques = categorical.codes, categorical.categories
        return codes, uniques, _present(codes, len(uniques))
    try:
        codes, uniques = pd.factorize(values, use_na_sentinel=True)
    except (TypeError, NotImplementedError) as error:
        raise ValueError(
            f"Column {column.name!r} holds values that cannot be compared, such as lists, dictionaries or arrays "
            f"({error}): take out of them what counts, a number or a text, or leave the column out."
        ) from error
    # An Index of tuples would be a MultiIndex; and of Arrow's type "null" the missing value is a value.
    uniques = uniques if isinstance(uniques, pd.Index) else pd.Index(uniques, tupleize_cols=False)
    return codes, uniques, np.arange(len(uniques) if codes.max(initial=-1) >= 0 else 0)


def declared_order(column):
    """Return the declared order of an ordered pandas categorical as plain values, None for any other column."""
    dtype = getattr(column.values, "dtype", None)
    return plain(dtype.categories) if getattr(dtype, "ordered", False) else None


def _present(codes, n_levels):
    """Return which of the codes 0 .. n_levels - 1 occur, looking no further than it takes to see them all."""
    seen = np.zeros(n_levels, bool)
    for start in range(0, len(codes), 1 << 16):
        part = codes[start : start + (1 << 16)].astype(np.intp)
        seen[part[part >= 0]] = True
        if seen.all():
            break
    return np.flatnonzero(seen)


def _order(name, uniques):
    families = _families(name, uniques)
    if len(families) > 1:
        raise ValueError(
            f"Column {name!r} mixes {' and '.join(families)} among its categories, which have no common order: "
            "give it one type, for example with astype(str)."
        )
    return np.argsort(np.asarray(uniques), kind="stable")


def _declared_ranks(name, uniques):
    _families(name, uniques)
    return np.arange(len(uniques))


def _families(name, uniques):
    """Return the kinds of values among categories; ValueError for one that no category can be."""
    families = sorted({family(value) for value in uniques})
    for one in families:
        if one not in KINDS:
            raise ValueError(
                f"Column {name!r} holds categories of type {one}; a category is text, a number, a truth value or a "
                "band of pandas.cut. Turn them into text, for example with astype(str), or, where they are a "
                "quantity such as a date, into a number."
            )
    return families


def family(value):
    """Return the kind of a value: "str", "number", "bool", or else the name of its type."""
    if isinstance(value, str):
        return "str"
    if isinstance(value, (bool, np.bool_)):
        return "bool"
    if isinstance(value, (int, float, Decimal, np.integer, np.floating)):
        return "number"
    return type(value).__name__


def kind_of(value):
    """Say in words what kind of value this is."""
    return KINDS.get(family(value), f"values of type {type(value).__name__}")


def plain(uniques):
    """Return values as Python's own text, numbers and truth values; a band becomes its text."""
    return [_plain(value) for value in uniques]


def _plain(value):
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, pd.Interval) else value


def merge_levels(name, lists, declared):
    """Return the categories that occur in any of several parts of a column, in the order of the whole column.

    `declared` holds each part's declared order or None; the orders must agree.
    """
    found = dict.fromkeys(value for levels in lists for value in levels)
    if declared[0] is not None:
        if any(order != declared[0] for order in declared):
            raise ValueError(
                f"Column {name!r} is an ordered categorical whose order differs between shards: {declared}."
            )
        return [value for value in declared[0] if value in found]
    uniques = pd.Index(list(found))
    return plain(uniques.take(_order(name, uniques)))


def known_codes(column, categories):
    """Codes of a column's values in `categories`; an unknown value has -2, a missing one -1.

    Values of another kind than the categories are read as those: 1, 1.0 and Decimal("1") as "1" (or "01", where
    that is the only text of this number), "1" as 1, "true" as True.

    Returns
    -------
    codes : int array of shape (n,)
    unknown : list of the values, of the categories' kind, that are in no category

    Raises
    ------
    ValueError
        If a value of another kind is none of the categories, or could be two; the message names the column and
        both kinds.
    """
    codes, uniques, present = distinct_values(column)
    index = {value: code for code, value in enumerate(categories)}
    families, translations = {family(value) for value in categories}, {}
    table, unknown = np.full(len(uniques) + 1, -1, np.int64), []
    for position in present:
        value = _plain(uniques[position])
        kind = family(value)
        if kind in families or (not families and kind in KINDS):
            table[position] = index.get(value, -2)
            if table[position] == -2:
                unknown.append(value)
            continue
        if kind not in translations:
            translations[kind] = _translation(categories, kind, families)
        table[position] = _translated(column.name, value, categories, *translations[kind])
    return table[codes], unknown


def _translation(categories, kind, families):
    """Return how a value of another kind is compared, and the categories' codes by what they compare as."""
    view = truth_of if "bool" in {kind, *families} else number_of
    codes = {}
    for code, category in enumerate(categories):
        codes.setdefault(view(category), []).append(code)
    return view, codes


def _translated(name, value, categories, view, codes):
    seen = view(value)
    found = codes.get(seen, []) if seen is not None else []
    if len(found) == 1:
        return found[0]
    if found:
        raise other_kind(name, kind_of(categories[0]), value, f", which may be any of {_some(categories, found)}")
    known = kind_of(categories[0]) if categories else "no value"
    raise other_kind(name, known, value, f", which is none of {_some(categories, range(len(categories)))}")


def _some(categories, codes):
    """Write the first few of some categories for a sentence."""
    few = [categories[code] for code in codes][:5]
    return f"{few}" if len(few) == len(codes) else f"{few} and {len(codes) - len(few):,} more"


def other_kind(name, known, value, which=""):
    """Return the error that a column does not hold what it held where it was learned."""
    value = value.item() if isinstance(value, np.generic) else value
    return ValueError(
        f"Column {name!r} held {known} where it was learned (in fit, or in the first of two tables) and holds "
        f"{kind_of(value)} here, such as {value!r}{which}: give it as it was learned."
    )


def number_of(value):
    """Return the number that a value is or spells, None where it does neither."""
    if isinstance(value, str):
        return float(value) if NUMBER.fullmatch(value) else None
    return float(value) if family(value) in {"number", "bool"} else None


def truth_of(value):
    """Return the truth value that a value is or spells (true, false, 1, 0), None where it does neither."""
    if isinstance(value, str):
        return TRUTHS.get(value.strip().lower())
    return TRUTHS.get(value) if family(value) in {"number", "bool"} else None
