"""Tables for the clustering tests."""

import numpy as np
import pandas as pd


def mixed(n, seed=0, levels=(3, 5)):
    """n rows of three numbers in two groups each and of text, one column for each number of levels."""
    rng = np.random.default_rng(seed)
    table = {f"n{j}": rng.normal(size=n) + 3 * rng.integers(0, 2, n) for j in range(3)}
    table |= {f"c{j}": rng.choice([f"v{i}" for i in range(count)], n) for j, count in enumerate(levels)}
    return pd.DataFrame(table)
