"""Compiled loops of the bootstrap: tables of two labelings, and agreement row by row."""

import numpy as np

from segmentation_assets.clustering.compiled.kernels import kernel


@kernel
def cross_tabulate(left, right, weights, everyone, drawn):
    """Count rows by left and right label: all of them, and those whose weight is above 0."""
    for row in range(left.shape[0]):
        everyone[left[row], right[row]] += 1
        if weights[row] > 0.0:
            drawn[left[row], right[row]] += 1


@kernel
def count_agreements(reference, labels, partners, agreements):
    """Add 1 to every row whose label is the partner of its reference label."""
    for row in range(reference.shape[0]):
        agreements[row] += np.int32(labels[row] == partners[reference[row]])
