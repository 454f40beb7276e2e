"""Whatever strangers wrote, a terminal shows it as text."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from segmentation_assets.commands.console.terminal import Listing, Terminal

HOSTILE = [
    "\x1b[2J\x1b[1;31mgone", "\x1b]8;;http://a.example\x07click\x1b]8;;\x07", "\x9b31m",
    "[link=http://a.example]click[/link]",
    "[/bold red]", "[bold", ":warning:", "\u202egpj.exe", "\u2066a\u2069", "a\u200bb", "\rError: none",
    "\x08\x08\x07", "\ud800", "\x7f",
    "\u2028x", "\ufeffx",
]  # fmt: skip


def printed(show, *, is_terminal=False):
    terminal = Terminal(file=io.StringIO())
    if is_terminal:
        terminal._force_terminal, terminal._color_system = True, ColorSystem.STANDARD
    show(terminal)
    return terminal.file.getvalue()


def listed(*cells):
    table = Listing(f"Title {cells[0]}")
    table.add_column(f"Head {cells[0]}")
    table.add_column("Lines")
    table.add_row(*cells)
    return table


SHOWN = {
    "print": lambda t, text: t.print(f"before {text} after"),
    "say": lambda t, text: t.say(f"before {text} after", lead=text),
    "say_line": lambda t, text: t.say_line(f"before {text} after"),
    "text": lambda t, text: t.print(Text(f"before {text} after")),
    "padding": lambda t, text: t.print(Padding(f"before {text} after", (0, 2))),
    "panel": lambda t, text: t.print(Panel(f"before {text} after")),
    "object": lambda t, text: t.print(KeyError(f"before {text} after")),
    "listing": lambda t, text: t.print(listed(f"before {text} after", (text, "another"))),
    "status": lambda t, text: t.print(t.status(f"before {text} after").renderable),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("text", HOSTILE)
def test_what_strangers_wrote_is_shown_as_it_is_and_commands_nothing(show, text):
    out = printed(lambda terminal: show(terminal, text))
    assert "before" in out
    assert "after" in out
    assert out.replace("\n", "").replace("…", "").isprintable(), repr(out)
    if "[" in text and text.isprintable():
        assert text[:4] in out


def test_on_a_real_terminal_only_our_own_styles_are_sequences():
    out = printed(lambda t: t.say("\x1b[2Jgone", lead="Error:\x1b[5m", style="bold red"), is_terminal=True)
    assert out == "\x1b[1;31mError:[5m\x1b[0m [2Jgone\n"


@given(st.text())
@settings(deadline=None, max_examples=200)
def test_any_text_in_a_cell_stays_on_its_line(text):
    one = printed(lambda t: t.print(listed("x", "y")))
    other = printed(lambda t: t.print(listed("x", text[:10])))
    assert len(other.splitlines()) == len(one.splitlines())


def test_a_line_of_a_stranger_cannot_pretend_to_be_ours():
    out = printed(lambda t: t.say_line("Leeds\nError: all is lost\r\nEverything fits"))
    assert out == "Leeds Error: all is lost Everything fits\n"


def test_what_is_long_is_printed_in_one_piece():
    assert printed(lambda t: t.say("x" * 500)) == "x" * 500 + "\n"
