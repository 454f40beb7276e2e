"""The emulator's own environment, built once beside the tests' packages so that `make clean` removes it with them.

It needs Python 3.13, whichever Python runs the tests, and its own DuckDB with two extensions that come as packages.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

PLACE = Path(sys.prefix) / "local-bigquery"
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_IMPORT_EXTENSIONS = (
    "import duckdb_extensions\nfor name in ('ducklake', 'spatial'):\n    duckdb_extensions.import_extension(name)"
)
_BUILD_SECONDS = 600


class CannotBuildError(Exception):
    """No emulator can be had on this machine; the message says why and what to do."""


def python_of_emulator() -> Path:
    """Return the Python of the built environment; the first call on a machine builds it (about half a minute)."""
    python = PLACE / "bin" / "python"
    recipe = sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    with _alone():
        done = PLACE / "recipe"
        if not (done.is_file() and done.read_text() == recipe):
            shutil.rmtree(PLACE, ignore_errors=True)
            _build(_find_python(), python)
            done.write_text(recipe)
    return python


def home_of_emulator() -> dict[str, str]:
    """Return this process's environment with the emulator's own home, where its DuckDB finds its extensions."""
    return {**os.environ, "HOME": str(PLACE / "home")}


def _build(base: Path, python: Path) -> None:
    _run(base, "-m", "venv", PLACE)
    (PLACE / "home").mkdir()
    required = ("install", "--quiet", "--requirement", _REQUIREMENTS)
    try:  # uv, which `make` installs, takes a tenth of the time
        _run(sys.executable, "-m", "uv", "pip", *required, "--python", python)
    except CannotBuildError:
        _run(python, "-m", "pip", "--disable-pip-version-check", *required)
    _run(python, "-c", _IMPORT_EXTENSIONS)


def _run(*command: object) -> None:
    words = [str(word) for word in command]
    # pip reads its own settings from the real home; the extensions go to the emulator's.
    env = home_of_emulator() if words[1] == "-c" else None
    done = subprocess.run(words, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False, env=env)  # noqa: S603
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CannotBuildError(f"the emulator's environment cannot be built: {' '.join(words[1:4])} says: {last}")


def _find_python() -> Path:
    for candidate in _pythons():
        if candidate.is_file() and _is_3_13(candidate):
            return candidate
    raise CannotBuildError(
        "there is no Python 3.13 (python3.13 on the PATH, or a pyenv version), which local-bigquery needs; install "
        "it, or set BIGQUERY_EMULATOR_HOST to an emulator that runs"
    )


def _pythons() -> Iterator[Path]:
    if found := shutil.which("python3.13"):
        yield Path(found)
    # A shim of pyenv's on the PATH refuses unless that version is switched on; the version itself does not.
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(root.glob("versions/3.13*/bin/python"), reverse=True)


def _is_3_13(python: Path) -> bool:
    question = "import sys; sys.exit(sys.version_info[:2] != (3, 13))"
    return subprocess.run([str(python), "-c", question], capture_output=True, check=False).returncode == 0  # noqa: S603


@contextmanager
def _alone() -> Iterator[None]:
    """Keep test processes from building at the same time."""
    with PLACE.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
