"""120 nights of a synthetic insurer, from its spreadsheets to customers under Gemini's names: planted, and found.

    python -m benchmarks.bench_story            # the sheets are read every night, the rest is one run of all days
    python -m benchmarks.bench_story --whole    # every night is a whole run; the same tables, and far slower
    python -m benchmarks.bench_story --nights 30

Google Sheets and Gemini are stand-ins on loopback, asked by the real clients. The insurer's 1,200 customers move
between six planted kinds, lapse and join, and from 17 June on all incomes lie half a standard deviation higher.
"""

import argparse
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.timing import claim, markdown
from segmentation_assets_tests.story import DAYS, DRIFTED, QUARTERS, open_nights, planted_insurer
from segmentation_assets_tests.story_told import (
    LENS,
    alarms_of,
    incomplete,
    lineage_of,
    moves_of,
    personas_of,
    untrue_labels,
)

RETRAINED = QUARTERS[-1]


def main() -> None:
    arguments = _arguments()
    days = DAYS[: arguments.nights]
    insurer = planted_insurer()
    with TemporaryDirectory() as folder, open_nights(Path(folder), insurer) as nights:
        wall, cpu = time.perf_counter(), time.process_time()
        _run(nights, days, is_whole=arguments.whole)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        n_calls, n_reads = nights.gemini.n_calls, len(nights.sheets.requests)
        nights.run_range(days[0], days[-1], only=["segment_labels"])
        again = nights.gemini.n_calls - n_calls
        print(f"{len(days)} nights, {days[0]} to {days[-1]}: {wall:.0f} s, {cpu:.0f} s of CPU\n")
        print(markdown(["what", "planted", "found"], _rows(nights.graph, insurer, days)))
        print(f"\n{n_calls} questions to Gemini, {again} when all is named again; {n_reads} requests to the sheets\n")
        columns = ["segment", "planted kind", "its share, first day", "last day", "name", "by", "from", "to"]
        print(markdown(columns, _names(nights.graph, insurer, days)))


def _run(nights, days, *, is_whole) -> None:
    raw = [table.name for table in nights.tables if table.name.startswith("raw_")]
    rest = [table.name for table in nights.tables if table.name not in raw]
    for day in days:
        claim(nights.run(day, only=None if is_whole else raw).success, f"the night of {day} succeeded")
    if not is_whole:
        claim(nights.run_range(days[0], days[-1], only=rest).success, "the run of all days succeeded")


def _rows(graph, insurer, days):
    """What was planted beside what the tables tell."""
    moves = moves_of(graph, insurer, days)
    eve = min(days[-1], DRIFTED - timedelta(days=1))
    yield (
        "customers in the file, first and last day",
        *[
            " and ".join(str(len(rows)) for rows in pair)
            for pair in (
                [insurer.truth(day) for day in (days[0], days[-1])],
                [graph.table("labelled_customers", day) for day in (days[0], days[-1])],
            )
        ],
    )
    yield _moves_row("moves before the drift", moves.between(days[0], eve))
    if days[-1] >= DRIFTED:
        yield _moves_row("moves on the day of the drift", moves.between(DRIFTED, DRIFTED))
        yield _moves_row("moves after it", moves.between(DRIFTED + timedelta(days=1), RETRAINED - timedelta(days=1)))
        yield _moves_row("moves from the model that learned of it on", moves.between(RETRAINED, days[-1]))
    for quarter in (day for day in QUARTERS if day <= days[-1]):
        yield f"segments on {quarter}", "6 survived", str(lineage_of(graph, quarter))
    alarms = {day: alarms_of(graph, day) for day in days}
    told = [day for day, found in alarms.items() if found]
    planted = [day for day in days if DRIFTED <= day <= RETRAINED]  # the model of that day has learned from it
    yield "days with an alarm", _span(planted), _span(told)
    yield (
        "drifted, all customers",
        "income" if planted else "none",
        _listed({name for found in alarms.values() for name in found if " in segment " not in name}),
    )
    yield (
        "drifted within a segment",
        "income" if planted else "none",
        _listed({name for found in alarms.values() for name in found if " in segment " in name}),
    )
    kinds = [tuple(personas_of(graph, insurer, day)["persona"].items()) for day in days]
    yield (
        "planted kinds that a segment_id has stood for",
        "1 each, 6 in all",
        _listed(sorted({f"{segment}: {kind}" for one in kinds for segment, kind in one})),
    )
    yield "days whose labelled_customers is wrong", "0", str(sum(bool(incomplete(graph, insurer, d)) for d in days))
    untrue = {claim for day in days for claim in untrue_labels(graph, day)}
    yield "claims in labels that customers do not bear out", "none", _listed(untrue)


def _moves_row(what, moves):
    both = len(moves.planted & moves.told)
    rates = f" (precision {moves.precision:.1%}, recall {moves.recall:.1%})" if moves.told and moves.planted else ""
    return what, str(len(moves.planted)), f"{both} of {len(moves.told)} told{rates}"


def _names(graph, insurer, days):
    """Each name that a segment has had, with the days of it."""
    first, last = (personas_of(graph, insurer, day) for day in (days[0], days[-1]))
    named = graph.query(f"""
        SELECT segment_id, segment_name, written_by, MIN(snapshot_date) AS first, MAX(snapshot_date) AS last
        FROM segment_labels WHERE lens = '{LENS}' GROUP BY 1, 2, 3 ORDER BY 1, 4
    """)
    for segment, name, by, begins, ends in named.itertuples(index=False):
        shares = [f"{found.loc[segment, 'share']:.1%}" for found in (first, last)]
        yield segment, first.loc[segment, "persona"], *shares, name, by, begins, ends


def _span(days):
    return f"{len(days)}: {days[0]} to {days[-1]}" if days else "0"


def _listed(words):
    return ", ".join(sorted(words)) or "none"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nights", type=int, default=len(DAYS), help="so many of the first nights")
    parser.add_argument("--whole", action="store_true", help="make every table every night")
    return parser.parse_args()


if __name__ == "__main__":
    main()
