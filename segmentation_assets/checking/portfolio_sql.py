"""A portfolio's SQL held against its features, its categories and every mart made from them."""

import re
from collections.abc import Iterator

import duckdb

from segmentation_assets.checking.findings import Findings
from segmentation_assets.checking.marts import tables_of
from segmentation_assets.checking.queries import feature_query, made_from, stored_mart_queries, view_queries
from segmentation_assets.checking.sql import EmptyTables, feature_faults
from segmentation_assets.errors import PortfolioError, choices, did_you_mean
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.portfolio.validation.references import listed_values
from segmentation_assets.warehouse import Query, contract
from segmentation_assets.warehouse.sql.bounds import unbounded_reads
from segmentation_assets.warehouse.sql.columns import Origin
from segmentation_assets.warehouse.sql.lint import lint_sql
from segmentation_assets.warehouse.sql.literals import compared_literals
from segmentation_assets.warehouse.sql.queries import parsed


def check_sql(portfolio: Portfolio) -> Findings:
    """Return what is to be said of a portfolio's SQL; nothing is read but its file."""
    try:
        query = feature_query(portfolio)
    except PortfolioError as error:
        return Findings(faults=(str(error),))
    columns, inputs = portfolio.feature_columns(), portfolio.input_tables
    faults = [*feature_faults(query.sql, query.origin, columns, inputs), *_mart_faults(portfolio)]
    if faults:
        return Findings(faults=tuple(faults))
    doubtful = [*_unrestricted(query), *_unbounded(query), *_spelled(portfolio, query)]
    doubtful += [f"{query.origin}:{finding.line}: {finding.words}" for finding in lint_sql(query.sql, query.origin)]
    n_marts = sum(table.stage == "marts" for table in tables_of(portfolio).values())
    looked_at = (
        f"{len(portfolio.features)} features, made from {choices(made_from(query))} by {query.origin}, "
        f"and the {n_marts} marts made from them"
    )
    return Findings(warnings=tuple(doubtful), looked_at=(looked_at,))


def _mart_faults(portfolio: Portfolio) -> Iterator[str]:
    """Bind every mart, view or table, in the order in which they are made."""
    try:
        tables = tables_of(portfolio)
    except PortfolioError as error:
        yield from str(error).splitlines()
        return
    empty = EmptyTables(table for table in tables.values() if table.stage != "marts")
    for name, query in (view_queries(portfolio, tables) | stored_mart_queries(portfolio, tables)).items():
        try:
            offered = empty.bind(name, query)
        except duckdb.Error as error:
            yield f"{query.origin}: cannot be run. DuckDB says: {str(error).splitlines()[0].partition(': ')[2]}"
            continue
        for _, words in contract.column_faults(tables[name], offered):
            yield f"{query.origin}: {words}"


def _unrestricted(query: Query) -> Iterator[str]:
    if "@first_snapshot" not in query.sql and "@last_snapshot" not in query.sql:
        yield (
            f"{query.origin}: uses neither @first_snapshot nor @last_snapshot, so it makes rows of other days too, and "
            "is refused from the second day on. Write WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot."
        )


def _unbounded(query: Query) -> Iterator[str]:
    """Yield the tables of which more days would be read than are made, on an engine that bills by what it reads."""
    if "@first_snapshot" in query.sql or "@last_snapshot" in query.sql:
        for read in unbounded_reads(query.sql, {table.name for table in query.tables}.__contains__):
            yield f"{query.origin}:{read.line}: {read}"


def _spelled(portfolio: Portfolio, query: Query) -> Iterator[str]:
    """Yield the comparisons whose outcome hangs on how the sender spells a word."""
    unlisted: dict[Origin, dict[str, int]] = {}
    for line, origin, literal, is_pattern in compared_literals(parsed(query.sql, query.origin)):
        if not literal.is_string or not _is_word(portfolio, origin) or origin.table not in portfolio.sources:
            continue
        listed = listed_values(portfolio, origin.table, origin.column)
        if listed is None:
            unlisted.setdefault(origin, {}).setdefault(literal.name, line)
        elif not any(_is_like(word, literal.name) if is_pattern else word == literal.name for word in listed):
            yield (
                f"{query.origin}:{line}: compares {origin} with '{literal.name}', which it never is: "
                f"sources.{origin.table}.categories.{origin.column} lists {choices(listed)}."
                f"{did_you_mean(literal.name, listed)}"
            )
    for origin, words in unlisted.items():
        said = choices(f"'{word}'" for word in words)
        yield (
            f"{query.origin}:{min(words.values())}: compares {origin} with {said}, and the portfolio does not list its "
            "values: a row that is spelled otherwise would not count, and nothing would tell. List them as "
            f"sources.{origin.table}.categories.{origin.column}."
        )


def _is_like(word: str, pattern: str) -> bool:
    """Tell whether a word is what LIKE would find by a pattern."""
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), word, re.DOTALL) is not None


def _is_word(portfolio: Portfolio, origin: Origin) -> bool:
    """Say whether a column holds words of which a portfolio may list those that are allowed."""
    table = next((table for table in portfolio.input_tables if table.name == origin.table), None)
    if table is None or origin.column not in table.column_names:
        return False
    return table.column(origin.column).type == "STRING" and origin.column not in table.key_columns
