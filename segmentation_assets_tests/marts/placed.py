"""Marts of customers with their segments and policies, as a test makes them up, for the threshold of a portfolio."""

import pandas as pd

from segmentation_assets.tables import own_tables
from segmentation_assets.warehouse import Warehouse
from segmentation_assets_tests.insurers import CUSTOMERS, POLICIES, PRODUCTS
from segmentation_assets_tests.marts.warehouse import INSURANCE, Marts

LABELLED_CUSTOMERS = own_tables()["labelled_customers"]
SEGMENT_LABELS = own_tables()["segment_labels"]

LEAST = INSURANCE.min_group_size


def marts_of(warehouse: Warehouse, people: pd.DataFrame, sold: pd.DataFrame) -> Marts:
    """Return marts of customers (segment -1: none) and policies, each with its day, for the real threshold."""
    names = people["segment"].map(lambda s: "Unclassified" if s < 0 else f"Segment {s}")
    placed = people[["snapshot_date", "customer_id"]].assign(
        lens="overall",
        segment_id=people["segment"].where(people["segment"] >= 0),
        segment_name=names,
        confidence=0.5,
        is_outlier=False,
    )
    labels = placed[["snapshot_date", "lens", "segment_id", "segment_name"]].dropna().drop_duplicates()
    labels = labels.assign(model_id="m", label_source="rules", profile_hash="h", description="Some.")
    products = sold[["snapshot_date", "product_id"]].drop_duplicates()
    tables = {
        "customers": (people, CUSTOMERS),
        "policies": (sold.assign(policy_id=[f"p{i}" for i in range(len(sold))]), POLICIES),
        "products": (products.assign(product_name=products["product_id"], product_type="Life"), PRODUCTS),
        "labelled_customers": (placed, LABELLED_CUSTOMERS),
        "segment_labels": (labels, SEGMENT_LABELS),
    }
    frames = {name: frame.reindex(columns=table.column_names).astype(object) for name, (frame, table) in tables.items()}
    return Marts(warehouse, min_group_size=LEAST, **{name: f.where(f.notna(), None) for name, f in frames.items()})
