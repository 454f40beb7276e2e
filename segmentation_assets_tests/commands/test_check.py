"""`segmentation check`, as its user meets it, and nothing written.

A process of its own takes five seconds to import what it needs, so one test starts one, and the others call the
command where they are.
"""

import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import segmentation_assets
from segmentation_assets.cli import main
from segmentation_assets_tests.club import found_club

CHECKOUT = str(Path(segmentation_assets.__file__).parents[1])


@pytest.fixture
def club(tmp_path) -> Path:
    found_club(tmp_path)
    return tmp_path


def contents(at: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in at.rglob("*") if path.is_file()}


def check(at: Path, *arguments: str, command: str = "check") -> Result:
    before = contents(at)
    with chdir(at):
        done = CliRunner().invoke(main, [command, "--portfolio", "club.yaml", *arguments])
    assert contents(at) == before, "something was written"
    return done


def check_in_a_process(at: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run the command in a process that says on its way out whether Dagster was imported."""
    program = (
        "import sys, atexit\n"
        "atexit.register(lambda: print('dagster' if 'dagster' in sys.modules else 'light', file=sys.stderr))\n"
        "from segmentation_assets.cli import main\n"
        f"main({['check', '--portfolio', 'club.yaml', *arguments]!r})\n"
    )
    before = contents(at)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], cwd=at, env={"PATH": "", "HOME": str(at), "PYTHONPATH": CHECKOUT},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert contents(at) == before, "something was written"
    return done


def edit(at: Path, **columns: dict[int, str]) -> None:
    members = pd.read_csv(at / "members.csv", dtype=object, keep_default_na=False)
    for name, values in columns.items():
        for row, value in values.items():
            members.loc[row, name] = value
    members.to_csv(at / "members.csv", index=False)


def test_all_fits(club):
    done = check_in_a_process(club, "--data", ".", "--date", "2025-06-01")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Everything fits: club.yaml, for 2025-06-01.",
        "  2 features, made from customers by customer_features.sql, and the 3 marts made from them",
        "  customers: members.csv, 200 rows, all kept",
    ]
    assert done.stderr.strip() == "light"


def test_a_file_may_lack_what_the_portfolio_says_is_not_delivered(club):
    members = pd.read_csv(club / "members.csv", dtype=object)
    members[["Customer ID", "Age", "Income"]].to_csv(club / "members.csv", index=False)
    told = check(club, "--data", ".").stderr
    absent = (
        "[gender, city, marital_status, education, occupation, preferred_language, preferred_channel, preferred_time]"
    )
    assert f"Where there is no data, say so: sources.customers.not_delivered: {absent}." in told
    text = (club / "club.yaml").read_text()
    (club / "club.yaml").write_text(text.replace("members.csv}", f"members.csv, not_delivered: {absent}}}"))
    done = check(club, "--data", ".")
    assert done.exit_code == 0, done.stderr
    assert "customers: members.csv, 200 rows, all kept" in done.stdout


def test_an_encoding_that_is_guessed_is_told_and_one_that_is_named_is_read(club):
    members = pd.read_csv(club / "members.csv", dtype=object).rename(columns={"Age": "věk"})
    members.to_csv(club / "members.csv", index=False, encoding="cp1250")
    text = (club / "club.yaml").read_text().replace("members.csv}", "members.csv, columns: {age: věk}}")
    (club / "club.yaml").write_text(text)
    done = check(club, "--data", ".")
    note = "members.csv (not UTF-8: 1 byte read as Windows-1252, the first 0xEC in line 1)"
    assert done.exit_code == 2
    assert f"Warning: {note}. Where letters come out wrong, name the encoding, such as sources.customers.encoding" in (
        done.stderr
    )
    assert f"Error: {note} lacks the column age (as 'věk'). It has Customer ID, vìk, Income" in done.stderr
    (club / "club.yaml").write_text(text.replace("members.csv,", "members.csv, encoding: cp1250,"))
    done = check(club, "--data", ".")
    assert (done.exit_code, done.stderr.strip()) == (0, "")


def test_rows_that_would_be_rejected_are_told_with_their_reason(club):
    text = (club / "club.yaml").read_text()
    (club / "club.yaml").write_text(text.replace("members.csv}", "members.csv, ranges: {age: {min: 0, max: 120}}}"))
    edit(club, Age={3: "410", 8: "-1", 9: "soon"})
    done = check(club, "--data", ".")
    assert done.exit_code == 0
    assert done.stderr.splitlines()[:3] == [
        "Warning: 3 of 200 customers (1.5 %) rejected:",
        "  2 age_out_of_range, such as row 4: age is not in [0, 120]",
        "  1 not_a_number, such as row 10: age is no number",
    ]
    assert "members.csv, 200 rows, 197 kept" in done.stdout


def test_everything_that_is_wrong_anywhere_is_told_at_once(club):
    (club / "customer_features.sql").write_text(
        "SELECT snapshot_date, customer_id, agee AS age,\n CURRENT_DATE AS income FROM customers"
    )
    text = (club / "club.yaml").read_text()
    (club / "club.yaml").write_text(
        text.replace("members.csv}", "members.csv}\n  policies: {csv: sales.csv, required: true}")
    )
    frame = pd.read_csv(club / "members.csv", dtype=object).rename(columns={"Income": "Wage"})
    frame.to_csv(club / "members.csv", index=False)
    done = check(club, "--data", ".")
    assert done.exit_code == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    expected = [
        "agee is not there",
        "CURRENT_DATE depends",
        "lacks the column income",
        "sales.csv, the file of policies",
    ]
    assert [word for line, word in zip(errors, expected, strict=True) if word not in line] == []
    assert done.stdout == ""


def test_a_table_of_which_nothing_is_left_does_not_fit(club):
    text = (club / "club.yaml").read_text()
    (club / "club.yaml").write_text(text.replace("members.csv}", "members.csv, categories: {gender: [Male, Female]}}"))
    edit(club, gender=dict.fromkeys(range(200), "M"))
    done = check(club, "--data", ".")
    assert done.exit_code == 2
    assert "200 category_not_allowed, such as row 1: gender" in done.stderr
    assert "200 of 200 customers (100 %) where max_rejected_share allows 20 %; not one is left" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "nowhere"], "There is no folder nowhere."),
        (["--data", "members.csv"], "members.csv is a file."),
        (["--date", "2024-12-31"], "before the portfolio's history_start"),
        (["--portfolio", "clubb.yaml"], "Did you mean 'club.yaml'?"),
    ],
)
def test_wrong_usage_is_told(club, arguments, said):
    done = check(club, *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_run_is_refused_for_the_same_sql_before_anything_is_written(club):
    (club / "customer_features.sql").write_text(
        "SELECT snapshot_date, customer_id,\n c.credit_amount AS age, income FROM customers AS c"
    )
    refused, told = check(club, "--data", ".", "--date", "2025-06-01", command="run"), check(club)
    (error,) = [line for line in told.stderr.splitlines() if line.startswith("Error: ")]
    assert error.startswith("Error: customer_features.sql:2: c.credit_amount is not there: customers has no column")
    assert refused.exit_code == told.exit_code == 2
    assert error in refused.stderr
