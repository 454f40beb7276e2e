"""Time and memory of one fit of a Parquet file, in a process that holds nothing else, as JSON.

python -m benchmarks.clustering.one_fit PATH COARSE
"""

import json
import sys

import pandas as pd
import pyarrow as pa

from benchmarks.timing import peak_memory, resident, seconds
from segmentation_assets.clustering import KPrototypes

K = 8


def main(path, coarse):
    model = KPrototypes(K, coarse=coarse)
    model.fit(pd.DataFrame({"x": range(1_000), "c": list("abcd") * 250}))  # compiled code is read
    empty = resident()
    table = pd.read_parquet(path)
    pa.default_memory_pool().release_unused()  # what reading took and the table does not hold
    before = resident()
    peak = peak_memory(lambda: model.fit(table))
    took = seconds(lambda: model.fit(table), 3, warm=False)
    found = {"seconds": took, "peak": peak, "passes": model.n_iter_}
    print(json.dumps(found | {"empty": empty, "table": before - empty, "fit": peak - before}))


if __name__ == "__main__":
    main(sys.argv[1], bool(int(sys.argv[2])))
