"""K-Prototypes (Huang 1998): numbers and categories in one distance, on our own engine."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from segmentation_assets.segments.methods._method import Method, Problem

if TYPE_CHECKING:
    from segmentation_assets.segments.candidates import Candidates


class KPrototypes(Method):
    """The means of numbers and the modes of categories; of numbers alone it is k-means, of categories k-modes."""

    def candidates(self, problem: Problem) -> Candidates:
        """Try each number of segments; bootstraps, which draw the rows again and again, stay in this process."""
        from segmentation_assets.clustering import k_scorecard
        from segmentation_assets.segments.candidates import Candidates, bootstraps_of, starts_of
        from segmentation_assets.segments.sentinels import told_in_metadata
        from segmentation_assets.segments.sharding import written_shards

        n, scales = len(problem.rows), problem.scales
        on_workers = nullcontext() if problem.client is None else written_shards(problem.scaled, problem.client)
        with told_in_metadata(), on_workers as shards:
            scorecard = k_scorecard(
                problem.scaled,
                problem.n_clusters,
                categorical=[scale.name for scale in scales if not scale.is_numeric],
                feature_weights={scale.name: scale.weight for scale in scales},
                gamma=problem.gamma,
                value=problem.value,
                n_init=starts_of(n),
                n_bootstraps=bootstraps_of(n),
                random_state=problem.seed,
                shards=shards,
                row_keys=problem.rows["customer_id"],
            )
        labels = {k: model.labels_ for k, model in scorecard.models.items()}
        return Candidates(scorecard.table.drop(columns="is_recommended"), labels, scorecard.models, scorecard.noise)


METHOD = KPrototypes()
