"""The SQL files: found in a checkout or in an installed wheel, and put into an engine's dialect."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.optimizer.qualify_tables import qualify_tables
from sqlglot.optimizer.scope import traverse_scope

from segmentation_assets.characters import POINT
from segmentation_assets.errors import WarehouseError, choices, did_you_mean
from segmentation_assets.tables import Table
from segmentation_assets.warehouse.interface import Parameter, Query
from segmentation_assets.warehouse.sql.exact_sums import make_sums_exact

_PACKAGE = Path(__file__).resolve().parents[2]
# How sqlglot's sentences show a piece of the text; what it says is all that the writer of the text knows.
_WRITING = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock)
_SOURCES = (exp.Table, exp.Query, exp.Subquery, exp.Unnest, exp.Paren)
_MOST_LEVELS = 900
"""How deep a query may nest: DuckDB takes expressions of 1,000 levels, and what is longer takes sqlglot for ever."""
_TOKEN = re.compile(r"<Token token_type: [^,]*, text: (.*?), line: [^>]*>")


def sql_folder() -> Path:
    """Return the folder of the SQL files: inside the package once installed, beside it in a checkout."""
    # The packaged one first: beside an installed package lies whatever else is called "sql" in site-packages.
    packaged = _PACKAGE / "sql"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "sql"


def sql_files() -> list[Path]:
    """Return every SQL file, sorted."""
    return sorted(sql_folder().rglob("*.sql"))


def load_query(name: str | Path, **params: Parameter) -> Query:
    """Read a query from a file of `sql/`, such as ``features/insurance/customer_features.sql``, or from a full path.

    A portfolio that lies outside the package brings its SQL file along and names it by its path.
    """
    path = sql_folder() / name
    packaged = not Path(name).is_absolute()
    origin = f"sql/{name}" if packaged else str(name)
    if not path.is_file():
        if not packaged:
            raise WarehouseError(f"There is no SQL file {path}. Create it or correct the path.")
        known = [p.relative_to(sql_folder()).as_posix() for p in sql_files()]
        raise WarehouseError(f"There is no sql/{name}; there are {choices(known)}.{did_you_mean(str(name), known)}")
    return Query(path.read_text(encoding="utf-8"), params, origin)


@lru_cache(maxsize=256)
def transpile(
    sql: str, origin: str, dialect: str, dataset: str, project: str | None = None, *, tables: tuple[Table, ...] = ()
) -> tuple[str, frozenset[str]]:
    """Return GoogleSQL in a dialect with every table qualified by project and dataset, and its parameters' names.

    Tables are qualified so that a view keeps its meaning for whoever opens the warehouse, and so that no name can
    resolve to anything but a table of ours. `tables` are those that the query knows of its portfolio.
    """
    tree, parameters = _translated(sql, origin, dialect, (dataset, project), tables)
    return tree.sql(dialect, comments=False), parameters


def transpile_over(
    sql: str,
    origin: str,
    dataset: str,
    project: str,
    *,
    tables: tuple[Table, ...] = (),
    names: Mapping[str, str],
) -> tuple[str, frozenset[str]]:
    """Return GoogleSQL for BigQuery as `transpile` does, in which each table is read under the name given for it.

    A common table that is called like one of them stays what it is. Not remembered: such names are used once.
    """
    tree, parameters = _translated(sql, origin, "bigquery", (dataset, project), tables)
    for node in tree.find_all(exp.Table):
        if node.db:  # as every stored table has now, and no common table
            node.set("this", exp.to_identifier(names[node.name], quoted=True))
    return tree.sql("bigquery", comments=False), parameters


def _translated(
    sql: str, origin: str, dialect: str, place: tuple[str, str | None], tables: tuple[Table, ...]
) -> tuple[exp.Expr, frozenset[str]]:
    """Return a query in a dialect as a tree whose tables are qualified by dataset and project, and its parameters."""
    dataset, project = place
    tree = parse(sql, origin)
    parameters = frozenset(parameter.name for parameter in tree.find_all(exp.Parameter))
    make_sums_exact(tree, dialect, tables)
    if dialect == "duckdb":
        _keep_dates(tree)
        _keep_doubles(tree)
        _keep_counts(tree)
        _keep_safety(tree)
    # Quoted: a project's name may hold dashes, and older ones a colon and dots.
    catalog = exp.to_identifier(project, quoted=True) if project else None
    return qualify_tables(tree, db=dataset, catalog=catalog, dialect="bigquery"), parameters


def with_days(sql: str, days: Mapping[str, date]) -> str:
    """Return GoogleSQL with these parameters written out as dates.

    Google promises to skip the partitions that a filter by constants leaves out; of parameters it says nothing.
    """
    return written_out(sql, {name: f"DATE '{day.isoformat()}'" for name, day in days.items()})


def written_out(sql: str, parameters: Mapping[str, str]) -> str:
    """Return GoogleSQL with these parameters written out as the SQL given for each; comments stay as they are."""
    tokens = sqlglot.tokenize(sql, read="bigquery")
    for sign, name in reversed(list(pairwise(tokens))):
        if sign.token_type == TokenType.PARAMETER and name.text in parameters:
            sql = f"{sql[: sign.start]}{parameters[name.text]}{sql[name.end + 1 :]}"
    return sql


def _keep_dates(tree: exp.Query) -> None:
    """Make arithmetic on dates give dates, as it does on BigQuery; on DuckDB it gives timestamps."""
    for node in reversed(list(tree.find_all(exp.DateAdd, exp.DateSub, exp.DateTrunc))):  # the inner ones first
        node.replace(exp.cast(node.copy(), exp.DataType.Type.DATE))


def _keep_doubles(tree: exp.Query) -> None:
    """Make 0.1 a double, as it is on BigQuery; on DuckDB it is a decimal, and rounds and adds as one."""
    for literal in tree.find_all(exp.Literal):
        if not literal.is_string and "." in literal.this and "e" not in literal.this.lower():
            literal.set("this", f"{literal.this}e0")


def _keep_counts(tree: exp.Query) -> None:
    """Make COUNTIF of no rows, or of NULLs alone, 0 as it is on BigQuery; on DuckDB it is NULL."""
    for node in list(tree.find_all(exp.CountIf)):
        counted = exp.Case().when(node.this.copy(), exp.Literal.number(1))
        node.replace(exp.Count(this=counted))


def _keep_safety(tree: exp.Query) -> None:
    """Make SAFE.PARSE_DATE and the like NULL where the function fails, as they are on BigQuery; DuckDB says TRY."""
    for node in reversed(list(tree.find_all(exp.SafeFunc))):  # the inner ones first
        node.replace(exp.Anonymous(this="TRY", expressions=[node.this.copy()]))


@lru_cache(maxsize=64)
def parsed(sql: str, origin: str) -> exp.Query:
    """Parse the one GoogleSQL query of a file, once for all who ask: the tree is to be looked at, not changed."""
    try:
        trees = sqlglot.parse(sql, read="bigquery")
    except sqlglot.errors.SqlglotError as error:
        raise WarehouseError(f"{origin}{_place(error)} is not GoogleSQL: {_reason(error)}.") from None
    except RecursionError:
        raise _too_deep(origin) from None
    # A comment behind the last semicolon is parsed as a statement of its own.
    statements = [tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        kinds = choices(type(tree).__name__ for tree in statements) or "nothing"
        raise WarehouseError(f"{origin} must be one SELECT; it holds {kinds}.")
    _refuse_depth(statements[0], origin)
    _refuse_writing(statements[0], origin)
    _refuse_odd_sources(statements[0], origin)
    try:
        for scope in traverse_scope(statements[0]):
            _ = scope.selected_sources  # found as it is asked for: whether two tables share an alias
    except sqlglot.errors.SqlglotError as error:
        raise WarehouseError(f"{origin} is not GoogleSQL: {_reason(error)}.") from None
    _put_points(statements[0])
    return statements[0]


def parse(sql: str, origin: str) -> exp.Query:
    """Return the same tree as the caller's own."""
    return parsed(sql, origin).copy()


