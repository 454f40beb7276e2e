"""Refuses GoogleSQL that is known to mean something else on DuckDB, or another thing tomorrow.

Run ``python -m segmentation_assets.warehouse.sql.lint``; it prints one line a finding, as ``file:line: words``, and
its exit status is 1 where there is any.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.errors import TokenError
from sqlglot.tokens import Token, TokenType

from segmentation_assets.errors import WarehouseError
from segmentation_assets.warehouse.sql.columns import line_of
from segmentation_assets.warehouse.sql.queries import parse, sql_files, sql_folder

# Known to mean another thing on the other engine.
_DIFFERS = {
    "APPROX_QUANTILES": "gives other values on DuckDB; use PERCENTILE_CONT",
    "APPROX_COUNT_DISTINCT": "gives other values on DuckDB; use COUNT(DISTINCT ...)",
    "APPROX_TOP_COUNT": "is not known to DuckDB; use GROUP BY with QUALIFY",
    "APPROX_TOP_SUM": "is not known to DuckDB; use GROUP BY with QUALIFY",
    "MEDIAN": "is not known to BigQuery; use PERCENTILE_CONT(x, 0.5)",
    "FORMAT": "means something else on DuckDB; format in the report, or use CONCAT and CAST",
    "TIMESTAMP_DIFF": "counts whole units on BigQuery and boundaries on DuckDB; use DATE_DIFF on dates",
}
_CLOCK = "depends on the clock; use snapshot_date"
_EVERY_RUN = "differs at every run; use a column of the data"
_CALLER = "depends on who runs it; use a column of the data"
_MACHINE = "depends on the machine; use a column of the data"
_SOME_ROW = "picks a row by chance; use MIN or MAX"
_ANY_ORDER = (
    "adds doubles in no promised order, so that its last digits differ from run to run; write it with SUM and AVG, "
    "which are made exact, such as SQRT(AVG(POW(x - m, 2))) with m the AVG of an inner query"
)
# Known to depend on the clock, on chance or on the caller, on either engine. The first stand without brackets, too.
_CHANCE_WORDS = {
    **dict.fromkeys(("CURRENT_DATE", "CURRENT_DATETIME", "CURRENT_TIME", "CURRENT_TIMESTAMP"), _CLOCK),
    **dict.fromkeys(("LOCALTIME", "LOCALTIMESTAMP"), _CLOCK),
    **dict.fromkeys(("SESSION_USER", "CURRENT_USER"), _CALLER),
    "TABLESAMPLE": "takes rows by chance; take those whose key ends alike, such as ENDS_WITH(customer_id, '7')",
}
_CHANCE = {
    **dict.fromkeys(("NOW", "TODAY", "GETDATE", "GET_CURRENT_TIMESTAMP", "TRANSACTION_TIMESTAMP", "AGE"), _CLOCK),
    **dict.fromkeys(("RAND", "RANDOM", "SETSEED", "GENERATE_UUID", "GEN_RANDOM_UUID", "UUID", "NEXTVAL"), _EVERY_RUN),
    **dict.fromkeys(("CURRENT_SETTING", "GETENV", "GETVARIABLE", "VERSION", "TXID_CURRENT"), _MACHINE),
    **dict.fromkeys(("ANY_VALUE", "FIRST", "LAST", "ARBITRARY"), _SOME_ROW),
    **dict.fromkeys(("STDDEV", "STDDEV_POP", "STDDEV_SAMP", "VARIANCE", "VAR_POP", "VAR_SAMP"), _ANY_ORDER),
    **dict.fromkeys(("CORR", "COVAR_POP", "COVAR_SAMP"), _ANY_ORDER),
}
# What these give follows from an order, which nothing but ORDER BY between their brackets promises.
_ORDERED = {"ARRAY_AGG", "STRING_AGG", "ARRAY_CONCAT_AGG", "LISTAGG", "GROUP_CONCAT"}
_NUMBERED = {"ROW_NUMBER", "NTILE", "LAG", "LEAD", "FIRST_VALUE", "LAST_VALUE", "NTH_VALUE"}
_TRUNCATIONS = {"DATE_TRUNC", "DATETIME_TRUNC", "TIMESTAMP_TRUNC"}
_LIMITED = {"ARRAY_AGG", "STRING_AGG", "ARRAY_CONCAT_AGG"}


class Finding(NamedTuple):
    """One place that is refused, and why."""

    origin: str
    line: int
    words: str
    is_by_chance: bool = False
    """True where the same data may give another result at the next run; else only the two engines differ."""

    def __str__(self) -> str:
        """Write it so that an editor jumps to the place."""
        return f"{self.origin}:{self.line}: {self.words}"


def lint_sql(sql: str, origin: str) -> list[Finding]:
    """Return what is refused in one file's text, in order of line.

    Tokens are read rather than the parsed tree: they know their line, and comments and texts are told apart.
    """
    try:
        tokens = BigQuery.Tokenizer().tokenize(sql)
        tree = parse(sql, origin)
    except (TokenError, WarehouseError) as error:
        return [Finding(origin, 1, str(error))]
    findings = [Finding(origin, line_of(limit), words, is_by_chance=True) for limit, words in _unordered_limits(tree)]
    for position, token in enumerate(tokens):
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            continue
        if words := _by_chance(tokens, position):
            findings.append(Finding(origin, token.line, f"{token.text.upper()} {words}", is_by_chance=True))
        elif words := _refused(tokens, position):
            findings.append(Finding(origin, token.line, words))
    return sorted(findings, key=lambda finding: finding.line)


def lint_files(paths: Sequence[Path] | None = None) -> list[Finding]:
    """Lint the given files, or all of `sql/`."""
    root = sql_folder().parent
    findings = []
    for path in paths if paths is not None else sql_files():
        origin = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        findings += lint_sql(path.read_text(encoding="utf-8"), origin)
    return findings


def _by_chance(tokens: Sequence[Token], position: int) -> str:
    """Return why the same data may give another result where this word stands, or nothing."""
    name = tokens[position].text.upper()
    is_called = position + 1 < len(tokens) and tokens[position + 1].text == "("
    if name in _CHANCE_WORDS and (not position or tokens[position - 1].text != "."):
        return _CHANCE_WORDS[name]
    if not is_called:
        return ""
    window = _window(tokens, position + 1)
    is_ordered = "ORDER BY" in (*_arguments(tokens, position + 1), *(window or ()))
    if name in _ORDERED and not is_ordered:
        return "takes rows in no promised order; write ORDER BY inside its brackets, ending with a key"
    if name in _NUMBERED and window is not None and not is_ordered:
        return "takes rows in no promised order; write ORDER BY inside OVER (...), ending with a key"
    return _CHANCE.get(name, "")


def _window(tokens: Sequence[Token], opening: int) -> list[str] | None:
    """Return the words of the OVER clause behind a function's brackets, or of the WINDOW it names; None without."""
    after = opening + len(_bracketed(tokens, opening)) + 2
    texts = [token.text.upper() for token in tokens[after : after + 2]]
    if len(texts) < 2 or texts[0] != "OVER":  # noqa: PLR2004 - the word and what follows it
        return None
    if texts[1] == "(":
        return _arguments(tokens, after + 1)
    for at, token in enumerate(tokens[:-2]):
        if token.text.upper() == texts[1] and [t.text.upper() for t in tokens[at + 1 : at + 3]] == ["AS", "("]:
            return _arguments(tokens, at + 2)
    return []


