"""Changed code makes stale what may come out otherwise by it, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import segmentation_assets
from segmentation_assets_tests.versions import society
from segmentation_assets_tests.versions.judging import changed, judge
from segmentation_assets_tests.versions.mutations import CODE
from segmentation_assets_tests.versions.society import found_society

ROOT = Path(segmentation_assets.__file__).parent.parent

pytestmark = pytest.mark.long  # a night for every change


@pytest.mark.parametrize("mutation", CODE, ids=str)
def test_changed_code(mutation, as_it_is, downstream, tmp_path):
    tree = tmp_path / "tree"
    for part in ("segmentation_assets", "sql"):
        shutil.copytree(ROOT / part, tree / part)  # with the bytecode and what numba compiled
    changed(mutation, tree)
    folder = found_society(tmp_path / "society").parent
    here = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(  # noqa: S603 - this Python, on a copy of this package
        [sys.executable, society.__file__, str(folder)], env=here, cwd=tree, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    judge(mutation, as_it_is, json.loads(done.stdout.splitlines()[-1]), downstream)
