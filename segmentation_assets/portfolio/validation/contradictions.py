"""Parts of a portfolio that are well formed and cannot hold: ranges without numbers, names taken twice, and the like.

A rule belongs here if breaking it would be swallowed in silence later: a column overwritten, a word never used, every
row rejected.
"""

import codecs
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from segmentation_assets.enclosed_files import fault_of_name
from segmentation_assets.errors import choices
from segmentation_assets.portfolio.features import Feature, Words
from segmentation_assets.portfolio.marts import mart_faults
from segmentation_assets.portfolio.methods import taken_by
from segmentation_assets.portfolio.rules import Range, parse_order, written_bound
from segmentation_assets.portfolio.schema import Lens, Portfolio
from segmentation_assets.portfolio.sources import PLACES, Sheet, TableSource
from segmentation_assets.portfolio.spelling import same_category
from segmentation_assets.portfolio.validation.faults import Fault, Place
from segmentation_assets.tables import build_tables
from segmentation_assets.tables.schema import CUSTOMERS

TAKEN = (
    "snapshot_date", "customer_id", "lens", "segment_id", "segment_name", "confidence", "is_outlier",
    "unassigned_reason",
)  # fmt: skip
"""Columns of the tables that carry features; a test holds them against those tables, which are made far above."""
_TABLE_NAME = re.compile(r"[\w-]+(\.[\w-]+){1,2}")
_SHEET_KEY = re.compile(r"[A-Za-z0-9_-]{25,}")
_EVERYBODYS = frozenset({"gmail.com", "googlemail.com"})
_CATALOGUES = frozenset({"information_schema", "pg_catalog"})
_CATALOGUE_VIEW = re.compile(r"(duckdb_|pragma_|__).*|sqlite_(temp_)?(master|schema)")
"""Schemas and views in which an engine tells of itself: of other tables, users, jobs and settings."""

_NO_LETTERS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"})
"""Codecs that Python knows beside sets of characters: they rewrite a text, and take unbounded time or give halves."""
_PLACEHOLDER = re.compile(r"\{[^}]*\}?")


def contradictions(portfolio: Portfolio) -> list[Fault]:
    """Return what cannot hold, in no particular order."""
    inputs = portfolio.input_tables
    faults = [*_of_primary_lens(portfolio), *_twice(("protected_attributes",), portfolio.protected_attributes)]
    dates = {table.name: {column.name for column in table.columns if column.type == "DATE"} for table in inputs}
    for table, source in portfolio.sources.items():
        faults += _of_source(("sources", table), source, dates.get(table, set()))
        faults += _of_dates(("sources", table), source)
    for name, feature in portfolio.features.items():
        faults += _of_feature(("features", name), feature, {table.name for table in inputs})
    for name, lens in portfolio.lenses.items():
        faults += _of_lens(("lenses", name), lens)
        faults += _of_method(("lenses", name), lens, portfolio.features)
    for i, entry in enumerate(portfolio.product_catalogue):
        for bounded, interval in entry.ranges.items():
            faults += _of_range(("product_catalogue", i, "ranges", bounded), interval)
    if portfolio.marts:  # only then are all tables asked for, which takes a second
        faults += mart_faults(portfolio.marts, build_tables(portfolio))
    return faults


def _twice(place: Place, words: Sequence[object]) -> Iterator[Fault]:
    seen: set[object] = set()
    for i, word in enumerate(words):
        is_new = word not in seen
        seen.add(word)
        if not is_new:
            spelled = repr(word) if isinstance(word, str) else str(word)
            yield Fault((*place, i), f"is {spelled} once more. Remove it.")


