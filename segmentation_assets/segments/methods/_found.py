"""Methods by name, imported when one is first asked for: a lens that does not use one is not changed by it."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from segmentation_assets.errors import ModelError, choices
from segmentation_assets.portfolio import Portfolio
from segmentation_assets.portfolio.methods import ROOM, method_names
from segmentation_assets.segments.methods._method import Method


@cache
def method_of(name: str) -> Method:
    """Return a method; ModelError if there is none of the name, or its file holds none."""
    if name not in method_names():
        raise ModelError(f"There is no method {name!r}; there are {choices(method_names())}.")
    found = getattr(import_module(f"{ROOM}.{name}"), "METHOD", None)
    if not isinstance(found, Method):
        raise ModelError(f"segments/methods/{name}.py holds no METHOD that is a Method.")
    return found


def code_of(portfolio: Portfolio, part: str = "") -> list[Callable[..., Any] | str]:
    """Return the code of the methods that the lenses of a portfolio use: of one part of them, or of all."""
    used = sorted({lens.method for lens in portfolio.lenses.values()})
    methods = {name: type(method_of(name)) for name in used}
    if part:
        return [getattr(method, part) for method in methods.values()]
    return [f"{ROOM.partition('.')[2]}.{name}" for name in methods]
