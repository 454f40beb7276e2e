"""The version of the code behind an asset: a fingerprint of what the code says, not of how it is laid out."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

# What these say reaches a result by other ways: a declaration by the ledger's schema version, the portfolio and the
# settings as `data`. Errors and pictures decide nothing.
_COUNTED_ELSEWHERE = ("tables", "portfolio", "settings", "errors", "days", "defs", "warehouse")
_PICTURES = ("personas.plots", "clustering._scorecard_plot")


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


@cache
def _imports(file: str) -> frozenset[str]:
    """Return the modules of this package that a file imports, by their names below it."""
    found = set()
    for node in ast.walk(_tree(file)):
        for name in _imported(node, file):
            if not any(name == other or name.startswith(f"{other}.") for other in (*_COUNTED_ELSEWHERE, *_PICTURES)):
                found.add(name)
    return frozenset(found)


def _imported(node: ast.AST, file: str) -> Iterator[str]:
    """Name the modules of this package that a statement imports."""
    if isinstance(node, ast.Import):
        yield from (name for alias in node.names if (name := _below(alias.name)))
    elif isinstance(node, ast.ImportFrom) and (origin := _origin(node, file)):
        yield from (_home(origin, alias.name) for alias in node.names)


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
    front = f"{module.replace('.', '/')}/__init__.py"
    for node in ast.walk(_tree(front)):
        if isinstance(node, ast.ImportFrom) and (origin := _origin(node, front)):
            for alias in node.names:
                if name == (alias.asname or alias.name):
                    return _home(origin, alias.name)
    return f"{module}.__init__"


@cache
def _fingerprint(file: str, definition: str) -> str:
    tree = _tree(file)
    if definition:
        named = [node for node in tree.body if getattr(node, "name", None) == definition]
        if not named:
            raise KeyError(f"{file} defines no {definition!r} at its top level.")
        return ast.unparse(_without_docstrings(named[0]))
    return ast.unparse(_without_docstrings(tree))


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse(PACKAGE.joinpath(file).read_text(encoding="utf-8"))


def _without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree
