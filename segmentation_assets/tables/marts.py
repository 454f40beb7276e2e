"""The packaged marts, found by their files in `assets/marts`: those of any company, and those of one kind."""

from functools import cache
from importlib import import_module
from types import MappingProxyType

from segmentation_assets.errors import TableError
from segmentation_assets.rooms import modules_of, name_of, rooms_of
from segmentation_assets.tables.schema import Table

ROOM = "segmentation_assets.assets.marts"


@cache
def mart_names() -> tuple[str, ...]:
    """Return their names, without importing any: those of their files."""
    return tuple(name_of(file) for file in _files())


@cache
def packaged_marts() -> MappingProxyType[str, Table]:
    """Return the marts by name, those of one kind of company first; no mart reads another.

    Raises
    ------
    TableError
        If a file does not declare a mart of its own name.
    """
    return MappingProxyType({mart.name: mart for mart in map(_declared_in, _files())})


def kind_of(name: str) -> str:
    """Return the kind of company whose mart it is, which is the name of its folder; empty for one of any company."""
    return next((name_of(room) for room in rooms_of(ROOM) if f"{room}.{name}" in _files()), "")


def known_by(kind: str) -> str:
    """Return the input table by which a company is known as one of a kind."""
    table: str = import_module(f"{ROOM}.{kind}").KNOWN_BY
    return table


@cache
def _files() -> list[str]:
    return [file for room in (*rooms_of(ROOM), ROOM) for file in modules_of(room)]


def _declared_in(file: str) -> Table:
    name = name_of(file)
    mart = getattr(import_module(file), name.upper(), None)
    if not isinstance(mart, Table) or (mart.name, mart.stage) != (name, "marts"):
        place = "/".join(file.split(".")[1:])
        raise TableError(f"{place}.py declares no mart called {name.upper()}. A file has the name of its mart.")
    return mart
