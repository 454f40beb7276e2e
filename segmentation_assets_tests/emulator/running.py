"""A running emulator: one that BIGQUERY_EMULATOR_HOST names, or one of our own on free ports of the loopback."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from segmentation_assets_tests.emulator.building import home_of_emulator, python_of_emulator

_SERVE = Path(__file__).with_name("serve.py")


@dataclass(frozen=True)
class Emulator:
    """Where it listens: `host` is the address of its REST face, `storage` host:port of its storage face, or None."""

    host: str
    storage: str | None


@contextmanager
def emulator(folder: Path) -> Iterator[Emulator]:
    """Run an emulator that keeps its tables in `folder`, unless the environment names one that runs.

    Raises
    ------
    CannotBuildError
        If none runs and none can be built here.
    """
    if host := os.environ.get("BIGQUERY_EMULATOR_HOST"):
        yield Emulator(host, os.environ.get("BIGQUERY_STORAGE_EMULATOR_HOST"))
        return
    command = [str(python_of_emulator()), str(_SERVE), str(folder / "tables")]
    with (folder / "emulator.log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=home_of_emulator())  # noqa: S603
        try:
            line = process.stdout.readline()
            assert line, f"the emulator did not start: {(folder / 'emulator.log').read_text()[-2000:]}"
            ports = json.loads(line)
            yield Emulator(f"http://127.0.0.1:{ports['rest']}", f"127.0.0.1:{ports['storage']}")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
