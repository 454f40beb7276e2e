"""The SQL of a portfolio: that of its features, and that of every mart."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from sqlglot import exp

from segmentation_assets.checking.sql import feature_faults
from segmentation_assets.enclosed_files import NotEnclosedError, find_enclosed, read_regular
from segmentation_assets.errors import PortfolioError
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.segments.scoring.view import scoring_sql
from segmentation_assets.tables import Table, of_deliveries
from segmentation_assets.tables.marts import kind_of
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.sql.columns import tables_read
from segmentation_assets.warehouse.sql.queries import load_query, parse, parsed, sql_folder, written_out

FEATURE_FILE = "customer_features.sql"
MART_FOLDER = "marts"
"""Folder beside a portfolio of one's own, with a SQL file for each mart that it declares."""

_LONGEST = 200_000
"""Bytes of that file; the packaged one has a tenth."""


def feature_query(portfolio: Portfolio) -> Query:
    """Return the SQL of a portfolio's features: the file beside a portfolio of one's own, else the packaged one.

    Of the packaged one only the declared features are taken: a portfolio copied from it may want fewer, or be older.

    Raises
    ------
    PortfolioError
        If there is no such file, it is not UTF-8 text, or it is more than one would write by hand.
    """
    own = text_of(portfolio.folder, FEATURE_FILE) if portfolio.folder else None
    if own is not None:
        return Query(own, origin=FEATURE_FILE, tables=_delivered(portfolio))
    packaged = f"features/{portfolio.name}/{FEATURE_FILE}"
    if not (sql_folder() / packaged).is_file():
        raise PortfolioError(
            f"The portfolio {portfolio.name!r} has no SQL for its features. Put {FEATURE_FILE} beside the portfolio "
            "file; start from sql/features/insurance, or name the portfolio 'insurance' to use that as it is."
        )
    query = load_query(packaged)
    narrowed = _narrowed(query.sql, query.origin, tuple(portfolio.features))
    return replace(query, sql=narrowed, tables=_delivered(portfolio))


def _delivered(portfolio: Portfolio) -> tuple[Table, ...]:
    """Return the tables of a portfolio that its features may be made from."""
    return tuple(of_deliveries(portfolio.input_tables).values())


def text_of(folder: Path, name: str) -> str | None:
    """Return the SQL that lies in a folder beside a portfolio, or in its own; None where there is none.

    Raises
    ------
    PortfolioError
        If it lies elsewhere and is only linked to, it is not UTF-8 text, or it is more than one would write by hand.
    """
    file = folder / name
    try:
        found = find_enclosed(folder, name)
        data = b"" if found is None else read_regular(found, _LONGEST)
    except NotEnclosedError as error:
        raise PortfolioError(f"{file} {error}. Put the file itself beside the portfolio.") from None
    except OSError as error:
        raise PortfolioError(f"{file} cannot be read: {error.strerror}.") from None
    if len(data) > _LONGEST:
        raise PortfolioError(f"{file} is longer than {_LONGEST:,} bytes. Shorten it.")
    try:
        return None if found is None else data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PortfolioError(f"{file} is not UTF-8 text. Save it as UTF-8.") from None


@lru_cache(maxsize=8)
def _narrowed(sql: str, origin: str, features: tuple[str, ...]) -> str:
    """Return a query without the columns that are no features of these; its lines stay where they are."""
    offered = parsed(sql, origin).named_selects
    kept = [name for name in offered if name in {"snapshot_date", "customer_id", *features}]
    return sql if kept == offered else f"SELECT {', '.join(f'`{name}`' for name in kept)} FROM ({sql}\n)"


def checked_feature_query(portfolio: Portfolio) -> Query:
    """Return the same SQL, found to be right.

    Raises
    ------
    PortfolioError
        As `feature_query`, and with everything that is wrong in the text, a line each.
    """
    query = feature_query(portfolio)
    if faults := feature_faults(query.sql, query.origin, portfolio.feature_columns(), portfolio.input_tables):
        raise PortfolioError("\n".join(faults))
    return query


def over_days(query: Query, first: date, last: date) -> Query:
    """Return the query for the snapshots from first to last."""
    return replace(query, params={"first_snapshot": first, "last_snapshot": last})


def made_from(query: Query) -> list[str]:
    """Return the tables that the features are made from, in the order of their names."""
    return list(_tables_read(query.sql, query.origin))


