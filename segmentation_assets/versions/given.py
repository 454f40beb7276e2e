"""The parts of a portfolio that the maker of a table is given, as text: what else they say changes no version."""

import json
from collections.abc import Collection
from typing import Any

from segmentation_assets.portfolio import Portfolio


def given(
    portfolio: Portfolio,
    *keys: str,
    lens: Collection[str] = (),
    feature: Collection[str] = (),
    features: Collection[str] | None = None,
) -> str:
    """Return parts of a portfolio as JSON.

    Parameters
    ----------
    keys : keys of the portfolio that are given whole.
    lens : keys of every lens.
    feature : keys of each of the features given.
    features : which features those are; by default those that any lens tells customers apart by.
    """
    if features is None:
        features = {name for one in portfolio.lenses.values() for name in one.features}
    parts: dict[str, Any] = {key: portfolio.model_dump(mode="json", include={key}) for key in keys}
    parts["lenses"] = {
        name: one.model_dump(mode="json", include=set(lens)) for name, one in sorted(portfolio.lenses.items())
    }
    parts["features"] = {
        name: portfolio.features[name].model_dump(mode="json", include=set(feature)) for name in sorted(features)
    }
    return json.dumps(parts)
