"""Whatever an engine says of a value, the value is in no error of ours; its own words are told by a list."""

import traceback
from datetime import date
from itertools import product

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from google.api_core import exceptions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation_assets.errors import SegmentationError, WarehouseError
from segmentation_assets.tables.frames import conform
from segmentation_assets.tables.schema import number, string, table
from segmentation_assets.warehouse.bigquery.errors import Place, explain
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets.warehouse.engine_words import told_words, words_of
from segmentation_assets.warehouse.interface import Query
from segmentation_assets_tests.warehouse.conftest import MONDAY, rows

MARK = "Qzx7Jane"
TYPED = table(
    "typed", "core", "What people typed.", string("typed_id", "Key."), string("v", "Text."), key=("typed_id",)
)
PAID = table("paid", "core", "Amounts.", string("paid_id", "Key."), number("spent", "Amount."), key=("paid_id",))

HOSTILE = [
    f"{MARK} Doe 07700 900123",
    f"it's {MARK}'s",
    f'"{MARK}", expected format is (YYYY-MM-DD)',
    f"a\n\nLINE 1: {MARK}\n  ^",
    f"x' to INT64 when casting from source column {MARK}",
    f"1 to {MARK}",
    f"Table with name {MARK} does not exist",
    f"Could not set lock on file: held in {MARK} (PID 12)",
    f"not a valid DuckDB database {MARK}",
    f"Not found: Project {MARK}; at [1:{MARK}]",
    f"concurrent update {MARK}",
    f"{{{MARK}}} %s {{0}}",
    f"{MARK}\u202e\x01",
    f"{MARK} " * 200,
    f'{{"a": {MARK}',
    f"[{MARK}(",
    f"9{'9' * 40}.{MARK}",
    f"%{MARK}",
]
EXPRESSIONS = [
    *(
        f"CAST(v AS {kind})"
        for kind in ("INT64", "FLOAT64", "DATE", "TIMESTAMP", "DATETIME", "BOOL", "NUMERIC", "TIME")
    ),
    "CAST(TRIM(v) AS INT64) + CAST(v AS INT64)",
    "PARSE_DATE('%d/%m/%Y', v)",
    "PARSE_DATE(v, '2025-01-01')",
    "PARSE_TIMESTAMP('%Y', v)",
    "PARSE_JSON(v)",
    "JSON_VALUE(v, '$.a')",
    "JSON_VALUE('{}', v)",
    "REGEXP_CONTAINS('a', v)",
    "REGEXP_REPLACE(v, v, v)",
    "FORMAT_DATE(v, DATE '2025-01-01')",
    "TIMESTAMP('2025-01-01 00:00:00', v)",
    "FROM_HEX(v)",
    "FROM_BASE64(v)",
    "ERROR(v)",
    "CAST(CONCAT('1', v) AS INT64) * 9",
    "DATE_TRUNC(DATE(v), MONTH)",
]


def provoke(warehouse, expression: str) -> str:
    """Return what is said of a query over what people typed, empty where it can be answered."""
    sql = f"SELECT snapshot_date, typed_id AS paid_id, CAST({expression} AS FLOAT64) AS spent FROM typed"
    asked = (
        lambda: warehouse.query(Query(f"SELECT {expression} AS v FROM typed", origin="mine.sql")),
        lambda: warehouse.replace(PAID, Query(sql, origin="mine.sql"), MONDAY, MONDAY),
    )
    return "\n".join(filter(None, map(refusal_of, asked)))


def refusal_of(ask) -> str:
    """Return the error of a call with all that a log would show of it."""
    try:
        ask()
    except SegmentationError as error:
        return "".join(traceback.format_exception(error, limit=0))
    return ""


def type_in(warehouse, value: str) -> None:
    warehouse.replace(TYPED, rows(TYPED, {"typed_id": "a", "v": value}), MONDAY, MONDAY)


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> DuckDBWarehouse:
    return DuckDBWarehouse(tmp_path_factory.mktemp("typed") / "w.duckdb", "d")


def said_of_all(here, every: int) -> None:
    """Provoke each expression with each value, or with every nth of them, and look for the value."""
    said = []
    for i, value in enumerate(HOSTILE):
        type_in(here, value)
        said += [provoke(here, expression) for expression in EXPRESSIONS[i % every :: every]]
    assert sum(map(bool, said)) > len(said) / 2
    assert MARK not in str(said)
    assert "0770" not in str(said)


def test_duckdb_s_errors_hold_no_value(here):
    said_of_all(here, every=24)


@pytest.mark.long
def test_duckdb_s_errors_hold_no_value_whatever_the_pair(here):
    said_of_all(here, every=1)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.text(max_size=30), after=st.text(max_size=30), expression=st.sampled_from(EXPRESSIONS))
