"""`segmentation plan` and `segmentation backfill` as their user meets them."""

import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from dagster import AssetKey

from segmentation_assets.cli import main
from segmentation_assets.commands import backfill
from segmentation_assets.sources import CsvFolder
from segmentation_assets_tests.club import FEATURES, FIRST, SECOND, declare

pytestmark = pytest.mark.long

THIRD = date(2025, 6, 3)


@pytest.fixture
def segmentation(club, monkeypatch):
    """A function that runs a command on the club's warehouse and returns its status and all it said, as one line."""
    monkeypatch.setenv("SEGMENTATION_DUCKDB_PATH", str(club.settings.duckdb_path))
    monkeypatch.setenv("SEGMENTATION_DATA_DIR", str(club.settings.data_dir))
    monkeypatch.setenv("SEGMENTATION_PORTFOLIO", club.settings.portfolio)
    monkeypatch.setenv("COLUMNS", "300")

    def run(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)
        return done.exit_code, " ".join(done.output.split())

    return run


def test_a_backfill_of_days_never_made_is_one_run_of_everything(segmentation, club):
    status, said = segmentation("plan", "--from", FIRST, "--to", THIRD, "--tables", "raw,customer_features")
    assert status == 0
    assert "2025-06-03 (1 day) missing: was never made" in said
    assert "2025-06-01" not in said
    assert "customer_segments" not in said
    status, said = segmentation("backfill", "--from", THIRD, "--to", THIRD)
    assert status == 0, said
    assert "(run 1 of 1)" in said
    assert "made raw_customers 200 rows" in said
    assert len(club.table("labelled_customers", THIRD)) == 200
    assert segmentation("plan")[1] == "Nothing is stale."


def test_a_backfill_that_was_killed_goes_on_where_it_was(segmentation, club, monkeypatch, tmp_path):
    home = tmp_path / "home"  # with one, the killed run holds a place in the pool that nobody gives back but we
    home.mkdir()
    shutil.copy(Path(__file__).parents[2] / "deploy" / "dagster.yaml", home)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    declare(club.settings.data_dir, {**FEATURES, "age": ("numeric", "CAST(age AS FLOAT64) + 1")})
    command = [sys.executable, "-m", "segmentation_assets.cli", "backfill", "--stale"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as going:  # noqa: S603
        for line in going.stderr:
            if "made customer_features" in line:
                going.send_signal(signal.SIGKILL)
                break
        assert going.wait() == -signal.SIGKILL
    status, said = segmentation("backfill", "--stale", "--dry-run")
    assert status == 0
    assert "stale" in said.lower()
    status, said = segmentation("backfill", "--stale")
    assert status == 0, said
    assert "made segment_models" in said
    assert "made labelled_customers" in said
    assert "made customer_features" not in said
    assert segmentation("plan")[1] == "Nothing is stale."


def test_a_dry_run_shows_what_and_why_and_makes_nothing(segmentation, club):
    before = club.warehouse.ledger()
    status, said = segmentation("backfill", "--from", FIRST, "--to", SECOND, "--tables", "rejected_rows", "--dry-run")
    assert status == 0
    assert "2025-06-01 to 2025-06-02: 8 tables (run 1 of 1)" in said, "one step makes it with the core tables"
    assert club.warehouse.ledger() == before


def test_raw_tables_are_kept_unless_named(segmentation):
    assert "are there and are kept" in segmentation("backfill", "--from", FIRST, "--to", FIRST, "--dry-run")[1]
    _, said = segmentation("backfill", "--from", FIRST, "--to", FIRST, "--tables", "raw_customers", "--dry-run")
    assert "2025-06-01: raw_customers (run 1 of 1)" in said


def test_a_long_range_is_cut_where_asked(segmentation):
    _, said = segmentation("backfill", "--from", FIRST, "--to", SECOND, "--chunk-days", 1, "--dry-run")
    assert said.index("2025-06-01:") < said.index("(run 1 of 2)") < said.index("2025-06-02:")


def test_a_live_source_is_never_asked_for_the_past(segmentation, club, monkeypatch):
    monkeypatch.setattr(CsvFolder, "is_replayable", lambda _, table: table != "customers")
    before = club.warehouse.ledger(["raw_customers"])
    status, said = segmentation("backfill", "--from", FIRST, "--to", THIRD, "--dry-run")
    assert status == 0
    assert "raw_customers is left out for 2025-06-03: its source is live and knows only today." in said
    assert "Of 2025-06-03 there is no raw snapshot" in said
    assert "2025-06-01 to 2025-06-02:" in said
    status, said = segmentation("run", "--date", SECOND)
    assert status == 1
    assert "The source of customers is live" in said
    assert "Nothing was read or changed" in said
    assert club.warehouse.ledger(["raw_customers"]) == before


def test_a_day_that_was_never_delivered_is_not_read_unless_asked_for(segmentation, club):
    club.run(THIRD, asset_selection=[AssetKey("retraining_requests")])
    _, said = segmentation("backfill", "--stale", "--dry-run")
    assert "2025-06-03 is left out: nothing was delivered then." in said
    assert "There is nothing to make." in said
    _, said = segmentation("backfill", "--stale", "--from", THIRD, "--to", THIRD, "--dry-run")
    assert "raw_customers" in said.split("(run 1 of 1)")[1]


def test_today_may_be_read_of_a_live_source(segmentation, monkeypatch):
    monkeypatch.setattr(CsvFolder, "is_replayable", lambda *_: False)
    monkeypatch.setattr(backfill, "today_in_london", lambda: THIRD)
    _, said = segmentation("backfill", "--from", THIRD, "--to", THIRD, "--dry-run")
    assert "raw_customers" in said.split("(run 1 of 1)")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["backfill"], "Give --from and --to, or --stale"),
        (["backfill", "--from", "2025-06-02", "--to", "2025-06-01"], "--from is 2025-06-02, after --to"),
        (["backfill", "--stale", "--to", "soon"], "--to is 'soon'; give a day as YYYY-MM-DD"),
        (["plan", "--from", "9999-01-01"], "--from is 9999-01-01, which has not come yet"),
        (["plan", "--tables", "customer_segmens"], "Did you mean 'customer_segments'?"),
    ],
)
def test_wrong_usage_ends_with_2_and_teaches(segmentation, arguments, words):
    status, said = segmentation(*arguments)
    assert status == 2
    assert words in said


@pytest.mark.parametrize("command", ["plan", "backfill"])
def test_help_fits_a_terminal(command):
    shown = CliRunner().invoke(main, [command, "--help"])
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 100


def test_a_lens_that_no_day_was_seen_through_is_told_and_not_shown_as_empty(segmentation, club):
    portfolio = Path(club.settings.portfolio)
    portfolio.write_text(portfolio.read_text().replace("  main: {", "  people: {"))
    for asked in (["segments"], ["moves", "--from", FIRST, "--to", SECOND]):
        status, said = segmentation(*asked)
        assert status == 1
        assert "no segments of the lens people for 2025-06-0" in said
        assert "it holds main." in said


def test_a_request_alone_leaves_nothing_to_make(segmentation, tmp_path, monkeypatch):
    monkeypatch.setenv("SEGMENTATION_DUCKDB_PATH", str(tmp_path / "empty.duckdb"))
    assert segmentation("retrain", "--date", FIRST, "--reason", "too early")[0] == 0
    status, said = segmentation("backfill", "--stale")
    assert status == 0, said
    assert "2025-06-01 is left out" in said
    assert said.endswith("There is nothing to make.")
