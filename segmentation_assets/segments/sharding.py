"""Rows written as Parquet files for the workers of a Dask cluster, for as long as they work on them."""

import math
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from segmentation_assets.errors import ModelError

if TYPE_CHECKING:
    from segmentation_assets.clustering import Shards

MOST_ROWS = 1_000_000
"""Rows a file: what a worker reads at once."""


@contextmanager
def written_shards(rows: pd.DataFrame, client: Any) -> "Iterator[Shards]":
    """Write the rows, in their order, to files in the temporary folder; they are gone afterwards.

    There is at least one file a worker's thread. The folder is the system's, or the one that TMPDIR names; every
    worker must be able to read it.

    Raises
    ------
    ModelError
        If a worker cannot.
    """
    from segmentation_assets.clustering import Shards

    threads = sum(client.ncores().values())
    size = max(1, min(MOST_ROWS, math.ceil(len(rows) / max(threads, 1))))
    with tempfile.TemporaryDirectory(prefix="segmentation-shards-") as folder:
        paths = [str(Path(folder) / f"{start:012d}.parquet") for start in range(0, len(rows), size)]
        for number, path in enumerate(paths):
            rows.iloc[number * size : (number + 1) * size].to_parquet(path, index=False)
        blind = [worker for worker, sees in client.run(os.path.exists, paths[0]).items() if not sees]
        if blind:
            raise ModelError(
                f"The Dask worker {blind[0]} cannot read {folder}, where the rows were written for it. Let TMPDIR "
                "name a folder that this machine and every worker share, or unset SEGMENTATION_DASK_SCHEDULER."
            )
        yield Shards(paths, client)
