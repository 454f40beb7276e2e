"""Drift that is planted: from a day on, everybody's income or age lies higher or lower than it would."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segmentation_assets.sources.synthetic.delivery import Rows, amounts, integers
from segmentation_assets.sources.synthetic.personas import column, spread

DriftingFeature = Literal["income", "age"]


@dataclass(frozen=True)
class Drift:
    """A shift of one column of the customers by so many standard deviations of the whole company, from a day on.

    Nothing else changes: what customers buy follows from who they would have been.
    """

    feature: DriftingFeature
    from_date: date
    shift_sd: float

    def applied(self, table: str, rows: Rows, as_of: date) -> Rows:
        """Return the rows of a table as they are delivered on a day under this drift; blank stays blank."""
        if table != "customers" or as_of < self.from_date:
            return rows
        text = rows.columns[self.feature]
        blank = pc.equal(text, "").to_numpy(zero_copy_only=False)
        values = pc.if_else(pa.array(blank), "0", text).cast(pa.float64()).to_numpy()
        moved = np.maximum(values + self.shift_sd * standard_deviation(self.feature), 0.0)
        write = amounts if self.feature == "income" else integers
        return replace(rows, columns={**rows.columns, self.feature: write(moved, blank=blank)})


def standard_deviation(feature: DriftingFeature) -> float:
    """Return the standard deviation over the founders, by the law of total variance over the personas."""
    middle, width = spread(feature)
    if feature == "income":  # log-normal
        middle = middle * np.exp(width**2 / 2)
        width = middle * np.sqrt(np.expm1(width**2))
    share = column("share")
    mean = share @ middle
    return float(np.sqrt(share @ (width**2 + middle**2) - mean**2))
