"""Names in one part of a portfolio that point at another part: features, categories, columns, tables."""

from collections.abc import Iterable, Iterator, Mapping

from segmentation_assets.errors import choices, did_you_mean
from segmentation_assets.portfolio.features import Feature
from segmentation_assets.portfolio.rules import AGE, BIRTH, parse_order
from segmentation_assets.portfolio.schema import Portfolio
from segmentation_assets.portfolio.sources import TableSource
from segmentation_assets.portfolio.validation.faults import Fault, Place
from segmentation_assets.tables import Table
from segmentation_assets.tables.schema import CUSTOMERS

_ANY = "any"


def unknown_names(portfolio: Portfolio) -> Iterator[Fault]:
    """Yield every reference in the portfolio that points nowhere, in no particular order."""
    yield from _in_sources(portfolio)
    yield from _in_features(portfolio)
    yield from _in_lenses(portfolio)
    yield from _in_uses_of_features(portfolio)
    yield from _in_offers(portfolio)


def _unknown(place: Place, word: str, what: str, allowed: Iterable[str]) -> Iterator[Fault]:
    allowed = list(allowed)
    if word not in allowed:
        those = f"allowed are {choices(allowed)}." if allowed else "there is none."
        yield Fault(place, f"names {word!r}, which is no {what}; {those}{did_you_mean(word, allowed)}")


def _in_sources(portfolio: Portfolio) -> Iterator[Fault]:
    tables = {table.name: table for table in portfolio.input_tables}
    if CUSTOMERS not in portfolio.sources:
        yield Fault(("sources",), f"lacks {CUSTOMERS}, the one input table nothing can do without.")
    for name, source in portfolio.sources.items():
        if name in tables:
            yield from _in_source(("sources", name), source, tables[name])
            yield from _of_births(("sources", name), source, tables)
        else:
            hint = did_you_mean(name, tables)
            yield Fault(("sources", name), f"is not a key here; allowed are {choices(tables)}.{hint}")
    for name in portfolio.tables:
        if name not in portfolio.sources and name != CUSTOMERS:
            yield Fault(("tables", name), f"lies nowhere; say where by sources.{name}.csv, sheet or table.")


def _of_births(place: Place, source: TableSource, tables: Mapping[str, Table]) -> Iterator[Fault]:
    """Yield the orders by birth where customers have no age in whole years, by which it is known."""
    age = next((column for column in tables[CUSTOMERS].columns if column.name == AGE), None)
    for i, order in enumerate(map(parse_order, source.date_order)):
        if order is not None and order.earlier == BIRTH and (age is None or age.type != "INT64"):
            words = f"orders by {BIRTH}, which follows from {CUSTOMERS}.{AGE}, and there is no such column of integers"
            yield Fault((*place, "date_order", i), f"{words}. Declare it, or remove the order.")


def _in_source(place: Place, source: TableSource, table: Table) -> Iterator[Fault]:
    keys = table.key_columns
    columns = [c for c in table.columns if c.name != "snapshot_date"]
    dates = [c.name for c in columns if c.type == "DATE"]
    rules = {
        "columns": ("column", [c.name for c in columns]),
        "not_delivered": ("column that rows can do without", [c.name for c in columns if not c.is_required]),
        "date_formats": ("date column", dates),
        "may_lie_ahead": ("date column", dates),
        "placeholder_dates": ("date column", dates),
        "ranges": ("column of numbers or dates", [c.name for c in columns if c.type in ("INT64", "FLOAT64", "DATE")]),
        "categories": ("text column", [c.name for c in columns if c.type == "STRING" and c.name not in keys]),
        "open_categories": ("column under categories", list(source.categories)),
    }
    for key, (what, allowed) in rules.items():
        named = getattr(source, key)
        for i, column in enumerate(named):
            yield from _unknown((*place, key, i if isinstance(named, list) else column), column, what, allowed)
    refers_to_customers = CUSTOMERS in table.references.values()
    for i, text in enumerate(source.date_order):
        if order := parse_order(text):
            earlier = [BIRTH, *dates] if refers_to_customers else dates
            yield from _unknown((*place, "date_order", i), order.earlier, "date column", earlier)
            yield from _unknown((*place, "date_order", i), order.later, "date column", dates)


def _in_features(portfolio: Portfolio) -> Iterator[Fault]:
    tables = {table.name: table for table in portfolio.input_tables}
    for name, feature in portfolio.features.items():
        for i, needed in enumerate(feature.needs):
            yield from _unknown(("features", name, "needs", i), needed, "input table", tables)
        for i, reference in enumerate(feature.columns):
            table, _, column = reference.partition(".")
            place = ("features", name, "columns", i)
            if table not in tables:
                yield from _unknown(place, table, "core table", tables)
            else:
                yield from _unknown(place, column, f"column of {table}", tables[table].column_names)
        yield from _in_words(portfolio, name, feature)