def _refuse_writing(tree: exp.Query, origin: str) -> None:
    """Refuse what changes anything, wherever it stands: an engine may take a DELETE for a table like any other."""
    parts = [cte.this for cte in tree.find_all(exp.CTE) if not isinstance(cte.this, exp.Query)]
    parts += tree.find_all(*_WRITING)
    if parts:
        kinds = choices(dict.fromkeys(type(part).__name__.upper() for part in parts))
        raise WarehouseError(f"{origin} holds {kinds}; a query may only read. Leave SELECT alone in it.")


def _refuse_depth(tree: exp.Query, origin: str) -> None:
    """Refuse what nests so deep that whoever walks it would run out of stack."""
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > _MOST_LEVELS:
            raise _too_deep(origin)
        level = [part for node in level for part in node.iter_expressions()]


def _too_deep(origin: str) -> WarehouseError:
    return WarehouseError(
        f"{origin} nests too deep to be read (a + b + c is two levels, of which it may have {_MOST_LEVELS}; brackets "
        "are several). Name parts of it by WITH, or list values by IN."
    )


def _refuse_odd_sources(tree: exp.Query, origin: str) -> None:
    """Refuse all that is read from and is no table, query or UNNEST: an engine may take a function for a table."""
    sources = [node.this for node in tree.find_all(exp.From, exp.Join)]
    odd = [node for node in sources if not isinstance(node, _SOURCES)] + list(tree.find_all(exp.Lateral))
    if odd:
        raise WarehouseError(
            f"{origin} reads from {odd[0].sql('bigquery')}, which is no table, no query and no UNNEST. Read from one "
            "of those."
        )


def _place(error: Exception) -> str:
    details = getattr(error, "errors", None) or [{}]
    line = details[0].get("line")
    return f":{line}" if line else ""


def _reason(error: Exception) -> str:
    details = getattr(error, "errors", None) or [{}]
    near = details[0].get("highlight")
    words = _TOKEN.sub(r"\1", details[0].get("description") or str(error).splitlines()[0])
    return f"{words.rstrip('.')} near {near!r}" if near else words.rstrip(".")


def _put_points(tree: exp.Query) -> None:
    """Put points into the names that have them: sqlglot would have read those as a column and its table."""
    for identifier in tree.find_all(exp.Identifier):
        if POINT in identifier.name:
            identifier.set("this", identifier.name.replace(POINT, "."))
