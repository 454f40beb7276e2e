"""How a run shows on a terminal: a line for each table as it is made, and what is to be known when it has ended."""

from typing import Any

from segmentation_assets.commands.console.terminal import Terminal


class Teller:
    """Prints the tables that a run's events say were made, each once, and keeps the notes that come with them."""

    def __init__(self, console: Terminal) -> None:
        self._console = console
        self._rows: dict[tuple[str, str], int | None] = {}
        self._notes: list[str] = []

    def __call__(self, event: Any) -> None:
        """Take an event."""
        from segmentation_assets.defs.runs.progress import materialised, notes

        if made := materialised(event):
            name, of_day = made
            # A run over a range tells of every day; the table is written once.
            rows = of_day if of_day is None else of_day + (self._rows.get((event.step_key, name)) or 0)
            self._rows[event.step_key, name] = rows
            if event.batch_metadata is None or event.batch_metadata.is_end:
                counted = f"{'view':>12}" if rows is None else f"{rows:>12,} rows"
                self._console.say(f"{name:<30}{counted}", lead="made", style="green", indent=2)
            self._notes += [note for note in notes(event) if note not in self._notes]

    def close(self) -> None:
        """Print the notes, each on a line of its own."""
        for note in self._notes:
            self._console.say(note, lead="Note:", style="bold yellow")
        if self._notes:
            self._console.print()
