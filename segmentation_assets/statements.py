"""Every query that the project sends, and which of them read more days than they ask about.

Run as ``python -m segmentation_assets.statements``: it fails where a partitioned table is read without a constant bound
(see `warehouse.sql_bounds`), and where no filter on a view gets to a table behind it (see `warehouse.view_reach`). What
the BigQuery engine adds of its own (exchange, ledger, counts) is held against the same rule by the tests, which listen
to its client.
"""

import sys
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

from segmentation_assets import moves, reporting, safeguards
from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.checking.marts import tables_of
from segmentation_assets.checking.queries import feature_query, over_days, stored_mart_queries, view_queries
from segmentation_assets.commands.unlisted import words_query
from segmentation_assets.defs.checks import claim_query, claims_of
from segmentation_assets.history.asset_sql import query_of
from segmentation_assets.history.turned_away import kept_query
from segmentation_assets.portfolio import Portfolio, load_portfolio
from segmentation_assets.tables import Table
from segmentation_assets.warehouse import Query
from segmentation_assets.warehouse.ledger import LEDGER
from segmentation_assets.warehouse.sql.bounds import unbounded_reads
from segmentation_assets.warehouse.sql.queries import parse
from segmentation_assets.warehouse.sql.view_reach import NEVER, WAYS, reach

A_FEW_ROWS_A_DAY = frozenset(
    {
        # A row a segment, 40 at five lenses. What the view reads of it is 100 bytes a row: 4 KB a day, 4 MB after three
        # years. Where Gemini names segments, its answers are looked up once a run, with their texts of 240 letters at
        # most: 1 KB a row, 45 KB a day, 50 MB at most after three years. An answer of any day counts: no bound.
        "segment_labels",
        # A row a lens, 5. What tells which trainings stand is 280 bytes a row: 1.4 KB a day, 1.5 MB after three years.
        # They lie on the first snapshots of all periods, so that bounds would be the first and the last day there is.
        "segment_models",
        # A row a request, none on most days. 5 a day of 130 bytes are 0.7 KB a day, 0.7 MB after three years.
        "retraining_requests",
    }
)
"""Tables with a row a segment, a lens or a request: what is read of all their days in three years is less than the
10 MB that BigQuery bills for a table at least, or, of Gemini's answers, a few times that once a run. A view may read
them whole."""

_EARLIER, _DAY = date(2025, 11, 14), date(2025, 11, 15)


def queries_of(portfolio: Portfolio) -> list[Query]:
    """Return every query that is sent, views aside, about some day or two."""
    words = [
        words_query(portfolio.input_table(table), column, _DAY, _DAY)
        for table, source in portfolio.sources.items()
        for column in source.open_categories
    ]
    blueprint = draw_blueprint(portfolio)
    marts = stored_mart_queries(portfolio, blueprint.tables)
    of_assets = (query_of(blueprint, asset) for asset in blueprint.assets.values())
    return [
        over_days(feature_query(portfolio), _DAY, _DAY),
        *(over_days(query, _DAY, _DAY) for query in marts.values()),
        *(over_days(query, _DAY, _DAY) for query in of_assets if query),
        *(claim_query(claim, _DAY, _DAY, [_EARLIER, _DAY]) for _, claim in claims_of(blueprint)),
        kept_query([table.name for table in portfolio.input_tables], _DAY, _DAY),
        reporting.segments_query(portfolio.value.feature, _DAY, portfolio.primary_lens),
        reporting.lenses_query(_DAY),
        moves.matrix_query(portfolio.primary_lens, _EARLIER, _DAY),
        *(safeguards.rows_query(f"raw_{table.name}", _DAY) for table in portfolio.input_tables),
        *(safeguards.sources_query(f"raw_{table.name}", [_EARLIER, _DAY]) for table in portfolio.input_tables),
        *words,
    ]


def is_partitioned(tables: Mapping[str, Table], name: str) -> bool:
    """Say whether a name is that of a table with a partition a day, the ledger included."""
    return name == LEDGER.name or (name in tables and not tables[name].is_view)


def faults(portfolio: Portfolio) -> Iterator[str]:
    """Yield each query that reads a table without a bound, and each view to a table of which no filter gets."""
    tables = tables_of(portfolio)
    for query in queries_of(portfolio):
        for read in unbounded_reads(query.sql, partial(is_partitioned, tables)):
            yield f"{query.origin}:{read.line}: {read}"
    for name, query in view_queries(portfolio, tables).items():
        for table, way in reach(parse(query.sql, query.origin)).items():
            if way == NEVER and table not in A_FEW_ROWS_A_DAY:
                yield (
                    f"{query.origin}: whoever asks {name} for a day reads every day of {table}: hand its snapshot_date "
                    "on to the view's own, or make a partitioned table of the view."
                )


def reached_tables(portfolio: Portfolio) -> Iterator[str]:
    """Yield the lines of the page's table: which tables a filter on each view's day gets to, and how."""
    tables = tables_of(portfolio)
    for name, query in view_queries(portfolio, tables).items():
        found = reach(parse(query.sql, query.origin))
        cells = [", ".join(f"`{table}`" for table in sorted(found) if found[table] == way) or "-" for way in WAYS]
        yield f"| `{name}` | {' | '.join(cells)} |"


def main() -> int:
    """Check the packaged portfolio's statements; return the exit status."""
    found = list(faults(load_portfolio("insurance")))
    for fault in found:
        sys.stdout.write(f"{fault}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
