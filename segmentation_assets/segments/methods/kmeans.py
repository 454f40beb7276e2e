"""K-means (Lloyd 1982, k-means++ starts by Arthur and Vassilvitskii 2007): numbers alone, by their squared distance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from segmentation_assets.segments.methods._method import Problem
from segmentation_assets.segments.methods.kprototypes import KPrototypes

if TYPE_CHECKING:
    from segmentation_assets.segments.candidates import Candidates


class KMeans(KPrototypes):
    """K-Prototypes without a category, which is k-means: the same engine, shards and scorecard, and no gamma."""

    kinds = frozenset({"numeric"})

    def candidates(self, problem: Problem) -> Candidates:
        """Try each number of segments."""
        return super().candidates(replace(problem, gamma=0.0))

    def gamma(self, fitted: Any) -> float:  # noqa: ARG002 - there is no category to weigh
        """Return 0: no category takes part."""
        return 0.0


METHOD = KMeans()
