"""The version of the code behind a table: a fingerprint of all definitions that decide its rows.

The idea is sqlmesh's, whose models are versioned by what their Python reaches (`utils/metaprogramming.py` there).
"""

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any

from segmentation_assets.versions.reach import Reach

Root = Callable[..., Any] | str


def fingerprint(*roots: Root, data: str = "") -> str:
    """Return 12 hex digits that change when code that the roots reach changes, or `data` does.

    Parameters
    ----------
    roots : the functions and classes that make a table's rows; a text is a module or package with all that it defines.
    data : whatever else decides them: SQL text, and the parts of the portfolio that they are given (`given`).
    """
    digest = hashlib.sha256(data.encode())
    digest.update(_code(frozenset(roots)).encode())
    return digest.hexdigest()[:12]


@cache
def _code(roots: frozenset[Root]) -> str:
    return "\n".join(Reach(roots).lines())
