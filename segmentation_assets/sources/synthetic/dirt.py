"""Dirty rows, planted on purpose and written down.

Whether a row is dirty, and how, is drawn from the row's own identity: it is
dirty in the same way in each snapshot that holds it, and a larger share dirties
the same rows and more. Products are dirtied only in ways that can be repaired,
since a product lost would take its policies with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.sources.synthetic.delivery import Rows, amounts
from segmentation_assets.sources.synthetic.randomness import uniform

Change = Callable[[pa.Array, int], pa.Array]

REJECTED, REPAIRED, BLANK = "rejected", "repaired", "blank"
"""What cleaning should make of a dirty row: turn it away, read it as it was
meant, or keep it with the value missing."""


@dataclass(frozen=True)
class Kind:
    """A kind of dirt: what it does to a value's text, and where it may fall.

    `change` maps the clean texts of a column and the snapshot's year to the
    dirty ones; None repeats the whole row instead.
    """

    name: str
    columns: tuple[str, ...]
    change: Change | None
    outcome: str = REJECTED


DIRT_COLUMNS = ("row_number", "key", "kind", "column", "original", "delivered", "outcome")


def _always(text: str) -> Change:
    return lambda values, _year: pa.array([text] * len(values), type=pa.string())


def _negative(values: pa.Array, _year: int) -> pa.Array:
    return pc.binary_join_element_wise("-", values, "")


def _thousandfold(values: pa.Array, _year: int) -> pa.Array:
    return amounts(pc.cast(values, pa.float64()).to_numpy() * 1000.0)


def _upper(values: pa.Array, _year: int) -> pa.Array:
    return pc.utf8_upper(values)


def _spaced(values: pa.Array, _year: int) -> pa.Array:
    return pc.binary_join_element_wise("  ", values, " ", "")


def _slashed(values: pa.Array, _year: int) -> pa.Array:
    """D/M/Y where that can only be D/M/Y, else M/D/Y.

    So a list of formats that tries M/D/Y and then D/M/Y, as a file that mixes
    them needs, reads each date as it was meant.
    """
    part = pc.utf8_slice_codeunits
    year, month, day = part(values, 0, 4), part(values, 5, 7), part(values, 8, 10)
    return pc.if_else(
        pc.greater(day, "12"),
        pc.binary_join_element_wise(day, month, year, "/"),
        pc.binary_join_element_wise(month, day, year, "/"),
    )


def _future(values: pa.Array, year: int) -> pa.Array:
    return pa.array([date(max(2029, year + 3), 6, 30).isoformat()] * len(values))


def _currency(values: pa.Array, _year: int) -> pa.Array:
    return pa.array([f"£{float(text):,.2f}" for text in values.to_pylist()], type=pa.string())


def _not_a_number(values: pa.Array, _year: int) -> pa.Array:
    return pa.array([("n/a", "abc")[len(text) % 2] for text in values.to_pylist()], type=pa.string())


def _common(key: str, day: str) -> tuple[Kind, ...]:
    """Return the kinds that every table with a key and a date has."""
    return (
        Kind("impossible_date", (day,), _always("13/13/2022")),
        Kind("future_date", (day,), _future),
        Kind("other_date_format", (day,), _slashed, outcome=REPAIRED),
        Kind("duplicate_key", (key,), None),
        Kind("blank_key", (key,), _always("")),
        Kind("unknown_customer", ("customer_id",), _always("C99999999")),
    )


# The columns of a customer whose categories are a closed list, so that a wrong
# one can be told from a rare one.
_WORDS = ("gender", "marital_status", "education", "preferred_channel", "preferred_time")

# The first kind of a table is the one that a row gets where the drawn kind's
# column is blank, so it must suit each row.
KINDS = {
    "customers": (
        Kind("missing_value", ("age", "income", "marital_status"), _always(""), outcome=BLANK),
        Kind("age_410", ("age",), _always("410")),
        Kind("negative_income", ("income",), _negative),
        Kind("wrong_case", _WORDS, _upper, outcome=REPAIRED),
        Kind("spaces", _WORDS, _spaced, outcome=REPAIRED),
        Kind("unknown_category", _WORDS, _always("Unheard Of")),
        Kind("text_in_number", ("age", "income"), _not_a_number),
        Kind("currency_text", ("income",), _currency, outcome=REPAIRED),
        Kind("duplicate_key", ("customer_id",), None),
        Kind("blank_key", ("customer_id",), _always("")),
    ),
    "policies": (
        *_common("policy_id", "purchase_date"),
        Kind("missing_value", ("purchase_date", "premium", "coverage"), _always("")),
        Kind("premium_x1000", ("premium",), _thousandfold),
        Kind("coverage_0", ("coverage",), _always("0")),
        Kind("unknown_product", ("product_id",), _always("PR9999")),
        Kind("text_in_number", ("premium", "coverage"), _not_a_number),
        Kind("currency_text", ("premium", "coverage"), _currency, outcome=REPAIRED),
    ),
    "products": (
        Kind("spaces", ("product_type", "category"), _spaced, outcome=REPAIRED),
        Kind("wrong_case", ("product_type", "category"), _upper, outcome=REPAIRED),
    ),
    "claims": (
        *_common("claim_id", "claim_date"),
        Kind("missing_value", ("claim_date", "amount"), _always("")),
        Kind("negative_amount", ("amount",), _negative),
        Kind("wrong_case", ("status",), _upper, outcome=REPAIRED),
        Kind("unknown_category", ("status",), _always("unheard of")),
        Kind("unknown_policy", ("policy_id",), _always("P999999999")),
        Kind("text_in_number", ("amount",), _not_a_number),
        Kind("currency_text", ("amount",), _currency, outcome=REPAIRED),
    ),
    "interactions": (
        *_common("interaction_id", "interaction_date"),
        Kind("missing_value", ("interaction_date", "interaction_type"), _always("")),
        Kind("spaces", ("interaction_type", "channel"), _spaced, outcome=REPAIRED),
        Kind("text_in_number", ("amount", "days_late"), _not_a_number),
        Kind("currency_text", ("amount",), _currency, outcome=REPAIRED),
    ),
    "survey_responses": (
        *_common("response_id", "survey_date"),
        Kind("missing_value", ("question",), _always("")),
        Kind("missing_answer", ("answer",), _always(""), outcome=BLANK),
        Kind("answer_9", ("answer",), _always("9")),
        Kind("text_in_number", ("answer",), _always("abc")),
        Kind("spaces", ("question",), _spaced, outcome=REPAIRED),
    ),
    "outreach": (
        *_common("outreach_id", "outreach_date"),
        Kind("missing_value", ("outreach_date", "campaign_id"), _always("")),
        Kind("wrong_case", ("is_control", "has_converted"), _upper, outcome=REPAIRED),
        Kind("unknown_flag", ("is_control", "has_converted"), _always("maybe")),
    ),
}


def is_dirty(table: str, codes: np.ndarray, seed: int, share: float) -> np.ndarray:
    """Which rows, by their codes, are dirty at a share."""
    return uniform(seed, f"dirt.{table}", codes) < share


def dirtied(table: str, rows: Rows, seed: int, share: float, year: int) -> tuple[dict[str, pa.Array], pd.DataFrame]:
    """Return the rows with their dirt, and what was planted where.

    Returns
    -------
    columns : dict of str to pyarrow.Array
        The delivered text; repeated rows follow the block's own.
    planted : DataFrame with DIRT_COLUMNS
        `row_number` counts from 0 within these rows, `key` is the clean one.
    """
    columns = dict(rows.columns)
    dirty = np.flatnonzero(is_dirty(table, rows.codes, seed, share))
    if not len(dirty):
        return columns, pd.DataFrame(columns=DIRT_COLUMNS)
    keys = next(iter(rows.columns.values()))
    planted: list[pd.DataFrame] = []
    repeated: list[int] = []
    changes: dict[str, list[tuple[np.ndarray, pa.Array]]] = {}
    for kind, column, where in _plan(table, rows, dirty, seed):
        original = rows.columns[column].take(pa.array(where))
        if kind.change is None:
            changed, numbers = original, len(keys) + len(repeated) + np.arange(len(where))
            repeated.extend(where.tolist())
        else:
            changed, numbers = kind.change(original, year), where
            changes.setdefault(column, []).append((where, changed))
        planted.append(
            pd.DataFrame({
                "row_number": numbers, "key": keys.take(pa.array(where)).to_pandas(),
                "kind": kind.name, "column": column, "original": original.to_pandas(),
                "delivered": changed.to_pandas(), "outcome": kind.outcome,
            })
        )  # fmt: skip
    for column, made in changes.items():
        columns[column] = _replaced(columns[column], made)
    if repeated:
        copies = pa.array(repeated)
        columns = {
            name: pa.concat_arrays([values, rows.columns[name].take(copies)]) for name, values in columns.items()
        }
    frame = pd.concat(planted, ignore_index=True).sort_values("row_number", ignore_index=True)
    return columns, frame


def _replaced(values: pa.Array, changes: list[tuple[np.ndarray, pa.Array]]) -> pa.Array:
    """Return a column with other texts at some positions, each of which is changed once."""
    sources = pa.concat_arrays([values, *(texts.cast(values.type) for _, texts in changes)])
    taken = np.arange(len(values))
    taken[np.concatenate([where for where, _ in changes])] = np.arange(len(values), len(sources))
    return sources.take(pa.array(taken))


def _plan(table: str, rows: Rows, dirty: np.ndarray, seed: int) -> Iterator[tuple[Kind, str, np.ndarray]]:
    """(kind, column, positions) for the dirty rows: each row has one of them."""
    kinds = KINDS[table]
    codes = rows.codes[dirty]
    drawn = (uniform(seed, f"dirt.{table}.kind", codes) * len(kinds)).astype(int)
    aside = uniform(seed, f"dirt.{table}.column", codes)
    columns = [kind.columns[0] for kind in kinds]
    chosen = np.empty(len(dirty), dtype=object)
    for position, kind in enumerate(kinds):
        here = drawn == position
        chosen[here] = np.array(kind.columns)[(aside[here] * len(kind.columns)).astype(int)]
    for column in set(chosen):
        is_blank = pc.equal(rows.columns[column].take(pa.array(dirty)), "").to_numpy(zero_copy_only=False)
        moved = is_blank & (chosen == column)
        drawn[moved], chosen[moved] = 0, columns[0]
    for position, kind in enumerate(kinds):
        for column in kind.columns:
            where = dirty[(drawn == position) & (chosen == column)]
            if len(where):
                yield kind, column, where
