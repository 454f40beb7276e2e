"""Requests for a further model: the one table that is written down and never worked out."""

from segmentation_assets.tables.schema import string, table

RETRAINING_REQUESTS = table(
    "retraining_requests",
    "segments",
    "Further retraining dates, written down once and never worked out: the snapshot date is a retraining date from "
    "that day on, until the next one.",
    string("lens", "The lens to be trained anew, or all.", is_required=True),
    string("reason", "Why, in words: a wish, a changed feature list, drift past its alarm.", is_required=True),
    string("requested_by", "Who asked: a person, or the sensor's name.", is_required=True),
    key=("lens",),
    unit_of_row="lens",
)
