"""The version of the code behind an asset: a fingerprint of what the code says, not of how it is laid out."""

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def code_version(*modules: str, data: str = "") -> str:
    """Return 12 hex digits that change when the named modules or `data` change.

    Comments, blank lines, formatting and docstrings are left out, so that mending a sentence makes no table stale.

    Parameters
    ----------
    modules : modules or packages below this package, such as ``cleaning`` or ``segments.training``.
    data : whatever else decides the result: SQL text, the portfolio as JSON.
    """
    digest = hashlib.sha256(data.encode())
    for module in modules:
        digest.update(_fingerprint(module).encode())
    return digest.hexdigest()[:12]


@cache
def _fingerprint(module: str) -> str:
    path = PACKAGE.joinpath(*module.split("."))
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return "\n".join(ast.unparse(_without_docstrings(ast.parse(file.read_text(encoding="utf-8")))) for file in files)


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree
