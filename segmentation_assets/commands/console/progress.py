"""How a run shows on a terminal: a line for each table as it is made, and what is to be known when it has ended."""

from typing import Any

from segmentation_assets.commands.console.terminal import Terminal


class Teller:
    """Prints the tables that a run's events say were made, each once, and keeps the notes that come with them."""

    def __init__(self, console: Terminal) -> None:
        self._console = console
        self._made: tuple[str, str, int | None] | None = None
        self._notes: list[str] = []

    def __call__(self, event: Any) -> None:
        """Take an event."""
        from segmentation_assets.defs.runs.progress import materialised, notes

        made = materialised(event)
        if self._made and (made is None or (event.step_key, made[0]) != self._made[:2]):
            self._say()
        if made:
            name, rows = made
            # A run over a range tells of every day, one after the other; the table is written once.
            of_days_before = self._made[2] if self._made else None
            self._made = (event.step_key, name, rows if of_days_before is None else of_days_before + (rows or 0))
            self._notes += [note for note in notes(event) if note not in self._notes]

    def _say(self) -> None:
        if self._made:
            _, name, rows = self._made
            counted = f"{'view':>12}" if rows is None else f"{rows:>12,} rows"
            self._console.say(f"{name:<30}{counted}", lead="made", style="green", indent=2)
            self._made = None

    def close(self) -> None:
        """Print the notes, each on a line of its own."""
        self._say()
        for note in self._notes:
            self._console.say(note, lead="Note:", style="bold yellow")
        if self._notes:
            self._console.print()