def _unordered_limits(tree: exp.Query) -> Iterator[tuple[exp.Expr, str]]:
    """Yield each LIMIT that keeps rows by chance; one within EXISTS keeps none."""
    for limit in tree.find_all(exp.Limit, exp.Fetch, exp.Offset):
        query = limit.parent
        if not isinstance(query, exp.Query) or isinstance(query.parent, exp.Exists):
            continue
        if not query.args.get("order"):
            yield limit, "LIMIT keeps rows by chance where nothing orders them; write ORDER BY before it"


def _refused(tokens: Sequence[Token], position: int) -> str:
    """Return why the token at this position means another thing on the other engine, or nothing."""
    name = tokens[position].text.upper()
    after = tokens[position + 1].text if position + 1 < len(tokens) else ""
    if name in _DIFFERS and after == "(":
        return f"{name} {_DIFFERS[name]}"
    return _refused_arguments(name, _arguments(tokens, position + 1)) if after == "(" else ""


def _refused_arguments(name: str, inside: Sequence[str]) -> str:
    """Return why a function is refused with these words between its brackets, or nothing."""
    if name == "EXTRACT" and inside and inside[0] in ("DAYOFWEEK", "WEEK"):
        return f"EXTRACT({inside[0]}) counts from Sunday on BigQuery and otherwise on DuckDB; use ISOWEEK or a date"
    if name in _TRUNCATIONS and "WEEK" in inside:
        return f"{name} to WEEK starts on Sunday on BigQuery and on Monday on DuckDB; use ISOWEEK"
    if name in _LIMITED and "LIMIT" in inside:
        return f"LIMIT inside {name} is not known to DuckDB; use QUALIFY ROW_NUMBER() first"
    return ""


def _arguments(tokens: Sequence[Token], opening: int) -> list[str]:
    """Return the words between the bracket at `opening` and its partner, those in deeper brackets left out."""
    words, depth = [], 0
    for token in _bracketed(tokens, opening):
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0 and token.text != ")" and token.token_type != TokenType.STRING:
            words.append(token.text.upper())
    return words


def _bracketed(tokens: Sequence[Token], opening: int) -> Sequence[Token]:
    """Return what stands between the bracket at `opening` and its partner."""
    depth = 0
    for position in range(opening, len(tokens)):
        depth += (tokens[position].text == "(") - (tokens[position].text == ")")
        if depth == 0:
            return tokens[opening + 1 : position]
    return tokens[opening + 1 :]


def main(arguments: Sequence[str]) -> int:
    """Lint the files named, or all of `sql/`; return the exit status."""
    findings = lint_files([Path(name).resolve() for name in arguments] or None)
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
