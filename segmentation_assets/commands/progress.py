"""How a run shows on a terminal: a line for each table as it is made."""

from collections.abc import Callable
from typing import Any

from segmentation_assets.commands.terminal import Terminal


def teller(console: Terminal) -> Callable[[Any], None]:
    """Return a function that prints the tables that a run's events say were made, each once."""
    from segmentation_assets.defs.progress import materialised

    told: set[tuple[str, str]] = set()

    def tell(event: Any) -> None:
        if made := materialised(event):
            name, rows = made
            # A run over a range tells of every day; the table is written once.
            if (event.step_key, name) not in told:
                told.add((event.step_key, name))
                counted = "" if rows is None else f"{rows:>12,} rows"
                console.say(f"{name:<30}{counted}", lead="made", style="green", indent=2)

    return tell
