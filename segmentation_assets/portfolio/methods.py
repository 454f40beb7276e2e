"""The methods that a lens may name, found by their files, and what each takes.

They stand above this room and use what is between; they are imported only to judge a lens that names them.
"""

from collections.abc import Collection
from functools import cache
from importlib import import_module
from typing import Protocol

from segmentation_assets.rooms import modules_of, name_of

ROOM = "segmentation_assets.segments.methods"


class Taking(Protocol):
    """What of a method decides whether a lens may name it."""

    kinds: Collection[str]
    knows_weights: bool


@cache
def method_names() -> tuple[str, ...]:
    """Return the names of the methods, without importing any of them."""
    return tuple(name_of(module) for module in modules_of(ROOM))


def taken_by(method: str) -> Taking:
    """Return what a method takes."""
    found: Taking = import_module(f"{ROOM}.{method}").METHOD
    return found
