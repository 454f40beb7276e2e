"""What the audit of the pinned set says of the reports that pip-audit makes."""

import json
import runpy
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
AUDIT = runpy.run_path(str(CHECKOUT / ".ci" / "audit.py"))
ADVISORY = {"id": "PYSEC-2026-1", "fix_versions": ["2.1"], "aliases": [], "description": "Bad."}
SOUND, BAD = {"name": "a", "version": "1.0", "vulns": []}, {"name": "b", "version": "2.0", "vulns": [ADVISORY]}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (1.0)"}


@pytest.mark.parametrize(
    ("found", "status", "lines"),
    [
        ([SOUND], 0, ["1 pinned packages were looked up."]),
        ([SOUND, BAD], 1, ["b 2.0 has PYSEC-2026-1; mended in 2.1", "2 pinned packages were looked up."]),
        ([SOUND, UNKNOWN], 0, ["1 pinned packages were looked up; 1 could not be looked up: c."]),
        ([UNKNOWN, UNKNOWN], 0, [AUDIT["SKIPPED"]]),
    ],
)
def test_what_was_looked_up_is_counted(found, status, lines):
    assert AUDIT["verdict"](json.dumps({"dependencies": found, "fixes": []})) == (status, lines)


@pytest.mark.parametrize("report", ["", "Traceback ...", "[]", "{}"])
def test_without_a_report_the_audit_is_skipped_and_says_so(report):
    assert AUDIT["verdict"](report) == (0, [AUDIT["SKIPPED"]])


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_the_folder_that_is_made_for_dagster_is_its_owners_alone(tmp_path):
    home = tmp_path / "home"
    command = ["make", "--silent", f"DAGSTER_HOME={home}", f"{home}/dagster.yaml"]
    subprocess.run(command, cwd=CHECKOUT, check=True)  # noqa: S603 - our own
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "dagster.yaml").is_file()


def test_the_audit_is_part_of_every_check_and_the_user_interface_is_for_this_machine_alone():
    rules = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    assert "$(BIN)/python .ci/audit.py" in rules
    (started,) = [line for line in rules.splitlines() if "/dagster dev" in line]
    assert started.endswith("--host 127.0.0.1")
