"""Refuses GoogleSQL that is known to mean something else on DuckDB, or another thing tomorrow.

Run ``python -m segmentation_assets.warehouse.sql_lint``; it prints one line a finding, as ``file:line: words``, and
its exit status is 1 where there is any.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sqlglot.dialects.bigquery import BigQuery
from sqlglot.errors import TokenError
from sqlglot.tokens import Token, TokenType

from segmentation_assets.errors import WarehouseError
from segmentation_assets.warehouse.sql import parse, sql_files, sql_folder

# Known to differ between the engines, or documented to depend on the clock, on chance or on the caller.
_FUNCTIONS = {
    "APPROX_QUANTILES": "gives other values on DuckDB; use PERCENTILE_CONT",
    "APPROX_COUNT_DISTINCT": "gives other values on DuckDB; use COUNT(DISTINCT ...)",
    "APPROX_TOP_COUNT": "is not known to DuckDB; use GROUP BY with QUALIFY",
    "APPROX_TOP_SUM": "is not known to DuckDB; use GROUP BY with QUALIFY",
    "MEDIAN": "is not known to BigQuery; use PERCENTILE_CONT(x, 0.5)",
    "FORMAT": "means something else on DuckDB; format in the report, or use CONCAT and CAST",
    "TIMESTAMP_DIFF": "counts whole units on BigQuery and boundaries on DuckDB; use DATE_DIFF on dates",
    "ANY_VALUE": "picks a row by chance; use MIN or MAX",
    "RAND": "differs at every run",
    "GENERATE_UUID": "differs at every run",
    "SESSION_USER": "depends on who runs it",
    "CURRENT_DATE": "depends on the clock; use snapshot_date",
    "CURRENT_DATETIME": "depends on the clock; use snapshot_date",
    "CURRENT_TIME": "depends on the clock; use snapshot_date",
    "CURRENT_TIMESTAMP": "depends on the clock; use snapshot_date",
}
_CLOCK_WORDS = {name for name, words in _FUNCTIONS.items() if "clock" in words}
_TRUNCATIONS = {"DATE_TRUNC", "DATETIME_TRUNC", "TIMESTAMP_TRUNC"}
_LIMITED = {"ARRAY_AGG", "STRING_AGG", "ARRAY_CONCAT_AGG"}


class Finding(NamedTuple):
    """One place that is refused, and why."""

    origin: str
    line: int
    words: str

    def __str__(self) -> str:
        """Write it so that an editor jumps to the place."""
        return f"{self.origin}:{self.line}: {self.words}"


def lint_sql(sql: str, origin: str) -> list[Finding]:
    """Return what is refused in one file's text, in order of line.

    Tokens are read rather than the parsed tree: they know their line, and comments and texts are told apart.
    """
    try:
        tokens = BigQuery.Tokenizer().tokenize(sql)
        parse(sql, origin)
    except (TokenError, WarehouseError) as error:
        return [Finding(origin, 1, str(error))]
    findings = []
    for position, token in enumerate(tokens):
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            continue
        words = _refused(tokens, position)
        if words:
            findings.append(Finding(origin, token.line, words))
    return findings


def lint_files(paths: Sequence[Path] | None = None) -> list[Finding]:
    """Lint the given files, or all of `sql/`."""
    root = sql_folder().parent
    findings = []
    for path in paths if paths is not None else sql_files():
        origin = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        findings += lint_sql(path.read_text(encoding="utf-8"), origin)
    return findings


def _refused(tokens: Sequence[Token], position: int) -> str:
    """Return why the token at this position is refused, or nothing."""
    name = tokens[position].text.upper()
    after = tokens[position + 1].text if position + 1 < len(tokens) else ""
    before = tokens[position - 1].text if position else ""
    if name == "SAFE" and after == ".":
        return "the prefix SAFE. is not known to DuckDB; use SAFE_CAST or SAFE_DIVIDE"
    if name in _CLOCK_WORDS and before != ".":
        return f"{name} {_FUNCTIONS[name]}"
    if name in _FUNCTIONS and after == "(":
        return f"{name} {_FUNCTIONS[name]}"
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
    for token in tokens[opening:]:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            break
        if depth == 1 and token.text != "(" and token.token_type != TokenType.STRING:
            words.append(token.text.upper())
    return words


def main(arguments: Sequence[str]) -> int:
    """Lint the files named, or all of `sql/`; return the exit status."""
    findings = lint_files([Path(name).resolve() for name in arguments] or None)
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
