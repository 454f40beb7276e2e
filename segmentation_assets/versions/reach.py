"""The definitions that a function reaches: those it names, those that these name, and so on to the end.

A method of a reached class counts if anything that is reached names an attribute like it, as in rapid type analysis
(Bacon and Sweeney, OOPSLA 1996); those that Python calls by itself always count.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from segmentation_assets.versions.source_files import BODY, Definition, SourceFile, modules_below, read_module

Place = tuple[str, str]
"""A module and a definition in it; a method follows its class after a dot."""

_COUNTED_ELSEWHERE = (
    "settings", "errors", "days", "blueprint", "warehouse", "sources", "checking", "versions", "planning",
    "history.night", "history.recipes", "history.versions",
)  # fmt: skip
_IN_WAREHOUSE = ("warehouse.sql",)
_SHOWN = ("defs", "pictures", "clustering.evaluation.scorecard_plot")
"""What a person sees, and what stands between a table and Dagster."""
_DECLARED = {"table", "string", "integer", "number", "boolean", "day", "Column", "Table"}
"""What declares columns: they count by the ledger's schema version."""


_NOTHING = Definition("", [], [])


class Reach:
    """Everything that some roots reach.

    Parameters
    ----------
    roots : functions and classes of this package, a class with all its methods; a text is a module or a package with
        all that it defines.
    """

    def __init__(self, roots: Iterable[Callable[..., Any] | str]) -> None:
        self.definitions: dict[Place, Definition] = {}
        self._uses: dict[Place, set[Place]] = {}
        self._attributes: set[str] = set()
        self._methods: dict[Place, Mapping[str, Definition]] = {}
        self._roots = {place for root in roots for place in _places(root)}
        for place in sorted(self._roots):
            self._add(place)
            self._attributes.update(self._methods.get(place, ()))
        self._add_methods()

    def _add(self, place: Place) -> None:
        waiting = [place]
        while waiting:
            place = waiting.pop()
            definition = _definition_at(place)
            if definition is None or place in self.definitions or not self._counts(place, definition):
                continue
            if definition.methods is not None:
                self._methods[place] = definition.methods
                if _is_portfolio(place):  # its fields count as what was given
                    self.definitions[place] = _NOTHING
                    continue
            self.definitions[place] = definition
            waiting += [(place[0], BODY), *self._follow(place, definition)]

    def lines(self) -> list[str]:
        """Return a line for each definition, sorted: its name, its digest, and those of what it uses.

        Where a file lies decides no row, so that a module may be moved; what stands behind a name does, so that two
        definitions of one name may not change places unseen.
        """
        told = []
        for place, definition in self.definitions.items():
            used = {self.definitions[found].digest for found in self._uses.get(place, ()) if found in self.definitions}
            told.append(" ".join([place[1], definition.digest, *sorted(used)]))
        return sorted(told)

    def _counts(self, place: Place, definition: Definition) -> bool:
        module, name = place
        if place in self._roots or _is_below(module, _IN_WAREHOUSE):
            return True
        if _is_below(module, (*_COUNTED_ELSEWHERE, *_SHOWN)):
            return False
        return not (_is_below(module, ("tables",)) and name.isupper() and _DECLARED & set(definition.names))

    def _follow(self, place: Place, definition: Definition) -> set[Place]:
        """Return where the names that a definition uses are defined, and remember it."""
        self._uses[place] = set(self._used(place[0], definition))
        return self._uses[place]

    def _used(self, module: str, definition: Definition) -> Iterator[Place]:
        self._attributes.update(definition.attributes)
        said = read_module(module)
        imports = {**(said.imports if said else {}), **definition.imports}
        for name in definition.names:
            if name in imports:
                yield from _home(*imports[name], definition.attributes)
            else:
                yield module, name

    def _add_methods(self) -> None:
        """Add the methods that are called by name, until none is new."""
        n_before = -1
        while len(self.definitions) != n_before:
            n_before = len(self.definitions)
            for (module, name), methods in list(self._methods.items()):
                for method, definition in methods.items():
                    place = (module, f"{name}.{method}")
                    called = method in self._attributes or (_is_special(method) and not _is_portfolio(place))
                    if called and place not in self.definitions:
                        self.definitions[place] = definition
                        for used in self._follow(place, definition):
                            self._add(used)


def _places(root: Callable[..., Any] | str) -> list[Place]:
    if isinstance(root, str):
        modules = {module: read_module(module) for module in modules_below(root)}
        return [(module, name) for module, said in modules.items() if said for name in said.definitions]
    place = (root.__module__.partition(".")[2], root.__qualname__)
    if _definition_at(place) is None:
        raise KeyError(f"{root.__module__} defines no {root.__qualname__!r} at its top level.")
    return [place]


def _definition_at(place: Place) -> Definition | None:
    said = read_module(place[0])
    name, _, method = place[1].partition(".")
    found = said.definitions.get(name) if said else None
    return (found.methods or {}).get(method) if found and method else found


def _home(module: str, name: str, attributes: Iterable[str]) -> Iterator[Place]:
    """Yield where an imported name gets its meaning; of a module, what of it is named after a dot."""
    below = f"{module}.{name}" if name else module
    if (whole := read_module(below)) is not None:
        yield from ((below, attribute) for attribute in attributes if attribute in whole.definitions)
    elif (said := read_module(module)) is not None:
        yield from _handed_on(module, said, name, attributes)


def _handed_on(module: str, said: SourceFile, name: str, attributes: Iterable[str]) -> Iterator[Place]:
    if name in said.definitions or name not in said.imports:
        yield module, name
    else:
        yield from _home(*said.imports[name], attributes)


def _is_below(module: str, packages: Iterable[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _is_portfolio(place: Place) -> bool:
    return _is_below(place[0], ("portfolio",))


def _is_special(method: str) -> bool:
    return method.startswith("__") and method.endswith("__")
