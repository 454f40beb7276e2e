"""Hold the pinned set against the advisories that are published; say so where no database of them can be reached.

pip-audit finds "no known vulnerabilities" too where it could look nothing up, so what it looked up is counted here.
Exit status: 0 nothing is known or nothing could be asked, 1 a pinned version has an advisory.
"""

import json
import subprocess
import sys
from pathlib import Path

TOOL = "pip-audit==2.10.1"
PINNED = Path(__file__).parents[1] / "constraints.txt"
SKIPPED = "The audit is skipped: no advisory database can be reached from here."


def verdict(report: str) -> tuple[int, list[str]]:
    """Return the exit status and what is to be said of pip-audit's report, empty where it made none."""
    try:
        found = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return 0, [SKIPPED]
    asked = [package for package in found if "skip_reason" not in package]
    lines = [
        f"{package['name']} {package['version']} has {one['id']}; mended in {_listed(one['fix_versions'])}"
        for package in asked
        for one in package["vulns"]
    ]
    if not asked:
        return 0, [SKIPPED]
    unknown = [package["name"] for package in found if "skip_reason" in package]
    more = f"; {len(unknown)} could not be looked up: {', '.join(unknown)}" if unknown else ""
    return (1 if lines else 0), [*lines, f"{len(asked)} pinned packages were looked up{more}."]


def _listed(versions: list[str]) -> str:
    return ", ".join(versions) or "none yet"


def audit() -> int:
    """Run pip-audit in an environment of its own and print what it found."""
    command = [sys.executable, "-m", "uv", "tool", "run", "--quiet", "--from", TOOL, "pip-audit", "--no-deps"]
    command += ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--requirement", str(PINNED)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    except subprocess.TimeoutExpired:
        report = ""
    else:
        report = done.stdout
    status, lines = verdict(report)
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(audit())
