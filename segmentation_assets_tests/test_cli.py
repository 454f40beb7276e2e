"""The command line as its user meets it: real files, and real processes where the process matters.

A process takes two to five seconds to import what it needs. So one run, the command that it names next, a refusal
before the run and what is imported are tried in processes; other commands are called where the test is.
"""

import re
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from segmentation_assets.cli import main
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.segments import placement
from segmentation_assets_tests.club import found_club

CODE = str(Path(__file__).parents[1])
"""Where the package lies that is tested, whatever is installed."""


def segmentation(*arguments: str, at: Path, **variables: str) -> subprocess.CompletedProcess:
    """Run the command in a folder of its own, with an environment of its own."""
    environment = {"PATH": "", "HOME": str(at), "COLUMNS": "100", "PYTHONPATH": CODE, **variables}
    command = [sys.executable, "-m", "segmentation_assets.cli", *arguments]
    return subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def called(*arguments: str, at: Path, **variables: str) -> Result:
    """Call the command in a folder of its own, in this process."""
    with chdir(at):
        return CliRunner(env={"COLUMNS": "100", **variables}).invoke(main, arguments)


@pytest.fixture(scope="module")
def ran(insurance, tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    at = tmp_path_factory.mktemp("cli")
    return at, segmentation("run", "--date", "2025-11-15", "--data", str(insurance), at=at)


def test_a_run_tells_its_tables_prints_its_segments_and_says_where_to_look_next(ran):
    at, done = ran
    assert done.returncode == 0, done.stderr
    assert "labelled_customers" in done.stderr
    assert "3,446 rows" in done.stderr
    assert re.search(r"premium_by_segment +view\n", done.stderr)
    assert "Young Modest-Income Singles" in done.stdout
    assert "1,129" in done.stdout
    assert "53.1%" in done.stdout
    assert "No row was rejected." in done.stderr
    assert "dagster dev -m segmentation_assets.definitions" in done.stderr  # there is no Makefile in that folder
    assert (at / "data" / "warehouse.duckdb").is_file()


def test_the_step_that_a_run_names_next_can_be_pasted(ran):
    at, done = ran
    step = next(line for line in done.stderr.splitlines() if "segments --lens" in line)
    shown = subprocess.run(step, shell=True, cwd=at, capture_output=True, text=True, check=False)  # noqa: S602 - our own
    assert shown.returncode == 0, shown.stderr
    assert "Demographic segments on 2025-11-15" in shown.stdout


def test_a_run_warns_of_nothing_a_user_could_not_mend(ran):
    assert "Warning" not in ran[1].stderr


def test_segments_shows_the_latest_day_and_any_lens(ran):
    shown = called("segments", "--lens", "value_based", at=ran[0])
    assert shown.exit_code == 0, shown.stderr
    assert "Value-based segments on 2025-11-15" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["segments", "--lens", "overal"], "Did you mean 'overall'?"),
        (["segments", "--date", "2025-11-14"], "segmentation run --date 2025-11-14"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(ran, arguments, words):
    said = called(*arguments, at=ran[0])
    assert said.exit_code == 1
    assert words in " ".join(said.stderr.split())


def test_a_run_that_cannot_start_fails_with_one_sentence_and_no_trace(insurance, tmp_path):
    shutil.copytree(insurance, tmp_path / "delivered")
    (tmp_path / "delivered" / "sales.csv").unlink()
    said = segmentation("run", "--date", "2025-11-15", "--data", "delivered", at=tmp_path)
    assert said.returncode == 1
    assert "sales.csv" in said.stderr
    assert "Traceback" not in said.stderr
    assert "defect" not in said.stderr
    assert not (tmp_path / "data").exists()


def test_a_failed_check_fails_the_run_and_names_the_claim(tmp_path, monkeypatch):
    """The warehouse lies: a trigger is not to be had, so the code that places customers is made to lose one."""
    honest = placement.place
    monkeypatch.setattr(placement, "place", lambda *given, **named: honest(*given, **named).iloc[1:])
    found_club(tmp_path)
    said = called("run", "--date", "2025-06-01", "--data", ".", "--portfolio", "club.yaml", at=tmp_path, COLUMNS="200")
    assert said.exit_code == 1
    assert "every_customer_has_one_segment on customer_segments" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        (["run", "--date", "yesterday"], {}, "give a day as YYYY-MM-DD"),
        (["run", "--date", "9999-01-01"], {}, "has not come yet"),
        (["run", "--date", "1999-01-01"], {}, "history_start"),
        (["run", "--portfolio", "insurence"], {}, "Did you mean 'insurance'?"),
        (["run"], {"SEGMENTATION_WAREHOUSE": "oracle"}, "SEGMENTATION_WAREHOUSE"),
        (["run"], {"SEGMENTATION_DATADIR": "x"}, "SEGMENTATION_DATA_DIR"),
        (["runn"], {}, "Did you mean 'run'?"),
    ],
)
def test_wrong_usage_ends_with_2_and_teaches(tmp_path, arguments, variables, words):
    said = called(*arguments, at=tmp_path, **variables)
    assert said.exit_code == 2, said.stderr
    assert words in " ".join(said.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["segments", "--help"]])
def test_help_fits_a_terminal(arguments):
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 100


