"""What a run ends with beside rejections: words in open lists of categories that the portfolio does not have."""

from collections.abc import Iterator
from datetime import date

from segmentation_assets.commands.terminal import Terminal
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.portfolio.spelling import same_category
from segmentation_assets.warehouse import Query, Warehouse

_MOST_WORDS = 1_000
_SHOWN = 3


def print_unlisted(warehouse: Warehouse, portfolio: Portfolio, first: date, last: date, console: Terminal) -> None:
    """Print, by column, how many rows hold words that are kept though the portfolio does not list them."""
    with warehouse.reading():
        lines = list(_lines(warehouse, portfolio, first, last))
    if lines:
        console.print("Words that the portfolio does not list under categories (kept, and compared with nothing):")
        for line in lines:
            console.say_line(line, indent=2)
        console.print()


def _lines(warehouse: Warehouse, portfolio: Portfolio, first: date, last: date) -> Iterator[str]:
    for table, source in portfolio.sources.items():
        for column in source.open_categories:
            listed = {same_category(word) for word in source.categories.get(column, ())}
            counts = {
                word: n
                for word, n in _counts(warehouse, table, column, first, last).items()
                if same_category(word) not in listed
            }
            if counts:
                # What few customers share may be somebody's own words.
                shown = [f"{word!r} ({n:,})" for word, n in counts.items() if n >= portfolio.min_group_size][:_SHOWN]
                such_as = f", such as {', '.join(shown)}" if shown else ""
                yield f"{table}.{column}: {sum(counts.values()):,} rows{such_as}"


def _counts(warehouse: Warehouse, table: str, column: str, first: date, last: date) -> dict[str, int]:
    """Return the most frequent words of a column with their rows."""
    return {row["word"]: row["n"] for row in warehouse.query(words_query(table, column, first, last)).to_pylist()}


def words_query(table: str, column: str, first: date, last: date) -> Query:
    """Return the query of a column's most frequent words."""
    sql = (
        f"SELECT {column} AS word, COUNT(*) AS n FROM {table} "
        f"WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot AND {column} IS NOT NULL "
        f"GROUP BY 1 ORDER BY n DESC, word LIMIT {_MOST_WORDS}"
    )
    params = {"first_snapshot": first, "last_snapshot": last}
    return Query(sql, params, origin=f"the words of {table}.{column}")
