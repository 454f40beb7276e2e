"""Where to look next, as commands that can be pasted wherever the project is installed."""

import os
import shlex
import shutil
import sys
from pathlib import Path

from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.errors import choices
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.settings import Settings, variable_of
from segmentation_assets.sources import needed_files
from segmentation_assets.warehouse import open_warehouse

_CHECKOUT = Path(__file__).parents[3]


def print_next_steps(settings: Settings, given: dict[str, str | None], console: Terminal) -> None:
    """Print commands that go on from a run.

    Parameters
    ----------
    given : what the options of the run said that the environment does not, by setting, None where nothing; a command
        must say it again.
    """
    said = {name: value for name, value in given.items() if value is not None}
    own = f" --portfolio {shlex.quote(said['portfolio'])}" if "portfolio" in said else ""
    portfolio = load_portfolio(settings.portfolio)
    other = next((name for name, lens in portfolio.lenses.items() if not lens.primary), None)
    steps = {f"{_with_settings(said)}{_user_interface()}": "the graph, its plots and checks, in a browser"}
    command = this_command()
    if other:
        steps[f"{command} segments{own} --lens {other}"] = "the same customers through another lens"
    if settings.data_dir is None and (files := needed_files(portfolio)):
        steps[f"{command} run{own} --data my_folder"] = f"your own {choices(files)}"
    if settings.warehouse == "duckdb":
        steps[str(settings.duckdb_path)] = "every table and view, for any DuckDB client"
    else:
        steps[open_warehouse(settings).address("*")] = "every table and view, for the BigQuery console"
    console.print("Where to look next:")
    for step, words in steps.items():
        console.say("", lead=step, indent=2)  # to be copied in one piece
        console.say_line(words, indent=6)


def this_command(name: str = "segmentation") -> str:
    """Return what to type to run a program of this environment: its name, or its path where no shell would find it."""
    if shutil.which(name):
        return name
    return shlex.quote(os.path.relpath(Path(sys.executable).with_name(name)))


def _user_interface() -> str:
    """Return the command that opens the graph: that of the checkout for those who stand in one."""
    if Path.cwd() == _CHECKOUT and (_CHECKOUT / "Makefile").is_file():
        return "make dev"
    return f"{this_command('dagster')} dev -m segmentation_assets.definitions"


def _with_settings(said: dict[str, str]) -> str:
    """Return what puts settings before a command that has no options for them."""
    return "".join(f"{variable_of(name)}={shlex.quote(value)} " for name, value in said.items())