def test_segments_of_an_empty_warehouse_says_how_to_fill_it(tmp_path):
    said = called("segments", at=tmp_path)
    assert said.exit_code == 1
    assert "segmentation run" in said.stderr


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["runn"], ["run", "--dat"], ["run", "--date", "yesterday"]]
)
def test_help_and_wrong_usage_wait_for_nothing_that_takes_seconds_to_import(arguments, tmp_path):
    heavy = ("dagster", "pandas", "pyarrow", "duckdb", "numba", "sklearn", "sqlglot", "matplotlib")
    told = (
        "import atexit, sys\n"
        f"atexit.register(lambda: print('imported:', [m for m in {heavy} if m in sys.modules]))\n"
        "from segmentation_assets.cli import main\n"
        f"main({arguments})\n"
    )
    said = subprocess.run(  # noqa: S603
        [sys.executable, "-c", told], cwd=tmp_path, env={"PATH": "", "HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "imported: []" in said.stdout


BOOK = "customer_id,age\nC1,40\n"


@pytest.fixture
def places(tmp_path) -> Path:
    """A folder with what may be given for a data folder by mistake, and a portfolio of one's own."""
    for name in ("empty", "other", "part"):
        (tmp_path / name).mkdir()
    (tmp_path / "other" / "clients.xlsx").touch()
    (tmp_path / "part" / "sales.csv").write_text("policy_id\n")
    (tmp_path / "customers.csv").write_text(BOOK)
    found_club(tmp_path)
    return tmp_path


def names_of(modules: str) -> set[str]:
    """Return the packages that an `-X importtime` report says were imported."""
    return {line.rpartition("|")[2].strip().split(".")[0] for line in modules.splitlines() if line.startswith("import")}


@pytest.mark.parametrize(
    "case",
    [
        (["--data", "nowhere"], {}, 2, "There is no folder nowhere"),
        ([], {"SEGMENTATION_DATA_DIR": "nowhere"}, 2, "There is no folder nowhere"),
        (["--data", "customers.csv"], {}, 2, "customers.csv is a file. Give the folder that holds it"),
        (["--data", "empty"], {}, 2, "it holds nothing"),
        (["--data", "other"], {}, 2, "it holds clients.xlsx"),
        (["--data", "part"], {}, 1, "customers.csv, the file of customers, is not in the folder part"),
        (["--data", "empty", "--synthetic"], {}, 2, "Leave out --data"),
        ([], {"SEGMENTATION_DATA_DIR": "empty", "SEGMENTATION_SYNTHETIC": "1"}, 2, "or --synthetic"),
        ([], {"SEGMENTATION_SYNTHETIC": "perhaps"}, 2, "Set it to true or false"),
        (["--portfolio", "club.yaml"], {}, 2, "names CSV files for customers, and no folder that holds them"),
        (["--portfolio", "club.yaml", "--synthetic"], {}, 2, "has no synthetic company"),
    ],
)
def test_a_run_without_data_says_what_to_give_and_records_nothing(places, monkeypatch, case):
    arguments, variables, status, words = case
    home = places / "home"
    home.mkdir()
    monkeypatch.chdir(places)
    for name, value in {"DAGSTER_HOME": str(home), **variables}.items():
        monkeypatch.setenv(name, value)
    said = CliRunner().invoke(main, ["run", *arguments])
    assert said.exit_code == status, said.output
    assert words in said.output
    assert list(home.iterdir()) == []
    assert not (places / "data").exists()


@pytest.mark.parametrize("arguments", [["--data", "nowhere"], ["--data", "empty"], []])
def test_a_run_without_data_ends_before_dagster_is_imported(places, arguments):
    environment = {"PATH": "", "HOME": str(places), "PYTHONPATH": CODE, "SEGMENTATION_PORTFOLIO": "club.yaml"}
    command = [sys.executable, "-X", "importtime", "-m", "segmentation_assets.cli", "run", *arguments]
    said = subprocess.run(command, cwd=places, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert said.returncode == 2, said.stderr
    assert "click" in names_of(said.stderr)
    assert "dagster" not in names_of(said.stderr)


def test_the_synthetic_company_is_not_put_beside_delivered_data_and_another_portfolio_is_not_mixed_in(ran, tmp_path):
    shutil.copytree(ran[0] / "data", tmp_path / "data")
    warehouse = tmp_path / "data" / "warehouse.duckdb"
    before = warehouse.read_bytes()
    for day in ("2025-11-15", "2025-11-16"):
        said = called("run", "--date", day, at=tmp_path)
        assert said.exit_code == 2
        assert "raw_customers holds 3,446 rows of 2025-11-15 that were delivered (customers.csv)" in said.stderr
    said = called("backfill", "--from", "2025-11-15", "--to", "2025-11-16", at=tmp_path)
    assert said.exit_code == 2
    assert "--synthetic" in said.stderr
    found_club(tmp_path)
    for command in (["segments"], ["plan"], ["moves", "--from", "2025-11-15"], ["retrain", "--reason", "why"],
                    ["run", "--data", "."], ["backfill", "--stale"]):  # fmt: skip
        said = called(*command, "--portfolio", "club.yaml", at=tmp_path)
        assert said.exit_code == 2, command
        assert "holds the portfolio insurance, and club is asked for" in said.stderr
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
    text = text.replace("\nfeatures:\n", "\nfeatures:\n  worth: {kind: numeric, description: What one is worth.}\n")
    (tmp_path / "mine.yaml").write_text(text.replace("feature: total_premium", "feature: worth"), encoding="utf-8")
    said = called("segments", "--portfolio", "mine.yaml", at=tmp_path)
    assert said.exit_code == 1
    assert "customer_features has no worth, the value of the portfolio insurance; it has age, income" in said.stderr
    assert warehouse.read_bytes() == before
