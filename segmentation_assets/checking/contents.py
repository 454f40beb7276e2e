"""What files that fit still lack: columns without a value, listed words, recent days. A run makes of it what it can."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import pandas as pd

from segmentation_assets.cleaning import Cleaned
from segmentation_assets.cleaning.rejected.told_reasons import words_shared_in
from segmentation_assets.errors import choices
from segmentation_assets.portfolio import Portfolio, TableSource

_A_YEAR = timedelta(days=365)
_SHOWN = 5


def doubts(portfolio: Portfolio, cleaned: Mapping[str, Cleaned], day: date) -> Iterator[str]:
    """Yield what a person would want to know of the rows that are kept for a day."""
    delivered = {name: part for name, part in cleaned.items() if len(part.frame)}
    yield from _without_segments(portfolio, delivered)
    yield from _unlisted(portfolio, delivered)
    yield from _old(portfolio, delivered, day)


def _without_segments(portfolio: Portfolio, delivered: Mapping[str, Cleaned]) -> Iterator[str]:
    """Yield the features that customers are grouped by although nothing is known of them."""
    for lens, declared in portfolio.lenses.items():
        for name in declared.features:
            feature = portfolio.features[name]
            absent = [table for table in feature.needs if table not in delivered]
            if absent and declared.primary:
                yield (
                    f"lenses.{lens}.features has {name}, which needs {choices(absent)}, and there are none: nobody "
                    "gets a segment. Deliver them, or take it out of the lens."
                )
            for table, column in (reference.split(".") for reference in feature.columns):
                if table in delivered and delivered[table].frame[column].isna().all():
                    yield (
                        f"lenses.{lens}.features has {name}, which is made of {table}.{column}, and that is blank in "
                        "every row: who lacks a feature gets no segment. Take it out of the lens, or deliver it."
                    )


def _unlisted(portfolio: Portfolio, delivered: Mapping[str, Cleaned]) -> Iterator[str]:
    """Yield the columns with words that SQL may well not count."""
    for table, part in delivered.items():
        for column, words in part.unlisted.items():
            declared, least = portfolio.input_table(table), portfolio.min_group_size
            shared = words_shared_in(declared, part.frame, column, words, least)
            shown = [f"'{word}' ({n:,})" for word, n in list(shared.items())[:_SHOWN]]
            if len(words) > len(shown):  # what few customers share may be somebody's own words
                shown.append(f"{len(words) - len(shown)} {'more' if shown else 'that few customers share'}")
            yield (
                f"{sum(words.values()):,} of {len(part.frame):,} {table} have a word in {column} that "
                f"sources.{table}.categories.{column} does not list: {choices(shown)}. They are kept, and features "
                "that count listed words do not count them. List them, and compare with them in the features' SQL."
            )


def _old(portfolio: Portfolio, delivered: Mapping[str, Cleaned], day: date) -> Iterator[str]:
    """Yield the latest date of all, where it is so long ago that nothing would have happened within the year."""
    sources: dict[str, TableSource] = dict(portfolio.sources.items())
    latest: list[tuple[date, str]] = []
    for table in portfolio.input_tables:
        if table.name not in delivered:
            continue
        ahead = sources[table.name].may_lie_ahead
        for column in table.columns:
            if column.type == "DATE" and column.name != "snapshot_date" and column.name not in ahead:
                dates = pd.to_datetime(delivered[table.name].frame[column.name]).dropna()
                if len(dates):
                    latest.append((dates.max().date(), f"{table.name}.{column.name}"))
    if latest and day - max(latest)[0] > _A_YEAR:
        last, where = max(latest)
        yield (
            f"the latest date in the files is {last} ({where}), {(day - last).days:,} days before {day}: features "
            f"that count over a year count nothing. For the files as of an earlier day give it, such as --date {last}."
        )
