"""The command line as its user meets it: real processes, real files."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from segmentation_assets.cli import main


def segmentation(*arguments: str, at: Path, **variables: str) -> subprocess.CompletedProcess:
    """Run the command in a folder of its own, with an environment of its own."""
    environment = {"PATH": "", "HOME": str(at), "COLUMNS": "100", **variables}
    command = [sys.executable, "-m", "segmentation_assets.cli", *arguments]
    return subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture(scope="module")
def ran(insurance, tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess]:
    at = tmp_path_factory.mktemp("cli")
    return at, segmentation("run", "--date", "2025-11-15", "--data", str(insurance), at=at)


def test_a_run_tells_its_tables_prints_its_segments_and_says_where_to_look_next(ran):
    at, done = ran
    assert done.returncode == 0, done.stderr
    assert "labelled_customers" in done.stderr
    assert "3,446 rows" in done.stderr
    assert "Young Modest-Income Singles" in done.stdout
    assert "1,129" in done.stdout
    assert "53.1%" in done.stdout
    assert "make dev" in done.stderr
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
    shown = segmentation("segments", "--lens", "value_based", at=ran[0])
    assert shown.returncode == 0, shown.stderr
    assert "Value-based segments on 2025-11-15" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["segments", "--lens", "overal"], "Did you mean 'overall'?"),
        (["segments", "--date", "2025-11-14"], "segmentation run --date 2025-11-14"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(ran, arguments, words):
    said = segmentation(*arguments, at=ran[0])
    assert said.returncode == 1
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


def test_a_failed_check_fails_the_run_and_names_the_claim(insurance, tmp_path):
    """The warehouse lies: a trigger is not to be had, so the code that places customers is made to lose one."""
    sabotage = (
        "from segmentation_assets.defs import segments\n"
        "honest = segments.place\n"
        "segments.place = lambda *given, **named: honest(*given, **named).iloc[1:]\n"
        "from segmentation_assets.cli import main\n"
        f"main(['run', '--date', '2025-11-15', '--data', {str(insurance)!r}])\n"
    )
    said = subprocess.run(  # noqa: S603
        [sys.executable, "-c", sabotage], cwd=tmp_path, env={"PATH": "", "HOME": str(tmp_path), "COLUMNS": "200"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 1
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
    said = segmentation(*arguments, at=tmp_path, **variables)
    assert said.returncode == 2, said.stderr
    assert words in " ".join(said.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["segments", "--help"]])
def test_help_fits_a_terminal(arguments):
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 100


def test_segments_of_an_empty_warehouse_says_how_to_fill_it(tmp_path):
    said = segmentation("segments", at=tmp_path)
    assert said.returncode == 1
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
