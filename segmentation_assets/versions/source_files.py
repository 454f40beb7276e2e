"""What a source file says: its definitions, each with a digest of its text and the names that it uses.

To parse the package takes a second, so what a file says is kept beside its bytecode, under the checksum of its text.
"""

import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
_OWN_TEXT = Path(__file__).read_bytes()
BODY = ""
"""Name of the statements of a file that define nothing: they are run by whoever imports it."""
Imported = tuple[str, str]
"""A module of this package and a name in it, which is empty where the module itself is imported."""


@dataclass(frozen=True)
class Definition:
    """A function, a class without its methods, or a constant: a digest of its text, and the names that it uses.

    `attributes` are names after a dot, `imports` what it imports itself, and `methods` those of a class; they are None
    for what is no class.
    """

    digest: str
    names: list[str]
    attributes: list[str]
    imports: Mapping[str, Imported] = field(default_factory=dict)
    methods: Mapping[str, "Definition"] | None = None


@dataclass(frozen=True)
class SourceFile:
    """Definitions by name, and imports by the name that they are known by here."""

    imports: Mapping[str, Imported]
    definitions: Mapping[str, Definition]


@cache
def read_module(module: str) -> SourceFile | None:
    """Return what a module or the front of a package says; None if this package has no such module.

    `module` is its name below this package: `segments.training`.
    """
    path = PACKAGE.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not path.is_file() and (loaded := sys.modules.get(f"{PACKAGE.name}.{module}")) and loaded.__file__:
        path = Path(loaded.__file__)  # a room may have a further folder on its path
    return _read(path, module) if path.is_file() else None


def modules_below(package: str) -> list[str]:
    """Return the names of a package's modules, itself and those of its rooms included, or of one module."""
    path = PACKAGE.joinpath(*package.split("."))
    if not path.is_dir():
        return [package]
    files = (file.relative_to(PACKAGE).with_suffix("") for file in sorted(path.rglob("*.py")))
    return [".".join(part for part in file.parts if part != "__init__") for file in files]


def _read(path: Path, module: str) -> SourceFile:
    source = path.read_bytes()
    kept = Path(cache_from_source(str(path), optimization="said")).with_suffix(".json")
    mark = f"{hashlib.sha256(source + _OWN_TEXT).hexdigest()} {sys.version}"
    with suppress(OSError, ValueError, KeyError, TypeError):
        stored = json.loads(kept.read_bytes())
        if stored["mark"] == mark:
            return _restored(stored)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    said = parse(source, package)
    with suppress(OSError):  # an installed package may lie where this user cannot write
        kept.parent.mkdir(exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({"mark": mark, **asdict(said)}), encoding="utf-8")
        fresh.replace(kept)
    return said


def _restored(stored: dict) -> SourceFile:
    def definition(told: dict) -> Definition:
        imports = {name: (module, there) for name, (module, there) in told["imports"].items()}
        methods = told["methods"]
        if methods is not None:
            methods = {name: definition(method) for name, method in methods.items()}
        return Definition(told["digest"], told["names"], told["attributes"], imports, methods)

    imports = {name: (module, there) for name, (module, there) in stored["imports"].items()}
    return SourceFile(imports, {name: definition(told) for name, told in stored["definitions"].items()})


def parse(source: bytes, package: str) -> SourceFile:
    """Read a file of a package of ours, whose name is empty for the outermost one.

    Comments, layout and docstrings count for nothing, so that mending a sentence makes no table stale; nor do the
    words of an error, which no row is made of.
    """
    tree = ast.parse(source)
    _Plain().visit(tree)
    imports: dict[str, Imported] = {}
    definitions: dict[str, Definition] = {}
    body: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.update(_imported(node, package))
        elif names := _defined(node):
            found = _of_class(node, package) if isinstance(node, ast.ClassDef) else _definition([node], package)
            definitions.update(dict.fromkeys(names, found))
        else:
            body.append(node)
    if body:
        definitions[BODY] = _definition(body, package)
    return SourceFile(imports, definitions)


class _Plain(ast.NodeTransformer):
    """Takes away what decides nothing: sentences that stand by themselves and the words of errors."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        is_sentence = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return ast.copy_location(ast.Pass(), node) if is_sentence else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call):
            node.exc = node.exc.func
        return self.generic_visit(node)


def _defined(node: ast.stmt) -> list[str]:
    """Return the names that a statement at the top of a file defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        found = [name for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        return [name.id for name in found if isinstance(name.ctx, ast.Store)]
    return [node.target.id] if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else []


def _of_class(node: ast.ClassDef, package: str) -> Definition:
    functions = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
    methods: dict[str, list[ast.stmt]] = {}
    for function in functions:  # a property and its setter share a name
        methods.setdefault(function.name, []).append(function)
    node.body = [part for part in node.body if part not in functions] or [ast.Pass()]
    header = _definition([node], package)
    return Definition(
        header.digest, header.names, header.attributes, header.imports,
        {name: _definition(parts, package) for name, parts in methods.items()},
    )  # fmt: skip


def _definition(nodes: list[ast.stmt], package: str) -> Definition:
    inside = [node for top in nodes for node in ast.walk(top)]
    imports: dict[str, Imported] = {}
    places: set[str] = set()
    for node in inside:
        if isinstance(node, ast.Import | ast.ImportFrom) and (found := dict(_imported(node, package))):
            imports.update(found)
            places.add(ast.unparse(node))
    text = "\n".join(ast.unparse(node) for node in nodes)
    said = "\n".join(
        line for line in text.splitlines() if line.strip() not in places
    )  # where a file lies decides nothing
    return Definition(
        hashlib.sha256(said.encode()).hexdigest(),
        sorted({node.id for node in inside if isinstance(node, ast.Name)} | _quoted(inside)),
        sorted({node.attr for node in inside if isinstance(node, ast.Attribute)}),
        imports,
    )


def _quoted(nodes: list[ast.AST]) -> set[str]:
    """Return types that are named by a text because they are defined further down, such as "Definition"."""
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if text.isidentifier() and text[0].isupper()}


def _imported(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[tuple[str, Imported]]:
    """Name what a statement imports from this package, by the name it is known by here."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if below := _below(alias.name):
                yield alias.asname or alias.name, (below, "")
    elif origin := _origin(node, package):
        yield from ((alias.asname or alias.name, (origin, alias.name)) for alias in node.names)


def _origin(node: ast.ImportFrom, package: str) -> str:
    """Return the module of this package that names are imported from; empty for one of another's."""
    if not node.level:
        return _below(node.module or "")
    parts = package.split(".") if package else []
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _below(module: str) -> str:
    package, _, below = module.partition(".")
    return below if package == PACKAGE.name else ""