def _in_words(portfolio: Portfolio, name: str, feature: Feature) -> Iterator[Fault]:
    """Yield the categories that have words and cannot occur."""
    allowed = listed_categories(portfolio, name)
    if allowed is None:
        return
    for category, words in feature.values.items():
        place = ("features", name, "values", category)
        for i, covered in enumerate(words.covers):
            yield from _unknown((*place, "covers", i), covered, "category", allowed)
        if not words.covers and category != _ANY:
            yield from _unknown(place, category, "category", allowed)


def listed_categories(portfolio: Portfolio, feature: str) -> list[str] | None:
    """Return the categories a feature can have, or None where the portfolio does not list them.

    They are known of a categorical feature that is one column as delivered, where that column has a list.
    """
    declared = portfolio.features.get(feature)
    if declared is None or declared.kind != "categorical" or len(declared.columns) != 1:
        return None
    table, _, column = declared.columns[0].partition(".")
    return listed_values(portfolio, table, column)


def _spoken_categories(portfolio: Portfolio, feature: str) -> list[str]:
    """Return the categories of a feature that have words of their own; none where `any` speaks for further ones."""
    values = portfolio.features[feature].values if feature in portfolio.features else {}
    return [] if _ANY in values else [category for category, words in values.items() if not words.covers]


def listed_values(portfolio: Portfolio, table: str, column: str) -> list[str] | None:
    """Return the values that the portfolio allows in a core column, or None where it allows any."""
    return next((s.categories.get(column) for name, s in portfolio.sources.items() if name == table), None)


def _in_lenses(portfolio: Portfolio) -> Iterator[Fault]:
    for name, lens in portfolio.lenses.items():
        for key in ("features", "describe_by"):
            for i, feature in enumerate(getattr(lens, key)):
                yield from _unknown(("lenses", name, key, i), feature, "feature", portfolio.features)


def _in_uses_of_features(portfolio: Portfolio) -> Iterator[Fault]:
    numeric = [name for name, feature in portfolio.features.items() if feature.kind == "numeric"]
    categorical = [name for name, feature in portfolio.features.items() if feature.kind == "categorical"]
    yield from _unknown(("value", "feature"), portfolio.value.feature, "numeric feature", numeric)
    if outcome := portfolio.outcome:
        yield from _unknown(("outcome", "feature"), outcome.feature, "categorical feature", categorical)
        allowed = listed_categories(portfolio, outcome.feature) or _spoken_categories(portfolio, outcome.feature)
        if allowed:  # a slip here would mean that nobody ever leaves
            category = f"category of {outcome.feature}"
            yield from _unknown(("outcome", "category"), outcome.category, category, allowed)
    for i, feature in enumerate(portfolio.protected_attributes):
        yield from _unknown(("protected_attributes", i), feature, "feature", portfolio.features)
    for name, scenario in portfolio.scenarios.items():
        for feature in scenario.factors:
            yield from _unknown(("scenarios", name, "factors", feature), feature, "numeric feature", numeric)
    for i, entry in enumerate(portfolio.product_catalogue):
        place: Place = ("product_catalogue", i)
        for feature in entry.ranges:
            yield from _unknown((*place, "ranges", feature), feature, "numeric feature", numeric)
        for feature, categories in entry.categories.items():
            yield from _unknown((*place, "categories", feature), feature, "categorical feature", categorical)
            for j, category in enumerate(categories):
                yield from _category(portfolio, feature, (*place, "categories", feature, j), category)


def _category(portfolio: Portfolio, feature: str, place: Place, category: str) -> Iterator[Fault]:
    allowed = listed_categories(portfolio, feature)
    if allowed is not None:
        yield from _unknown(place, category, f"category of {feature}", allowed)


def _in_offers(portfolio: Portfolio) -> Iterator[Fault]:
    """Yield the kinds of product that are offered and do not exist."""
    allowed = listed_values(portfolio, "products", "product_type")
    if allowed is None:
        return
    for i, entry in enumerate(portfolio.product_catalogue):
        yield from _unknown(("product_catalogue", i, "product_type"), entry.product_type, "product type", allowed)
    for name, campaign in portfolio.campaigns.items():
        yield from _unknown(("campaigns", name, "product_type"), campaign.product_type, "product type", allowed)
