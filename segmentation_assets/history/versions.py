"""The version of what makes a table: a fingerprint of the code that it reaches, its SQL and what it is given.

Where other days' tables may be made in memory on the way, what makes those counts too.
"""

from collections.abc import Iterator, Mapping
from operator import attrgetter

from segmentation_assets.blueprint import Blueprint
from segmentation_assets.checking.queries import feature_query
from segmentation_assets.cleaning import Cleaner
from segmentation_assets.history.asset_sql import query_of, upstream_of
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.portfolio.sources import PLACES
from segmentation_assets.segments.requests import with_request
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.requests import RETRAINING_REQUESTS
from segmentation_assets.tables.snapshots import joined
from segmentation_assets.versions import fingerprint, said_in
from segmentation_assets.warehouse.sql.exact_sums import make_sums_exact
from segmentation_assets.warehouse.sql.queries import transpile

_OF_READING = {*PLACES, "encoding", "snapshot_column", "columns", "not_delivered"}
"""What says where rows lie and how they are read: what was read is in the raw tables."""
_OF_TAKING = {"required", "max_rejected_share"}
"""What says whether a delivery is taken at all."""
_OF_PAST_DAYS = "history.resolver"
"""Where it is decided how another day's table is come to."""


def versions_of(blueprint: Blueprint) -> dict[str, str]:
    """Return the version of every table that is no mart, by name."""
    portfolio = blueprint.portfolio
    versions = {f"raw_{table.name}": raw_version(portfolio) for table in portfolio.input_tables}
    core = core_version(portfolio)
    versions |= dict.fromkeys([*(table.name for table in portfolio.input_tables), "rejected_rows"], core)
    versions |= {"customer_features": features_version(portfolio), RETRAINING_REQUESTS.name: requests_version()}
    own = {name: _own_part(blueprint, asset) for name, asset in blueprint.assets.items() if not asset.made_by}
    for name, asset in blueprint.assets.items():
        step = asset.made_by or name
        remade = sorted(remade_for(blueprint, blueprint.assets[step]) - {step})
        behind = "\n".join(f"{other} {own.get(other) or versions[other]}" for other in remade)
        versions[name] = fingerprint(data=f"{own[step]}\n{behind}")
    return versions


def raw_version(portfolio: Portfolio) -> str:
    """Return the version of what reads deliveries."""
    read = {name: source.model_dump_json(include=_OF_READING) for name, source in portfolio.sources.items()}
    decided = (read, declarations_of(portfolio), portfolio.synthetic, portfolio.history_start)
    return fingerprint("sources", data=repr(decided))


def core_version(portfolio: Portfolio) -> str:
    """Return the version of what cleaning decides."""
    elsewhere = (_OF_READING | _OF_TAKING) - {"not_delivered"}
    judged_by = {name: source.model_dump_json(exclude=elsewhere) for name, source in portfolio.sources.items()}
    return fingerprint(Cleaner, joined, data=repr((judged_by, declarations_of(portfolio), portfolio.currency)))


def declarations_of(portfolio: Portfolio) -> list[tuple[object, ...]]:
    """Return what the declarations of the input tables decide of their rows: all but the words on them."""
    decided = attrgetter("name", "type", "is_required", "references", "may_be_absent")
    return [(table.name, table.key, *map(decided, table.columns)) for table in portfolio.input_tables]


def features_version(portfolio: Portfolio) -> str:
    """Return the version of the SQL that makes features."""
    return fingerprint(transpile, make_sums_exact, data=said_in(feature_query(portfolio).sql))


def requests_version() -> str:
    """Return the version of the code that writes requests down."""
    return fingerprint(with_request)


def _own_part(blueprint: Blueprint, asset: Asset) -> str:
    """Return what an asset's own code, SQL and parts of the portfolio come to."""
    query = query_of(blueprint, asset)
    roots = [
        *([asset.make] if asset.make else ()),
        *([transpile, make_sums_exact] if query else ()),
        *(asset.code(blueprint.portfolio) if asset.code else ()),
    ]
    given = [asset.given(blueprint.portfolio)] if asset.given else []
    past = [_OF_PAST_DAYS] if asset.asks_for else []
    return fingerprint(*roots, *past, data="\n".join([*given, *([said_in(query.sql)] if query else [])]))


def remade_for(blueprint: Blueprint, asset: Asset) -> set[str]:
    """Return the tables that may be made in memory on the way to an asset: those asked for, and all behind them."""
    found: set[str] = set()
    waiting = list(asset.asks_for)
    while waiting:
        name = waiting.pop()
        step = _step_of(blueprint.assets, name)
        if step not in found and not step.startswith("raw_") and step != RETRAINING_REQUESTS.name:
            found.add(step)
            waiting += _behind(blueprint, step)
    return found


def _step_of(assets: Mapping[str, Asset], name: str) -> str:
    return (assets[name].made_by or name) if name in assets else name


def _behind(blueprint: Blueprint, name: str) -> Iterator[str]:
    asset = blueprint.assets.get(name)
    if asset is not None:
        yield from (*upstream_of(blueprint, asset), *asset.asks_for)
    elif name == "customer_features":
        yield "customers"  # core tables are made by one code
