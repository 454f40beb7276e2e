"""What is held of a change: it makes stale what may come out otherwise by it, and nothing else."""

from collections.abc import Mapping
from pathlib import Path

from segmentation_assets_tests.versions.mutations import Mutation

Made = Mapping[str, Mapping[str, str]]


def beyond(name: str, first_hand: Mapping[str, set[str]]) -> set[str]:
    """Return all that is made from a table, at first hand or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = first_hand[waiting.pop()] - found
        found |= new
        waiting += new
    return found - {name}


def judge(mutation: Mutation, before: Made, after: Made, downstream: Mapping[str, set[str]]) -> None:
    """Hold a change against what was made before and after it.

    Parameters
    ----------
    before, after : code version and rows of every table.
    downstream : by table, all that is made from it.
    """
    assert before.keys() == after.keys()
    made_otherwise = {name for name in before if before[name]["version"] != after[name]["version"]}
    came_out_otherwise = {name for name in before if before[name]["rows"] != after[name]["rows"]}
    below = set().union(*(downstream[name] for name in made_otherwise))
    of_itself = {name for name in made_otherwise if not any(name in downstream[o] for o in made_otherwise - {name})}
    assert came_out_otherwise <= made_otherwise | below, "rows changed that are taken for current"
    assert made_otherwise <= mutation.stale | set().union(*(downstream[name] for name in mutation.stale))
    assert of_itself <= mutation.stale <= made_otherwise
    assert bool(came_out_otherwise & mutation.stale) == mutation.moves_rows


def changed(mutation: Mutation, at: Path) -> None:
    file = at / mutation.file
    text = file.read_text(encoding="utf-8")
    assert mutation.old in text, f"{mutation.file} no longer says {mutation.old!r}"
    file.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