@lru_cache(maxsize=8)
def _tables_read(sql: str, origin: str) -> tuple[str, ...]:
    return tuple(sorted(tables_read(parsed(sql, origin))))


def delivered_for(portfolio: Portfolio, tables: Iterable[str]) -> list[str]:
    """Return the input tables whose deliveries decide what these core and raw tables hold.

    A row counts only if what it refers to is there, so the tables referred to come along; rejected rows are of all.
    """
    inputs = portfolio.input_tables
    names = [table.name for table in inputs]
    wanted = {name.removeprefix("raw_") for name in tables}
    if "rejected_rows" in wanted:
        return names
    for table in reversed(inputs):  # in which a table comes before those that refer to it
        if table.name in wanted:
            wanted |= set(table.references.values())
    return [name for name in names if name in wanted]


def view_queries(portfolio: Portfolio, tables: Mapping[str, Table]) -> dict[str, Query]:
    """Return the SQL of every view by its name: a file below `sql/marts`, and the one that the portfolio decides."""
    scoring = Query(scoring_sql(portfolio), origin="the scoring SQL made from the portfolio")
    made = {"scored_customers": scoring}
    views = [table.name for table in tables.values() if table.is_view]
    return {name: made.get(name) or mart_query(name, portfolio) for name in views}


def mart_query(name: str, portfolio: Portfolio) -> Query:
    """Return the SQL of a mart with what the portfolio decides written out: a view can have no parameter.

    It is a file of `sql/marts`, or the one of this name in `marts/` beside a portfolio that declares it.
    """
    if name in portfolio.marts:
        query = _own_mart_query(name, portfolio)
    else:
        query = load_query("/".join(filter(None, ["marts", kind_of(name), f"{name}.sql"])))
    return replace(query, sql=written_out(query.sql, decided(portfolio)), tables=_delivered(portfolio))


def _own_mart_query(name: str, portfolio: Portfolio) -> Query:
    file = f"{MART_FOLDER}/{name}.sql"
    found = text_of(portfolio.folder / MART_FOLDER, f"{name}.sql") if portfolio.folder else None
    if found is None:
        raise PortfolioError(
            f"The portfolio declares marts.{name}, and there is no {file} beside it. Put its SELECT there, or remove "
            "the declaration."
        )
    return Query(found, origin=file)


def decided(portfolio: Portfolio) -> dict[str, str]:
    """Return what the portfolio decides in the SQL of a mart: the GoogleSQL of each parameter by its name.

    `value` and `has_outcome` are of a row of `customer_features`; the latter is NULL where nothing is known.
    """
    outcome = portfolio.outcome
    category = _text(outcome.category) if outcome else ""
    return {
        "primary_lens": _text(portfolio.primary_lens),
        "min_group_size": str(portfolio.min_group_size),
        "value": f"`{portfolio.value.feature}`",
        "has_outcome": f"`{outcome.feature}` = {category}" if outcome else "CAST(NULL AS BOOL)",
    }


def _text(value: str) -> str:
    return exp.Literal.string(value).sql("bigquery")


def stored_mart_queries(portfolio: Portfolio, tables: Mapping[str, Table]) -> dict[str, Query]:
    """Return the SQL of every mart that is a table, by its name, for the days of its parameters."""
    stored = [table.name for table in tables.values() if table.stage == "marts" and not table.is_view]
    return {name: _bounded(mart_query(name, portfolio), tuple(tables)) for name in stored}


def _bounded(query: Query, names: tuple[str, ...]) -> Query:
    """Return a query that reads no day of any table but those of its parameters: what it makes is of these days."""
    return replace(query, sql=_bounded_sql(query.sql, query.origin, names))


@lru_cache(maxsize=16)
def _bounded_sql(sql: str, origin: str, names: tuple[str, ...]) -> str:
    tree = parse(sql, origin)
    for read in [node for node in tree.find_all(exp.Table) if node.name in names]:
        days = exp.select("*").from_(exp.to_table(read.name)).where(_OF_THESE_DAYS, dialect="bigquery")
        read.replace(days.subquery(read.alias_or_name))
    return tree.sql("bigquery")


_OF_THESE_DAYS = "snapshot_date BETWEEN @first_snapshot AND @last_snapshot"
