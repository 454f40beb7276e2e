"""How every table but the marts is made, for those who ask what is current."""

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.queries import feature_query, made_from
from segmentation_assets.history.asset_sql import upstream_of
from segmentation_assets.history.versions import versions_of
from segmentation_assets.planning import Recipe
from segmentation_assets.tables.requests import RETRAINING_REQUESTS


def recipes_of(blueprint: Blueprint) -> dict[str, Recipe]:
    """Return the recipes by name, in the order data flows."""
    versions, upstream = versions_of(blueprint), _upstream(blueprint)
    return {
        name: Recipe(
            blueprint.tables[name],
            code_version=version,
            upstream=tuple(sorted(upstream.get(name, ()))),
            further=_further(blueprint, name),
            is_delivered=name.startswith("raw_") or name == RETRAINING_REQUESTS.name,
        )
        for name, version in versions.items()
    }


def _upstream(blueprint: Blueprint) -> dict[str, tuple[str, ...]]:
    """Return the tables of the same day that each is made from."""
    inputs = [table.name for table in blueprint.portfolio.input_tables]
    raw = tuple(f"raw_{name}" for name in inputs)
    found = dict.fromkeys([*inputs, "rejected_rows"], raw)
    found["customer_features"] = tuple(made_from(feature_query(blueprint.portfolio)))
    found[RETRAINING_REQUESTS.name] = ("raw_customers",)
    for name, asset in blueprint.assets.items():
        found[name] = upstream_of(blueprint, blueprint.assets[asset.made_by or name])
    return found


def _further(blueprint: Blueprint, name: str) -> dict[str, str]:
    asset = blueprint.assets.get(name)
    step = blueprint.assets[asset.made_by or name] if asset else None
    return dict(step.other_days(blueprint)) if step and step.other_days else {}
