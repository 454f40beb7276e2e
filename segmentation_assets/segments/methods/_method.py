"""What a method is: how segments are found, how a customer is held against them, and what can be said of them.

A method of prototypes, whose segments are a centre each, needs to say only how it finds them; it takes the rest from
here. One of another kind says otherwise what differs: how far a customer is from a segment (`distances`), how its
segments are described by a row a feature (`centres`), in which SQL it scores, if in any, how stable its segments are,
and how they are cut finer.
"""

# A portfolio is judged by what methods take, before anything that takes a second to import is needed.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from segmentation_assets.segments.candidates import Candidates
    from segmentation_assets.segments.model import LensModel
    from segmentation_assets.segments.scaling import FeatureScale
    from segmentation_assets.segments.scoring.prototypes import Kinds


@dataclass(frozen=True)
class Problem:
    """What a method is to find segments in.

    Parameters
    ----------
    rows : one customer a row, in order of their keys: `customer_id`, the features in their own units, none missing.
    scaled : the features of the lens as the model sees them, in its order.
    scales : how they were brought to one scale, with their weights.
    n_clusters : the numbers of segments to try.
    gamma : how much a category counts beside a number, or "auto".
    value : what each customer is worth, (n,); NaN where that is not known.
    seed : of all that is drawn.
    client : of a Dask cluster; None for this process.
    """

    rows: pd.DataFrame
    scaled: pd.DataFrame
    scales: list[FeatureScale]
    n_clusters: list[int]
    gamma: float | str
    value: np.ndarray
    seed: int
    client: Any = None


class Method:
    """A method of prototypes, and what any other method may say otherwise.

    Attributes
    ----------
    kinds : the kinds of features that it takes, numeric and categorical; none of them may be missing.
    knows_weights : whether a feature may have a weight.
    """

    kinds: frozenset[str] = frozenset({"numeric", "categorical"})
    knows_weights: bool = True

    def candidates(self, problem: Problem) -> Candidates:
        """Find segments for each number of them that is to be tried, and score what was found."""
        raise NotImplementedError

    def centres(self, fitted: Any, problem: Problem, labels: np.ndarray) -> pd.DataFrame:
        """Return what describes each cluster: means in the features' own units and modes, a row a cluster.

        Rows come sorted by customer, so the sums have one order and the means the same bits however the data arrived.
        """
        import pandas as pd

        columns = {
            scale.name: problem.rows[scale.name].groupby(labels).mean()
            if scale.is_numeric
            else fitted.prototypes_[scale.name]
            for scale in problem.scales
        }
        return pd.DataFrame(columns).reindex(columns=[scale.name for scale in problem.scales])

    def gamma(self, fitted: Any) -> float:
        """Return how much one category that differs counted."""
        return float(fitted.gamma_)

    def knowledge(self, fitted: Any, problem: Problem, labels: np.ndarray) -> dict[int, Any]:  # noqa: ARG002
        """Return what is to be kept of each cluster besides its prototype, in terms of JSON; nothing by default."""
        return {}

    def stability(self, fitted: Any, problem: Problem, clusters_in_order: Sequence[int]) -> pd.DataFrame:
        """Return the rows of `segment_stability` of a fitted model, see `segments.stability`."""
        from segmentation_assets.segments.stability import judge_stability

        return judge_stability(fitted, problem.scaled, clusters_in_order, problem.seed, problem.rows["customer_id"])

    def distances(self, rows: pd.DataFrame, model: LensModel) -> np.ndarray:
        """Return the distance of each row to each segment, shape (n, k), segments in the order of their ids.

        The arithmetic is plain double precision, feature by feature in the model's order, so that SQL can repeat it:
        d(x, p) = sum over numbers w (x' - p')^2 + gamma * sum over categories w [x != p] (Huang 1998), with ' the
        scaled value. A category the model never saw differs from all, and adds the same to each distance.

        Parameters
        ----------
        rows : `customer_id` and the features of the model, none missing.
        """
        import numpy as np

        total = np.zeros((len(rows), len(model.prototypes)))
        for scale in model.scales:
            values, centres = scale.apply(rows[scale.name]), scale.apply(model.prototypes[scale.name])
            for j, centre in enumerate(centres):
                if scale.is_numeric:
                    total[:, j] += scale.weight * (values - centre) ** 2
                else:
                    total[:, j] += np.where(values == centre, 0.0, scale.weight * model.gamma)
        return total

    def scoring_parts(self, lens: str, kinds: Kinds) -> list[str]:
        """Return the named parts of the SQL that places the customers of a lens; none where there is no such SQL.

        The last part is called `<lens>_nearest` and has `segment_id`, `distance`, `runner_up_segment_id` and
        `runner_up_distance` by `snapshot_date` and `customer_id`, with the `model_id`, to the bit as `distances` says.
        """
        from segmentation_assets.segments.scoring.prototypes import prototype_parts

        return prototype_parts(lens, kinds)

    def micro_segments(
        self, features: pd.DataFrame, placements: pd.DataFrame, model: LensModel, wanted: int
    ) -> pd.DataFrame:
        """Return the rows of `micro_segments` of one lens, see `segments.micro`."""
        from segmentation_assets.segments.micro import micro_segments

        return micro_segments(features, placements, model, wanted)
