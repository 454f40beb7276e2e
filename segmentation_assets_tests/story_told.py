"""What the tables of the nights tell, held against what was planted in the insurer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from segmentation_assets.sources.synthetic import SyntheticInsurer
from segmentation_assets.warehouse import Query
from segmentation_assets_tests.conftest import Graph
from segmentation_assets_tests.personas.truth import Segment, untruths

LENS = "overall"
Move = tuple[str, date]
"""A customer, and the first snapshot that shows the move."""


@dataclass(frozen=True)
class Moves:
    """Planted moves and those told as certain, both of customers who are there on two snapshots in a row."""

    planted: set[Move]
    told: set[Move]

    def between(self, first: date, last: date) -> "Moves":
        """Return those that show on a day of a range."""
        return Moves(*({move for move in part if first <= move[1] <= last} for part in (self.planted, self.told)))

    @property
    def precision(self) -> float:
        return len(self.planted & self.told) / len(self.told)

    @property
    def recall(self) -> float:
        return len(self.planted & self.told) / len(self.planted)


def moves_of(graph: Graph, insurer: SyntheticInsurer, days: Sequence[date]) -> Moves:
    """Return the moves between the days, which are all snapshots there are, ascending."""
    there = {day: set(insurer.truth(day)["customer_id"]) for day in days}
    before = dict(zip(days[1:], days[:-1], strict=True))
    moved = insurer.migrations(days[-1], since=days[0])
    planted = {
        (customer, day)
        for customer, on in zip(moved["customer_id"], moved["migrated_on"].dt.date, strict=True)
        if customer in there[day := next(d for d in days if d >= on)] & there[before[day]]
    }
    told = graph.warehouse.query(Query("SELECT * FROM customer_moves")).to_pandas()
    told = told[(told["lens"] == LENS) & told["is_certain"]]
    return Moves(planted, set(zip(told["customer_id"], told["snapshot_date"], strict=True)))


def personas_of(graph: Graph, insurer: SyntheticInsurer, day: date) -> pd.DataFrame:
    """Return the planted kind that most customers of each segment are of, with their share, by segment_id."""
    placed = graph.table("customer_segments", day).query("lens == @LENS", local_dict={"LENS": LENS})
    both = placed.merge(insurer.truth(day), on="customer_id", validate="one_to_one")
    shares = pd.crosstab(both["segment_id"], both["planted_segment"], normalize="index")
    return pd.DataFrame({"persona": shares.idxmax(axis=1), "share": shares.max(axis=1)})


def incomplete(graph: Graph, insurer: SyntheticInsurer, day: date) -> list[str]:
    """Return what is missing or wrong in `labelled_customers` of a day, in words; nothing where all is well."""
    told, truth = graph.table("labelled_customers", day), insurer.truth(day)
    found = []
    if sorted(told["customer_id"]) != sorted(truth["customer_id"]):
        found.append("not every customer of the file has one row")
    if told["segment_name"].isna().any() or told["segment_name"].eq("Unclassified").any():
        found.append("a customer has no name, though everybody could be placed")
    lapsed = set(told.loc[told["policy_status"] == "lapsed", "customer_id"])
    if lapsed != set(truth.loc[truth["has_lapsed"], "customer_id"]):
        found.append("those who lapsed are not those planted")
    names = graph.table("segment_labels", day).query("lens == 'overall'").set_index("segment_id")["segment_name"]
    if not told["segment_name"].eq(told["segment_id"].map(names)).all():
        found.append("a customer carries another segment's name")
    return found


def untrue_labels(graph: Graph, day: date) -> list[str]:
    """Return every claim in the labels of a day that the customers themselves do not bear out."""
    labels, customers = graph.table("segment_labels", day), graph.table("labelled_customers", day)
    found = []
    for label in labels[labels["lens"] == LENS].to_dict("records"):
        segment = segment_of(customers, label["segment_id"])
        claims = [claim for text in ("segment_name", "description") for claim in untruths(label[text], segment)]
        found += [f"{label['segment_name']}: {claim}" for claim in claims]
    return found


def segment_of(customers: pd.DataFrame, segment_id: int) -> Segment:
    """Return the customers of a segment beside all; rows of `labelled_customers`."""
    return Segment(customers[customers["segment_id"] == segment_id], customers)


def alarms_of(graph: Graph, day: date) -> list[str]:
    """Return the features of the primary lens that drifted past their alarm, with the segment where it is one."""
    rows = graph.table("feature_drift", day)
    rows = rows[(rows["lens"] == LENS) & rows["is_alarm"]].sort_values(["scope", "segment_id", "feature"])
    return [
        row["feature"] if pd.isna(row["segment_id"]) else f"{row['feature']} in segment {row['segment_id']}"
        for row in rows.to_dict("records")
    ]


def lineage_of(graph: Graph, day: date) -> dict[int, str]:
    """Return what the model in force on a day made of each segment, by segment_id."""
    rows = graph.table("segment_lineage", day)
    rows = rows[rows["lens"] == LENS]
    return dict(zip(rows["segment_id"].astype(int), rows["event"], strict=True))
