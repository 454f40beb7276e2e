"""Rooms whose files are found by their names, so that a new file is all that a new thing needs."""

from importlib import import_module
from pkgutil import iter_modules


def modules_of(room: str) -> list[str]:
    """Return the full names of a room's modules, in alphabetical order, without importing any of them.

    A file that others share begins with an underscore.
    """
    return _inside(room, are_rooms=False)


def rooms_of(room: str) -> list[str]:
    """Return the full names of the rooms inside a room, in alphabetical order."""
    return _inside(room, are_rooms=True)


def name_of(module: str) -> str:
    """Return the name of a module or room without those that it lies in."""
    return module.rpartition(".")[2]


def _inside(room: str, *, are_rooms: bool) -> list[str]:
    found = [one for one in iter_modules(import_module(room).__path__) if one.ispkg == are_rooms]
    return sorted(f"{room}.{one.name}" for one in found if not one.name.startswith("_"))
