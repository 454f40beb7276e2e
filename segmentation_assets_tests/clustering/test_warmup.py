"""What is compiled beforehand is all that a night needs, and two processes do not compile it twice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_COUNTED = """
import atexit
from numba.core import event

class Compiled(event.Listener):
    names, depth = [], 0
    def on_start(self, started):
        if not self.depth:
            self.names.append(started.data["dispatcher"].py_func.__name__)
        self.depth += 1
    def on_end(self, ended):
        self.depth -= 1

event.register("numba:compile", Compiled())
atexit.register(lambda: print("compiled:", sorted(Compiled.names)))
"""


def _process(code: str, cache: Path, at: Path) -> subprocess.Popen:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    environment.pop("DAGSTER_HOME", None)
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", _COUNTED + code], cwd=at, env=environment, stdout=subprocess.PIPE, text=True
    )


def _compiled_by(process: subprocess.Popen) -> list[str]:
    said, _ = process.communicate()
    assert process.returncode == 0
    return eval(said.rpartition("compiled: ")[2])  # noqa: S307 - what _COUNTED printed


@pytest.mark.long
def test_a_night_compiles_nothing_after_the_warm_up(insurance, tmp_path):
    warm = "from segmentation_assets.clustering.warmup import warm_up; warm_up()\n"
    assert _compiled_by(_process(warm, tmp_path / "cache", tmp_path))
    night = (
        "from segmentation_assets.cli import main\n"
        f"main(['run', '--date', '2025-11-15', '--data', {str(insurance)!r}], standalone_mode=False)\n"
    )
    assert _compiled_by(_process(night, tmp_path / "cache", tmp_path)) == []


def test_two_processes_compile_a_kernel_once(tmp_path):
    code = (
        "from segmentation_assets.clustering import FAMD\n"
        "import pandas as pd\n"
        "FAMD(n_components=1).fit(pd.DataFrame({'x': [0.0, 1.0, 3.0], 'y': [1.0, 0.0, 1.0]}))\n"
    )
    both = [_process(code, tmp_path / "cache", tmp_path) for _ in range(2)]
    found = [_compiled_by(process) for process in both]
    assert sorted(found[0] + found[1]) == sorted(set(found[0] + found[1]))
    assert found[0] + found[1]
