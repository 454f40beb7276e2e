"""A map of the customers: two coordinates from a factor analysis of mixed data (Pages 2004)."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from segmentation_assets.portfolio import Feature, Lens
from segmentation_assets.segments.eligibility import missing_reasons
from segmentation_assets.segments.sentinels import told_in_metadata
from segmentation_assets.segments.sharding import written_shards
from segmentation_assets.tables.keys import in_order_of

if TYPE_CHECKING:
    from segmentation_assets.clustering import FAMD

FEWEST_CUSTOMERS = 3


@told_in_metadata()
def project(
    features: pd.DataFrame, lens_name: str, lens: Lens, declared: dict[str, Feature], client: Any = None
) -> tuple[pd.DataFrame, list[float]]:
    """Return the rows of `customer_projection` of a lens, and the share of inertia of each component.

    Customers who lack a feature of the lens have no place on the map. Fewer than three customers, or features that
    do not vary at all, give no map: no rows and no shares. With the `client` of a Dask cluster its workers make the
    map, to the same bits.
    """
    is_complete = (missing_reasons(features, lens, declared) == "").to_numpy(dtype=bool)
    complete = in_order_of(features.loc[is_complete, ["customer_id", *lens.features]], "customer_id")
    columns = {
        name: complete[name].astype(float if declared[name].kind == "numeric" else object) for name in lens.features
    }
    varying = pd.DataFrame({name: values for name, values in columns.items() if len(values.unique()) > 1})
    if len(complete) < FEWEST_CUSTOMERS or varying.empty:
        return pd.DataFrame({"lens": [], "customer_id": [], "component_1": [], "component_2": []}), []
    from segmentation_assets.clustering import FAMD

    famd = FAMD(n_components=min(2, _dimensions(varying)))
    coordinates = famd.fit_transform(varying) if client is None else _project_sharded(famd, varying, client)
    frame = pd.DataFrame(
        {
            "lens": lens_name,
            "customer_id": complete["customer_id"],
            "component_1": coordinates[:, 0],
            "component_2": coordinates[:, 1] if coordinates.shape[1] > 1 else 0.0,
        }
    )
    return frame, [float(share) for share in famd.explained_inertia_]


def _project_sharded(famd: "FAMD", rows: pd.DataFrame, client: Any) -> np.ndarray:
    """Fit and return the coordinates of the rows, with the workers of a Dask cluster."""
    from segmentation_assets.clustering import fit_famd_sharded, transform_sharded

    with written_shards(rows, client) as shards:
        fit_famd_sharded(famd, shards.paths, client=client)
        return np.concatenate([part.to_numpy() for part in transform_sharded(famd, shards.paths, client=client)])


def _dimensions(rows: pd.DataFrame) -> int:
    """Return how many components there can be: one a number, one less than its categories a category."""
    return sum(1 if rows[name].dtype == float else rows[name].nunique() - 1 for name in rows)
