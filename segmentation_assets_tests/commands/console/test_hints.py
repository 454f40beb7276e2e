"""Where to look next: commands that can be pasted."""

import io
from pathlib import Path

import pytest

from segmentation_assets.commands.console import hints
from segmentation_assets.commands.console.terminal import Terminal
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.settings import read_settings
from segmentation_assets_tests.club import found_club

OPEN = "dagster dev -m segmentation_assets.definitions"


def steps(**given: str) -> list[str]:
    text = io.StringIO()
    settings = read_settings(**{name: value for name, value in given.items() if value is not None})
    hints.print_next_steps(settings, given, Terminal(file=text, width=400))
    lines = text.getvalue().splitlines()[1:]
    return [line.strip() for line in lines[::2]]


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    monkeypatch.setattr(hints.shutil, "which", lambda name: f"/usr/bin/{name}")


def test_without_a_checkout_nothing_is_to_be_made(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert steps() == [
        OPEN,
        "segmentation segments --lens demographic",
        "segmentation run --data my_folder",
        "data/warehouse.duckdb",
    ]


def test_in_the_checkout_it_is_make(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[3])
    assert steps()[0] == "make dev"


def test_what_options_said_is_said_again(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine & yours.yaml"
    mine.write_text((PACKAGED / "insurance.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert steps(portfolio=mine.name, data_dir="my files") == [
        f"SEGMENTATION_PORTFOLIO='mine & yours.yaml' SEGMENTATION_DATA_DIR='my files' {OPEN}",
        "segmentation segments --portfolio 'mine & yours.yaml' --lens demographic",
        "data/warehouse.duckdb",
    ]
    assert steps(portfolio=mine.name, data_dir=None)[2] == (
        "segmentation run --portfolio 'mine & yours.yaml' --data my_folder"
    )


def test_a_program_that_no_shell_finds_is_named_by_its_path(monkeypatch, tmp_path):
    monkeypatch.setattr(hints.shutil, "which", lambda _: None)
    monkeypatch.setattr(hints.sys, "executable", str(tmp_path / "my venv" / "bin" / "python"))
    monkeypatch.chdir(tmp_path)
    assert hints.this_command() == "'my venv/bin/segmentation'"


def test_the_files_that_are_wanted_are_those_of_the_portfolio(tmp_path):
    text = io.StringIO()
    hints.print_next_steps(read_settings(portfolio=found_club(tmp_path)), {}, Terminal(file=text, width=400))
    assert "your own members.csv\n" in text.getvalue()
    text = io.StringIO()
    hints.print_next_steps(read_settings(), {}, Terminal(file=text, width=400))
    assert "your own customers.csv, sales.csv, products.csv\n" in text.getvalue()
