"""Mixed tables, and the Parquet files they are cut into."""

import numpy as np
import pandas as pd


def mixed_table(n, seed=0):
    """Three numbers, a category and a flag."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"n{j}": rng.normal(size=n) + 3 * rng.integers(0, 2, n) for j in range(3)})
    return frame.assign(c=rng.choice(list("abcde"), n), flag=rng.random(n) < 0.3)


def with_gaps(frame, seed=1):
    """The table with a tenth of two columns missing, and some of a third."""
    rng = np.random.default_rng(seed)
    n = len(frame)
    return frame.assign(
        n0=frame["n0"].where(rng.random(n) > 0.1),
        n2=frame["n2"].where(rng.random(n) > 0.01),
        c=frame["c"].where(rng.random(n) > 0.1, None),
    )


def shards_of(frame, cuts, folder):
    """Write the rows between the cuts as files and return their paths."""
    paths = []
    for number, part in enumerate(np.split(np.arange(len(frame)), cuts)):
        paths.append(folder / f"{number}.parquet")
        frame.iloc[part].to_parquet(paths[-1])
    return paths