def _of_place(place: Place, source: TableSource) -> Iterator[Fault]:
    """Yield a fault unless the table lies in one place."""
    if not source.places:
        yield Fault(place, f"does not say where the table lies; give one of {choices(PLACES)}.")
    elif len(source.places) > 1:
        yield Fault(place, f"has {choices(source.places)}; a table lies in one place, so keep one of them.")
    elif source.snapshot_column is not None and source.table is None:
        words = f"is for a warehouse table, and this table lies at {source.places[0]}; remove it."
        yield Fault((*place, "snapshot_column"), words)
    elif source.encoding is not None and source.csv is None:
        yield Fault((*place, "encoding"), f"is for a file, and this table lies at {source.places[0]}; remove it.")
    elif source.encoding is not None and not _is_encoding(source.encoding):
        words = f"is {source.encoding!r}, which Python does not know; give one such as cp1250, cp1251 or iso8859-2."
        yield Fault((*place, "encoding"), words)
    elif source.csv is not None and (fault := fault_of_name(source.csv)):
        words = f"is {source.csv!r}, which {fault}; give the bare name of a file in the data folder."
        yield Fault((*place, "csv"), words)
    elif source.sheet is not None:
        yield from _of_sheet((*place, "sheet"), source.sheet)
    elif source.table is not None:
        yield from _of_table((*place, "table"), source.table)


def _of_sheet(place: Place, sheet: Sheet) -> Iterator[Fault]:
    """Yield a fault where anybody's spreadsheet could be taken for the one that is meant."""
    named = sheet.spreadsheet.strip()
    if sheet.owner is None and not named.startswith(("https://", "http://")) and not _SHEET_KEY.fullmatch(named):
        words = (
            f"is {named!r}, a title, which anybody could give to a spreadsheet and share it; give its URL or key, or"
        )
        yield Fault((*place, "spreadsheet"), f"{words} say whose it is by 'owner', such as owner: example.com.")
    elif sheet.owner is not None and sheet.owner.strip().casefold().removeprefix("@") in _EVERYBODYS:
        yield Fault((*place, "owner"), f"is {sheet.owner}, where anybody can have an address; give the whole address.")


def _of_table(place: Place, table: str) -> Iterator[Fault]:
    """Yield a fault unless it is the name of a table that somebody made."""
    if not _TABLE_NAME.fullmatch(table):
        words = f"is {table!r}; name it as dataset.table, such as crm.customers, or project.dataset.table."
        yield Fault(place, words)
    elif _CATALOGUES.intersection(parts := table.casefold().split(".")) or _CATALOGUE_VIEW.fullmatch(parts[-1]):
        yield Fault(place, f"is {table!r}, in which the warehouse tells of itself; name a table that somebody filled.")


def _is_encoding(name: str) -> bool:
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return codecs.lookup(name).name.replace("_", "-") not in _NO_LETTERS


def _of_headers(place: Place, source: TableSource) -> Iterator[Fault]:
    """Yield the columns of which cannot be told which header, if any, stands for them."""
    delivered = Counter(source.columns.values())
    for column, header in source.columns.items():
        if delivered[header] > 1:
            yield Fault(
                (*place, "columns", column), f"is {header!r}, and so is another column; give each its own header."
            )
    yield from _twice((*place, "not_delivered"), source.not_delivered)
    for i, column in enumerate(source.not_delivered):
        if column in source.columns:
            yield Fault(
                (*place, "not_delivered", i), f"is {column}, which `columns` names a header for. Keep one of them."
            )


def _of_source(place: Place, source: TableSource, dates: Collection[str]) -> Iterator[Fault]:
    yield from _of_place(place, source)
    yield from _of_headers(place, source)
    for column, formats in source.date_formats.items():
        for i, pattern in enumerate(formats):
            yield from _of_date_format((*place, "date_formats", column, i), pattern)
    for column, interval in source.ranges.items():
        yield from _of_range((*place, "ranges", column), interval, has_dates=column in dates)
    for column, categories in source.categories.items():
        seen: set[str] = set()
        for i, category in enumerate(categories):
            folded = same_category(category)
            if folded in seen:
                words = f"is {category!r} once more, case and blanks aside. Remove it."
                yield Fault((*place, "categories", column, i), words)
            seen.add(folded)
    yield from _twice((*place, "open_categories"), source.open_categories)


