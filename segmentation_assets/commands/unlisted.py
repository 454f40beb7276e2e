"""What a run ends with beside rejections: words in open lists of categories that the portfolio does not have."""

from collections.abc import Iterator
from datetime import date

from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.portfolio.spelling import same_category
from segmentation_assets.tables import Table
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
                word: found
                for word, found in _counts(warehouse, portfolio.input_table(table), column, first, last).items()
                if same_category(word) not in listed
            }
            if counts:
                # What few customers share may be somebody's own words.
                shared = [(word, n) for word, (n, customers) in counts.items() if customers >= portfolio.min_group_size]
                shown = [f"{word!r} ({n:,})" for word, n in shared[:_SHOWN]]
                such_as = f", such as {', '.join(shown)}" if shown else ""
                yield f"{table}.{column}: {sum(n for n, _ in counts.values()):,} rows{such_as}"


def _counts(warehouse: Warehouse, table: Table, column: str, first: date, last: date) -> dict[str, tuple[int, int]]:
    """Return the most frequent words of a column with their rows, and how many customers share each."""
    found = warehouse.query(words_query(table, column, first, last)).to_pylist()
    return {row["word"]: (row["n"], row["customers"]) for row in found}


def words_query(table: Table, column: str, first: date, last: date) -> Query:
    """Return the query of a column's most frequent words, their rows and their customers."""
    customers = f"COUNT(DISTINCT `{table.customer_column}`)" if table.customer_column else "0"
    sql = (
        f"SELECT `{column}` AS word, COUNT(*) AS n, {customers} AS customers FROM `{table.name}` "
        f"WHERE snapshot_date BETWEEN @first_snapshot AND @last_snapshot AND `{column}` IS NOT NULL "
        f"GROUP BY 1 ORDER BY n DESC, word LIMIT {_MOST_WORDS}"
    )
    params = {"first_snapshot": first, "last_snapshot": last}
    return Query(sql, params, origin=f"the words of {table.name}.{column}")
