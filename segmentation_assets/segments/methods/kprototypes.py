"""K-Prototypes (Huang 1998): numbers and categories in one distance, on our own engine."""

from contextlib import nullcontext

from segmentation_assets.segments.candidates import (
    DRAWN_ROWS,
    FEWEST_BOOTSTRAPS,
    FEWEST_STARTS,
    MOST_BOOTSTRAPS,
    MOST_STARTS,
    STARTED_ROWS,
    Candidates,
)
from segmentation_assets.segments.methods._method import Method, Problem
from segmentation_assets.segments.sentinels import told_in_metadata
from segmentation_assets.segments.sharding import written_shards


class KPrototypes(Method):
    """The means of numbers and the modes of categories; of numbers alone it is k-means, of categories k-modes."""

    @told_in_metadata()
    def candidates(self, problem: Problem) -> Candidates:
        """Try each number of segments; bootstraps, which draw the rows again and again, stay in this process."""
        from segmentation_assets.clustering import k_scorecard

        n, scales = len(problem.rows), problem.scales
        with nullcontext() if problem.client is None else written_shards(problem.scaled, problem.client) as shards:
            scorecard = k_scorecard(
                problem.scaled,
                problem.n_clusters,
                categorical=[scale.name for scale in scales if not scale.is_numeric],
                feature_weights={scale.name: scale.weight for scale in scales},
                gamma=problem.gamma,
                value=problem.value,
                n_init=min(MOST_STARTS, max(FEWEST_STARTS, STARTED_ROWS // n)),
                n_bootstraps=min(MOST_BOOTSTRAPS, max(FEWEST_BOOTSTRAPS, DRAWN_ROWS // n)),
                random_state=problem.seed,
                shards=shards,
                row_keys=problem.rows["customer_id"],
            )
        labels = {k: model.labels_ for k, model in scorecard.models.items()}
        return Candidates(scorecard.table.drop(columns="is_recommended"), labels, scorecard.models, scorecard.noise)


METHOD = KPrototypes()