def _of_dates(place: Place, source: TableSource) -> Iterator[Fault]:
    yield from _twice((*place, "may_lie_ahead"), source.may_lie_ahead)
    for column, days in source.placeholder_dates.items():
        yield from _twice((*place, "placeholder_dates", column), days)
    followers: dict[str, set[str]] = {}
    for i, text in enumerate(source.date_order):
        here = (*place, "date_order", i)
        order = parse_order(text)
        if order is None:
            yield Fault(here, f"is {text!r}, which orders no two dates; write it as purchase_date <= lapse_date.")
        elif order.earlier == order.later:
            yield Fault(here, f"is {text!r}, which sets a date against itself; name two date columns.")
        elif order.earlier in _reached(order.later, followers):
            yield Fault(here, f"is {text!r}, and by the orders above {order.earlier} is later. Remove one of them.")
        elif order.later in followers.get(order.earlier, ()):
            yield Fault(here, f"is {text!r}, and an order above says so of the same dates. Remove one of them.")
        else:
            followers.setdefault(order.earlier, set()).add(order.later)


def _reached(column: str, followers: Mapping[str, Collection[str]]) -> set[str]:
    """Return the columns that orders put after a column, at one remove or more."""
    reached: set[str] = set()
    ahead = [column]
    while ahead:
        new = set(followers.get(ahead.pop(), ())) - reached
        reached |= new
        ahead += new
    return reached


def _of_date_format(place: Place, pattern: str) -> Iterator[Fault]:
    """Yield a fault unless the format reads back the day it wrote; one without a year, say, does not."""
    probe = datetime(2021, 11, 27, tzinfo=UTC)
    try:
        survives = datetime.strptime(probe.strftime(pattern), pattern).date() == probe.date()  # noqa: DTZ007
    except (ValueError, re.error):  # '%d/%d/%Y' becomes a regular expression with a group twice
        survives = False
    if not survives:
        yield Fault(place, f"is {pattern!r}, which does not hold a day, a month and a year, such as '%d/%m/%Y'.")


def _of_range(place: Place, interval: Range, *, has_dates: bool = False) -> Iterator[Fault]:
    noun = "date" if has_dates else "number"
    misfits = {key: bound for key, bound in interval.bounds.items() if isinstance(bound, date) != has_dates}
    for key, bound in misfits.items():
        given, example = ("number", " such as 2024-01-31") if has_dates else ("date", "")
        words = f"is the {given} {written_bound(bound)}, and {place[-1]} holds {noun}s; give a {noun}{example}."
        yield Fault((*place, key), words)
    if misfits:
        return
    if interval.min is not None and interval.above is not None:
        yield Fault(place, "has both min and above; give one.")
    if interval.max is not None and interval.below is not None:
        yield Fault(place, "has both max and below; give one.")
    low: Any = interval.low  # of one kind with the upper one, as was seen above
    high: Any = interval.high
    if low is None and high is None:
        yield Fault(place, "bounds nothing; give min or above, max or below.")
    elif low is not None and high is not None:
        is_open = interval.above is not None or interval.below is not None
        if low > high or (low == high and is_open):
            yield Fault(place, f"allows no {noun}: {interval}. Raise the upper bound or lower the lower one.")


def _of_feature(place: Place, feature: Feature, inputs: set[str]) -> Iterator[Fault]:
    if place[-1] in TAKEN:
        yield Fault(place, f"is a column that every portfolio has. Call the feature otherwise than {choices(TAKEN)}.")
    unsaid = sorted(_tables_of(feature) & inputs - {CUSTOMERS, *feature.needs})
    if unsaid and inputs.issuperset(feature.needs):  # else one of those that are needed is misspelled, which is told
        needs = choices([*feature.needs, *unsaid])
        yield Fault(place, f"is made of columns of {choices(unsaid)}; say so by 'needs: [{needs}]'.")
    yield from _of_number(place, feature) if feature.kind == "numeric" else _of_category(place, feature)


def _tables_of(feature: Feature) -> set[str]:
    return {column.partition(".")[0] for column in feature.columns}


def _of_number(place: Place, feature: Feature) -> Iterator[Fault]:
    if feature.values:
        yield Fault((*place, "values"), "is for categorical features; use low and high instead.")
    if feature.role in ("channel", "next_product"):
        yield Fault((*place, "role"), f"is {feature.role}, which is for categorical features; remove it.")
    for side, words in (("low", feature.low), ("high", feature.high)):
        if words is not None:
            yield from _of_words((*place, side), words, in_phrase={"{value}", "{number}"}, in_name=set())
            if words.covers:
                yield Fault((*place, side, "covers"), "is for categories; remove it from a numeric feature.")