def test_no_text_around_a_value_brings_it_out(here, before, after, expression):
    type_in(here, "".join(c for c in f"{before}{MARK}{after}" if not "\ud800" <= c <= "\udfff" and c != "\x00"))
    assert MARK not in provoke(here, expression)


def test_words_that_are_cut_within_a_letter_are_an_error_like_any_other(here):
    type_in(here, f"\x80{MARK}")
    assert "mine.sql: a value of the data cannot be worked with" in provoke(here, "FROM_HEX(v)")
    assert MARK not in provoke(here, "FROM_HEX(v)")


def test_bigquery_s_errors_hold_no_value(new_bigquery):
    warehouse = new_bigquery()
    for value in HOSTILE[:3]:
        type_in(warehouse, value)
        said = {expression: provoke(warehouse, expression) for expression in EXPRESSIONS[:4]}
        assert all(said.values())
        assert MARK not in str(said)


SAYINGS = [
    "{}", "Bad int64 value: {}", 'Could not cast literal "{}" to type INT64 at [1:8]', "Invalid date: '{}'",
    "Could not parse '{}' as a date", "Error while reading data, error message: {}; line_number: 3", "Not found: {}",
    "Access Denied: Table p:d.t: {}", "Query error: {} at [3:4]", "Already Exists: {}",
]  # fmt: skip


@pytest.mark.parametrize(
    "kind",
    [exceptions.BadRequest, exceptions.NotFound, exceptions.Forbidden, exceptions.InternalServerError,
     exceptions.TooManyRequests, exceptions.Conflict, ConnectionError, TimeoutError],
)  # fmt: skip
def test_whatever_google_says_of_a_value_is_not_passed_on(kind):
    place = Place("insurer-prod", "nightly", "EU")
    for saying, value in product(SAYINGS, HOSTILE):
        assert MARK not in str(explain(kind(saying.format(value)), place, "Reading typed"))


def test_what_google_says_of_permissions_and_places_is_told():
    place = Place("insurer-prod", "nightly", "EU")
    denied = exceptions.Forbidden(
        "Access Denied: Dataset insurer-prod:nightly: Permission bigquery.datasets.get denied on dataset",
        errors=[{"reason": "accessDenied"}],
    )
    said = str(explain(denied, place, "Reading visits"))
    assert "Access Denied: Dataset insurer-prod:nightly: Permission bigquery.datasets.get denied on dataset" in said
    assert "[accessDenied]" in said
    wrong = exceptions.BadRequest("Unrecognized name: incom at [3:14]")
    assert "Unrecognized name: ... at [3:14]" in str(explain(wrong, place, "Reading visits"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (duckdb.IOException("IO Error: No space left on device"), "the disk is full"),
        (duckdb.ConversionException(f"Conversion Error: No space left '{MARK}'"), "a value cannot be stored"),
        (duckdb.ConstraintException(f'Constraint Error: Duplicate key "id: {MARK}"'), "a value cannot be stored"),
        (duckdb.ConversionException(f"Could not set lock on file held in {MARK} (PID 1)"), "a value cannot be stored"),
        (OSError(13, "Permission denied", f"/{MARK}"), "may not be written by this user"),
    ],
)
def test_what_a_value_says_is_not_taken_for_the_engine_s_words(here, error, words):
    said = str(here.file.explain(error))
    assert words in said
    assert MARK not in said


@pytest.mark.parametrize("values", [[MARK], [1.5, MARK], [pd.Timestamp("2025-01-01 10:11:12")], [date.max]])
@pytest.mark.parametrize("column", [string("x", "X."), number("x", "X.")])
def test_frames_and_arrow_say_no_value(values, column):
    frame = pd.DataFrame({"snapshot_date": [pd.Timestamp(MONDAY)] * len(values), "x": values})
    said = refusal_of(lambda: conform(frame, table("t", "core", "T.", column, key=("x",))))
    assert MARK not in said
    assert "10:11" not in said


def test_rows_of_another_type_say_no_value(here):
    wrong = pa.table({"snapshot_date": [MONDAY], "paid_id": ["a"], "spent": [MARK]})
    with pytest.raises(WarehouseError) as told:
        here.replace(PAID, wrong, MONDAY, MONDAY)
    assert MARK not in str(told.value)
    assert "spent" in str(told.value)


def test_the_words_of_a_query_are_its_names_and_not_its_literals():
    sql = "SELECT income -- of Jane\nFROM t /* Doe */ WHERE city = 'York' AND x = \"Leeds\""
    assert words_of(sql) == {"SELECT", "income", "FROM", "t", "WHERE", "city", "AND", "x"}
    assert told_words("Binder Error: column income of York not found", words_of(sql)) == (
        "Binder Error: column income of ... not found"
    )
    assert told_words("Conversion Error: Grant Will May 07700900123") == "Conversion Error: ..."
    assert told_words("") == ""
