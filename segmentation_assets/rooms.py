"""Rooms whose files are found by their names, so that a new file is all that a new thing needs."""

from importlib import import_module
from pkgutil import iter_modules


def modules_of(room: str) -> list[str]:
    """Return the full names of a room's modules, in alphabetical order, without importing any of them.

    A file that others share begins with an underscore.
    """
    found = iter_modules(import_module(room).__path__)
    return sorted(f"{room}.{module.name}" for module in found if not module.name.startswith("_"))
