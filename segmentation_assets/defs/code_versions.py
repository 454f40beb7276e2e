"""The version of the code behind an asset: a fingerprint of what the code says, not of how it is laid out.

To parse the package takes a second, so what a file says is kept beside its bytecode, under the checksum of its text.
"""

import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

# What these say reaches a result by other ways: a declaration by the ledger's schema version, the portfolio and the
# settings as `data`. Errors and pictures decide nothing.
_COUNTED_ELSEWHERE = ("tables", "portfolio", "settings", "errors", "days", "defs", "warehouse")
_PICTURES = ("personas.pictures", "clustering.evaluation.scorecard_plot")
_OWN_TEXT = Path(__file__).read_bytes()


def code_version(*modules: str, data: str = "") -> str:
    """Return 12 hex digits that change when the named modules, what they import of this package, or `data` change.

    Comments, blank lines, formatting and docstrings are left out, so that mending a sentence makes no table stale.

    Parameters
    ----------
    modules : modules or packages below this package, such as ``cleaning`` or ``segments.training``; with a colon, one
        function or class of a module without what that imports, such as ``defs.raw:build_raw``.
    data : whatever else decides the result: SQL text, the portfolio as JSON.
    """
    digest = hashlib.sha256(data.encode())
    for file, name in sorted({part for module in modules for part in _parts(module)}):
        digest.update(f"{file}:{name}\n{_fingerprint(file, name)}\n".encode())
    return digest.hexdigest()[:12]


@cache
def _parts(module: str) -> frozenset[tuple[str, str]]:
    """Return the files that a name stands for, each with the name of the one definition meant or an empty one."""
    name, _, definition = module.partition(":")
    if definition:
        return frozenset({(f"{name.replace('.', '/')}.py", definition)})
    found: set[str] = set()
    waiting = [*_files(name)]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += [other for imported in _imports(file) for other in _files(imported)]
    return frozenset((file, "") for file in found)


def _files(module: str) -> list[str]:
    """Return the files of a module or package, relative to this package; none for a name within a module."""
    path = PACKAGE.joinpath(*module.split("."))
    if path.is_dir():
        return [file.relative_to(PACKAGE).as_posix() for file in sorted(path.rglob("*.py"))]
    return [f"{module.replace('.', '/')}.py"] if path.with_suffix(".py").is_file() else []


@dataclass(frozen=True)
class _Said:
    """What a file says: each name that it imports from this package, and a digest of all and of each definition.

    `imports` holds the module, the name there (empty where the module itself is imported) and the name here.
    """

    imports: list[tuple[str, str, str]]
    fingerprints: dict[str, str]


@cache
def _imports(file: str) -> frozenset[str]:
    """Return the modules of this package that a file imports, by their names below it."""
    found = {_home(module, name) if name else module for module, name, _ in _said(file).imports}
    uncounted = (*_COUNTED_ELSEWHERE, *_PICTURES)
    return frozenset(m for m in found if not any(m == other or m.startswith(f"{other}.") for other in uncounted))


def _fingerprint(file: str, definition: str) -> str:
    """Return the digest of a file, or of one definition at its top level."""
    found = _said(file).fingerprints
    if definition not in found:
        raise KeyError(f"{file} defines no {definition!r} at its top level.")
    return found[definition]


@cache
def _said(file: str) -> _Said:
    """Return what a file says, from beside its bytecode where that is of the same text."""
    path = PACKAGE / file
    source = path.read_bytes()
    kept = Path(cache_from_source(str(path), optimization="said")).with_suffix(".json")
    mark = f"{hashlib.sha256(source + _OWN_TEXT).hexdigest()} {sys.version}"
    with suppress(OSError, ValueError, KeyError, TypeError):
        stored = json.loads(kept.read_bytes())
        if stored["mark"] == mark:
            return _Said(stored["imports"], stored["fingerprints"])
    said = _parsed(file, ast.parse(source))
    with suppress(OSError):  # an installed package may lie where this user cannot write
        kept.parent.mkdir(exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({"mark": mark, **asdict(said)}), encoding="utf-8")
        fresh.replace(kept)
    return said


def _parsed(file: str, tree: ast.Module) -> _Said:
    imports = [imported for node in ast.walk(tree) for imported in _imported(node, file)]
    _remove_docstrings(tree)
    named = {name: ast.unparse(node) for node in tree.body if (name := getattr(node, "name", None))}
    texts = {"": ast.unparse(tree), **named}
    return _Said(imports, {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()})


def _imported(node: ast.AST, file: str) -> Iterator[tuple[str, str, str]]:
    """Name what a statement imports from this package."""
    if isinstance(node, ast.Import):
        yield from ((name, "", name) for alias in node.names if (name := _below(alias.name)))
    elif isinstance(node, ast.ImportFrom) and (origin := _origin(node, file)):
        yield from ((origin, alias.name, alias.asname or alias.name) for alias in node.names)


def _origin(node: ast.ImportFrom, file: str) -> str:
    """Return the module of this package that names are imported from; empty for one of another's."""
    if not node.level:
        return _below(node.module or "")
    return ".".join([*Path(file).parts[: -node.level], *([node.module] if node.module else [])])


def _below(module: str) -> str:
    package, _, below = module.partition(".")
    return below if package == PACKAGE.name else ""


def _home(module: str, name: str) -> str:
    """Return the module that gives a name its meaning: a package only hands on what it imports."""
    if not PACKAGE.joinpath(*module.split(".")).is_dir():
        return module
    if _files(f"{module}.{name}"):
        return f"{module}.{name}"
    for origin, original, known_as in _said(f"{module.replace('.', '/')}/__init__.py").imports:
        if name == known_as and original:
            return _home(origin, original)
    return f"{module}.__init__"


def _remove_docstrings(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
