"""Units of money: every amount is in the portfolio's currency, whatever a unit that was copied along says."""

from segmentation_assets.currencies import CODES
from segmentation_assets.portfolio.schema import Portfolio
from segmentation_assets.portfolio.validation.faults import Place


def foreign_units(portfolio: Portfolio) -> dict[Place, tuple[str, str]]:
    """Return the units in another currency than the portfolio's, by place, each with what is meant.

    Amounts in another currency are turned away where a file marks them, so none of them reaches a feature.
    """
    units: dict[Place, str] = {("features", name, "unit"): f.unit for name, f in portfolio.features.items()}
    units["value", "unit"] = portfolio.value.unit
    found = {}
    for place, unit in units.items():
        code, _, rest = unit.partition(" ")
        if code in CODES and portfolio.currency in CODES and code != portfolio.currency:
            found[place] = (unit, f"{portfolio.currency} {rest}".strip())
    return found


def in_own_currency(portfolio: Portfolio) -> Portfolio:
    """Return the portfolio with its units of money in its own currency."""
    meant = foreign_units(portfolio)
    if not meant:
        return portfolio
    features = {
        name: feature.model_copy(update={"unit": meant["features", name, "unit"][1]})
        if ("features", name, "unit") in meant
        else feature
        for name, feature in portfolio.features.items()
    }
    value = portfolio.value
    if ("value", "unit") in meant:
        value = value.model_copy(update={"unit": meant["value", "unit"][1]})
    return portfolio.model_copy(update={"features": features, "value": value})
