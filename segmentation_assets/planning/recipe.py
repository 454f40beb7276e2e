"""How a table is made, as the graph has it now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from segmentation_assets.tables import Table


@dataclass(frozen=True)
class Recipe:
    """How a table is made.

    Parameters
    ----------
    upstream : tables of which a day is made from its own partition.
    further : tables of which a day is made from other days' partitions, with the word for those days.
    together : the tables that one step makes at once, this one included; none of them can be made alone.
    is_delivered : whether its rows come from outside. Made again they may differ, or not be had at all, so what is
        there is kept, whatever happens to the code that once read them.
    """

    table: Table
    code_version: str | None = None
    upstream: tuple[str, ...] = ()
    further: Mapping[str, str] = field(default_factory=dict)
    together: frozenset[str] = frozenset()
    is_delivered: bool = False


def in_order(recipes: Mapping[str, Recipe]) -> list[str]:
    """Return the tables so that each comes after those it is made from; else as given.

    A table may be made from its own earlier days, which puts it after nothing.
    """
    position = {name: number for number, name in enumerate(recipes)}
    sorter = TopologicalSorter({name: _made_from(recipe, position) for name, recipe in recipes.items()})
    sorter.prepare()
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=position.__getitem__)
        ordered += ready
        sorter.done(*ready)
    return ordered


def _made_from(recipe: Recipe, known: Iterable[str]) -> set[str]:
    return {*recipe.upstream, *recipe.further} & set(known) - {recipe.table.name}
