"""Compile what clustering a mixed table needs, before it is needed: `python -m segmentation_assets.clustering.warmup`.

On a machine that has not compiled them yet the kernels take some 20 s, for most of which a run reads and cleans its
tables. Another process can compile them meanwhile; whoever needs one that is being compiled waits for it and loads
it from the disk (see `compiled.kernels`).
"""

import subprocess
import sys

import numpy as np
import pandas as pd

from segmentation_assets.clustering.compiled.kernels import are_compiled, note_compiled
from segmentation_assets.clustering.evaluation.scorecard import k_scorecard
from segmentation_assets.clustering.famd.estimator import FAMD
from segmentation_assets.clustering.kprototypes.estimator import KPrototypes
from segmentation_assets.clustering.kprototypes.microsegments import MicroSegments

_ROWS = 60
_started: list[subprocess.Popen] = []


def warm_up():
    """Compile the kernels of a scorecard, of a fit, of micro-segments and of a map, by making small ones."""
    frame = _small_table()
    for part in (frame, frame[["x", "y"]], frame[["c"]]):
        for weight in (None, np.ones(len(part))):
            model = KPrototypes(n_clusters=2, n_init=2, random_state=0).fit(part, sample_weight=weight)
        model.predict(part)
    keys = [f"C{i}" for i in range(_ROWS)]
    k_scorecard(frame, [2, 3], n_bootstraps=2, random_state=0, value=frame["x"].to_numpy(), row_keys=keys)
    MicroSegments(4, random_state=0).fit(frame, np.arange(_ROWS) % 2)
    for part in (frame, frame[["x", "y"]]):
        FAMD(n_components=2).fit_transform(part)


def _small_table():
    drawn = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "x": drawn.normal(size=_ROWS),
            "y": drawn.normal(size=_ROWS),
            "c": pd.Categorical(drawn.choice(["a", "b", "c"], _ROWS)),
        }
    )


def start_warm_up():
    """Compile in another process what this machine has not compiled yet; it goes on by itself."""
    if not are_compiled():
        command = [sys.executable, "-m", "segmentation_assets.clustering.warmup"]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        _started.append(subprocess.Popen(command, start_new_session=True, **quiet))  # noqa: S603 - our own command


if __name__ == "__main__":
    warm_up()
    note_compiled()
