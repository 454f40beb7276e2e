"""Which products a segment holds, lacks and buys next, as its profile shows.

A product is never proposed to a segment of which more than half hold it. What a segment holds of a product is the
largest share that any feature shows: the main product alone says too little, and categories that were lumped together
(`OTHER`) may hold it, so they count as if they did.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from segmentation_assets.personas.claims.feature_names import FLAG, NO, YES, label
from segmentation_assets.personas.profiles.differences import share_exceeds
from segmentation_assets.personas.profiles.segment_profiles import OTHER
from segmentation_assets.personas.profiles.shares import among_all
from segmentation_assets.personas.profiles.telling import JOINT
from segmentation_assets.portfolio.features import Feature, Role, Words
from segmentation_assets.portfolio.schema import CatalogueEntry

MOST = 0.5
_NEXT_SHARE = 0.4


@dataclass(frozen=True)
class Product:
    """A product, with the shares of a segment and of the others that have it, by the feature that shows the most."""

    name: str
    feature: str
    own: float
    n: int
    others: float
    n_others: int
    words: Words | None = None
    is_held: bool = False

    @property
    def is_lacked(self) -> bool:
        """Whether clearly more of the others have it, and most of the segment do not."""
        return self.own <= MOST and share_exceeds(self.others, self.n_others, self.own, self.n)


def rows_of_role(
    profile: pd.DataFrame, features: Mapping[str, Feature], role: Role
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the categorical features of a role that the profile holds, in the portfolio's order, with their rows."""
    profile = among_all(profile, features)
    for name, feature in features.items():
        if feature.role == role and feature.kind == "categorical":
            rows = profile[profile["feature"] == name]
            if len(rows):
                yield name, rows


def held_products(profile: pd.DataFrame, features: Mapping[str, Feature], *, least: int) -> dict[str, Product]:
    """Return what is known of each product, by name: of its holders, else of those whose main product it is.

    Features of which fewer than `least` customers of the segment have a value say nothing.
    """
    found: dict[str, Product] = {}
    words: dict[str, Words] = {}
    names = _names(profile, features)
    for name, feature in features.items():
        if feature.role not in ("product", "holdings"):
            continue
        rows = profile[profile["feature"] == name]
        if len(rows):
            words |= {key: said for key, said in feature.values.items() if not said.covers}
            for product in _products(name, feature, rows, names):
                before = found.get(product.name)
                if product.n >= least and (before is None or product.own >= before.own):
                    found[product.name] = product
    return {name: _with_words(product, words.get(name)) for name, product in sorted(found.items())}


def _with_words(product: Product, words: Words | None) -> Product:
    return Product(**{**product.__dict__, "words": words})


def _names(profile: pd.DataFrame, features: Mapping[str, Feature]) -> set[str]:
    """Return every product that some feature names: another one may have it among what was lumped together."""
    named: set[str] = set()
    for role in ("product", "holdings", "next_product"):
        for _, rows in rows_of_role(profile, features, role):
            named |= {name for category in rows["category"] for name in _parts(category, is_held=role == "holdings")}
    return named


def _parts(category: str, *, is_held: bool) -> list[str]:
    return category.split(JOINT) if is_held else [category]


def _products(name: str, feature: Feature, rows: pd.DataFrame, names: Collection[str]) -> Iterator[Product]:
    """Yield each product of a feature with the shares of those who have it, alone or beside others.

    A number from 0 to 1 and a yes or no are about one product, which is called as the feature is.
    """
    called, is_held = FLAG.sub("", label(name, feature)), feature.role == "holdings"
    if feature.kind == "numeric":
        row = rows.iloc[0]
        if 0 <= row["mean"] <= 1 and 0 <= row["others_mean"] <= 1:
            counts = int(row["n_customers"]), int(row["n_others"])
            yield Product(called, name, float(row["mean"]), counts[0], float(row["others_mean"]), counts[1])
        return
    if {category.casefold() for category in rows["category"]} <= YES | NO | {""}:
        rows = rows.assign(category=[called if c.casefold() in YES else "" for c in rows["category"]])
        is_held = False
    yield from _of_categories(name, rows, names, is_held=is_held)


def _of_categories(feature: str, rows: pd.DataFrame, names: Collection[str], *, is_held: bool) -> Iterator[Product]:
    records = rows.sort_values("category").to_dict("records")
    n, n_others = int(records[0]["n_customers"]), int(records[0]["n_others"])
    lumped = sum(row["share"] for row in records if row["category"] == OTHER) if n else 0.0
    sets = {row["category"]: _parts(row["category"], is_held=is_held) for row in records}
    own_names = {name for parts in sets.values() for name in parts}
    for name in sorted({*own_names, *(names if lumped > MOST else ())} - {OTHER, ""}):
        with_it = [row for row in records if name in sets[row["category"]]]
        own, others = (sum(row[key] for row in with_it) for key in ("share", "others_share"))
        yield Product(name, feature, min(1.0, own + lumped), n, others, n_others, is_held=is_held)


def lacked_product(
    products: Mapping[str, Product], profile: pd.DataFrame, catalogue: Sequence[CatalogueEntry], *, least: int
) -> Product | None:
    """Return the product that the others have most beyond the segment, which may buy it; None where there is none."""
    lacked = [
        p for p in products.values()
        if p.is_lacked and p.others * p.n_others >= least and may_buy(p.name, profile, catalogue)
    ]  # fmt: skip
    return max(lacked, key=lambda p: (p.others - p.own, p.name), default=None)


def next_product(
    products: Mapping[str, Product],
    profile: pd.DataFrame,
    features: Mapping[str, Feature],
    catalogue: Sequence[CatalogueEntry],
    *,
    least: int,
) -> Product | None:
    """Return the product that most often is the second one of the segment's customers, if it may be proposed.

    It must be that of two fifths of those with a second one, and of `least` customers.
    """
    for name, rows in rows_of_role(profile, features, "next_product"):
        known = [row for row in rows.to_dict("records") if row["category"] not in (OTHER, "")]
        first = max(known, key=lambda row: (row["share"], row["category"]), default=None)
        if first is None or not first["share"] >= _NEXT_SHARE or first["share"] * first["n_customers"] < least:
            continue
        product = str(first["category"])
        held = products.get(product)
        words = features[name].values.get(product) or (held.words if held else None)
        if (held is None or held.own <= MOST) and may_buy(product, profile, catalogue):
            return Product(
                product, name, first["share"], first["n_customers"], first["others_share"], first["n_others"], words
            )
    return None


def may_buy(product: str, profile: pd.DataFrame, catalogue: Sequence[CatalogueEntry]) -> bool:
    """Tell whether a segment's means lie within what the catalogue asks of a buyer, as far as both know."""
    numbers = profile[profile["kind"] == "numeric"]
    means = dict(zip(numbers["feature"], numbers["mean"], strict=True))
    for entry in catalogue:
        for name, asked in entry.ranges.items() if entry.product_type == product else ():
            mean = means.get(name)
            is_below = mean is not None and asked.low is not None and mean < asked.low
            is_above = mean is not None and asked.high is not None and mean > asked.high
            if is_below or is_above:
                return False
    return True
