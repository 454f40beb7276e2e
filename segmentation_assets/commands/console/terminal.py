"""What the command line prints on: plain text, whoever wrote it.

Headers, file names, titles, names of segments and the errors that repeat them come from strangers. A terminal obeys
escape sequences and rich reads `[link=...]`, so nothing is printed but through this module: markup is off, and of what
is left no character commands anything. Ruff refuses `rich.console.Console` and `rich.table.Table` elsewhere.
"""

from collections.abc import Iterable
from typing import IO, Any

from rich.box import SIMPLE_HEAVY
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.status import Status
from rich.table import Table
from rich.text import Text

from segmentation_assets.characters import one_line, plain


class Terminal(Console):
    """A console that prints every text as it is, without what a terminal would obey."""

    def __init__(self, *, stderr: bool = False, file: IO[str] | None = None, width: int | None = None) -> None:
        super().__init__(stderr=stderr, file=file, width=width, highlight=False, markup=False, emoji=False)

    def say(self, words: str, *, lead: str = "", style: str = "bold", indent: int = 0) -> None:
        """Print sentences, however long, behind words that stand out."""
        told = Text(" " * indent)
        told.append(one_line(lead), style)
        told.append(f" {plain(words)}" if lead and words else plain(words))
        self.print(told, soft_wrap=True)

    def say_line(self, words: str, *, indent: int = 0) -> None:
        """Print what strangers had a part in, however long, on one line, so that it cannot pretend to be another."""
        self.say(one_line(words), indent=indent)

    def render_str(self, text: str, **given: Any) -> Text:
        """Return a text that rich was handed as it is; rich asks this of all texts that it prints and measures."""
        return super().render_str(plain(text), **{**given, "markup": False, "emoji": False, "highlight": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is printed: what came as another object than a text is made plain here."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(plain(segment.text), segment.style)

    def status(self, status: RenderableType, **given: Any) -> Status:
        """Show what is being done; rich would read markup in a text here too."""
        return super().status(Text(one_line(status)) if isinstance(status, str) else status, **given)


class Listing(Table):
    """A table whose title, headers and cells are one line of plain text each; a tuple in a cell is a line for each."""

    def __init__(self, title: str) -> None:
        super().__init__(title=one_line(title), box=SIMPLE_HEAVY, title_justify="left")

    def add_column(self, header: RenderableType = "", *given: Any, **styled: Any) -> None:
        """Add a column under a header."""
        super().add_column(one_line(str(header)), *given, **styled)

    def add_row(self, *cells: Any, **styled: Any) -> None:
        """Add a row of texts."""
        lines = ([cell] if isinstance(cell, str) else cell for cell in cells)
        super().add_row(*("\n".join(map(one_line, texts)) for texts in lines), **styled)
