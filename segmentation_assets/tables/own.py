"""The assets that every portfolio has, found by their files.

They stand above this room and use those between, so that they are imported when they are first asked for: a new file in
`assets/` is all that a new table needs.
"""

from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from types import MappingProxyType, ModuleType

from segmentation_assets.errors import TableError, choices
from segmentation_assets.rooms import modules_of, name_of, rooms_of
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.schema import STAGES, Table

ROOM = "segmentation_assets.assets"


def _files() -> list[str]:
    """Return the modules of the room, stage by stage."""
    stages = {name_of(room): room for room in rooms_of(ROOM)}
    rooms = [stages[stage] for stage in STAGES if stage in stages and stage != "marts"]  # see `tables.marts`
    return [file for room in rooms for file in modules_of(room)]


@cache
def own_names() -> tuple[str, ...]:
    """Return the names of the tables, without importing what makes them: those of their files."""
    return tuple(name_of(file) for file in _files())


@cache
def own_assets() -> MappingProxyType[str, Asset]:
    """Return the assets by name, in the order data flows.

    Raises
    ------
    TableError
        If a file and what it declares disagree, or assets are made from each other in a circle.
    """
    return MappingProxyType(in_order([declared_in(import_module(file)) for file in _files()]))


def own_tables() -> dict[str, Table]:
    """Return the tables of those assets by name."""
    return {name: asset.table for name, asset in own_assets().items()}


def declared_in(module: ModuleType) -> Asset:
    """Return the asset that a module declares; TableError if it declares none, or one of another name or stage."""
    _, stage, name = module.__name__.rsplit(".", 2)
    place = f"assets/{stage}/{name}.py"
    asset = getattr(module, name.upper(), None)
    if not isinstance(asset, Asset):
        raise TableError(f"{place} declares no Asset called {name.upper()}. A file has the name of its table.")
    if (asset.name, asset.table.stage) != (name, stage):
        raise TableError(
            f"{place} declares {asset.name} of the stage {asset.table.stage!r}. A file has the name of its table and "
            "lies in the folder of its stage."
        )
    if bool(asset.make or asset.sql) == bool(asset.made_by):
        raise TableError(f"{place} must either say how it is made (make or sql) or by whose step it is made (made_by).")
    if asset.name in asset.made_from:
        raise TableError(
            f"{place}: {name} is made from itself on the same day. A day may read earlier days of its own table: "
            "say so in other_days."
        )
    return asset


def in_order(assets: list[Asset]) -> dict[str, Asset]:
    """Return assets by name, each after those that it is made from, stage by stage; TableError where they disagree."""
    by_name = {asset.name: asset for asset in assets}
    if len(by_name) < len(assets):
        twice = sorted({asset.name for asset in assets if by_name[asset.name] is not asset})
        raise TableError(f"Two files in assets/ declare {choices(twice)}. A name is taken once; rename one.")
    for asset in assets:
        maker = by_name.get(asset.made_by)
        if asset.made_by and (maker is None or asset.name not in maker.makes_also):
            raise TableError(f"{asset.name} is made_by {asset.made_by!r}, whose makes_also does not name it.")
        strangers = [name for name in asset.makes_also if name not in by_name or by_name[name].made_by != asset.name]
        if strangers:
            raise TableError(f"{asset.name} says that it makes {choices(strangers)}, which must then be made_by it.")
    sorter = TopologicalSorter({asset.name: _before(asset, by_name) for asset in assets})
    try:
        sorter.prepare()
    except CycleError as error:
        raise TableError(
            f"Tables are made from each other in a circle: {' -> '.join(error.args[1])}. A day's table may be made "
            "from the same day of tables before it, and from earlier days of any."
        ) from None
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda name: (STAGES.index(by_name[name].table.stage), name))
        ordered += ready
        sorter.done(*ready)
    ordered.sort(key=lambda name: STAGES.index(by_name[name].table.stage))
    return {name: by_name[name] for name in ordered}


def _before(asset: Asset, by_name: dict[str, Asset]) -> set[str]:
    """Return the own tables that come before one: what its step is made from."""
    step = by_name.get(asset.made_by, asset)
    return set(step.made_from) & by_name.keys()