def _of_category(place: Place, feature: Feature) -> Iterator[Fault]:
    for side in ("low", "high"):
        if getattr(feature, side):
            yield Fault((*place, side), "is for numeric features; use values instead, a key a category.")
    if feature.role == "risk":
        yield Fault((*place, "role"), "is risk, which is for numeric features; a feared category is the outcome.")
    if "scaling" in feature.model_fields_set:
        yield Fault((*place, "scaling"), "is for numeric features; remove it.")
    for category, words in feature.values.items():
        here = (*place, "values", category)
        yield from _of_words(here, words, in_phrase={"{category}"}, in_name={"{category}"})
        for key in ("beyond", "very_beyond"):
            if getattr(words, key) is not None:
                yield Fault((*here, key), "is for numeric features; remove it.")


def _of_words(place: Place, words: Words, *, in_phrase: set[str], in_name: set[str]) -> Iterator[Fault]:
    """Yield the placeholders that nothing fills, which a reader would see as they are."""
    for key in ("phrase", "adjective", "noun", "mild", "very"):
        filled = in_phrase if key == "phrase" else in_name
        for placeholder in _PLACEHOLDER.findall(getattr(words, key) or ""):
            if placeholder not in filled:
                allowed = f"it may hold {choices(sorted(filled))}." if filled else "it may hold none."
                yield Fault((*place, key), f"holds {placeholder}, which nothing fills in; {allowed}")


def _of_primary_lens(portfolio: Portfolio) -> Iterator[Fault]:
    primary = [name for name, lens in portfolio.lenses.items() if lens.primary]
    if len(primary) != 1:
        found = choices(primary) or "none"
        yield Fault(("lenses",), f"must have exactly one lens with 'primary: true'; found {found}.")


def _of_lens(place: Place, lens: Lens) -> Iterator[Fault]:
    yield from _twice((*place, "features"), lens.features)
    yield from _twice((*place, "describe_by"), lens.describe_by)
    low, high = lens.candidates
    if low > high:
        yield Fault((*place, "candidates"), f"is [{low}, {high}]; the first must not exceed the second.")
    yield from _of_pinned_names((*place, "pinned_names"), lens)


def _of_method(place: Place, lens: Lens, features: Mapping[str, Feature]) -> Iterator[Fault]:
    """Yield what the method of a lens does not take."""
    method, known = taken_by(lens.method), [name for name in lens.features if name in features]
    for name in known:
        if features[name].kind not in method.kinds:
            words = f"is {lens.method}, which takes {choices(sorted(method.kinds))} features alone; {name} is "
            remedy = "Take it out of the lens, or choose another method."
            yield Fault((*place, "method"), f"{words}{features[name].kind}. {remedy}")
        elif features[name].weight != 1 and not method.knows_weights:
            words = f"is {lens.method}, which knows no weights of features, and {name} has one"
            yield Fault((*place, "method"), f"{words}. Remove the weight, or choose another method.")
    if lens.gamma != "auto" and "categorical" not in method.kinds:
        yield Fault((*place, "gamma"), f"weighs categories, of which {lens.method} knows none. Remove it.")


def _of_pinned_names(place: Place, lens: Lens) -> Iterator[Fault]:
    """Yield names that no report could tell apart or print."""
    names = list(lens.pinned_names.items())
    folded = [" ".join(name.casefold().split()) for _, name in names]
    for i, (segment_id, name) in enumerate(names):
        here = (*place, segment_id)
        if folded[i] in folded[:i]:
            yield Fault(here, f"is {name!r}, and so is another segment of the lens; give each its own name.")
        if not name.isprintable() or name != name.strip() or not folded[i]:
            yield Fault(here, "is not one line of words without blanks around it; write it so.")
        elif folded[i] == "unclassified":
            yield Fault(here, "is what customers without a segment are called; choose another name.")
