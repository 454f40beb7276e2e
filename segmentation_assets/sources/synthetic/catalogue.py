"""The synthetic insurer's products: nineteen, of four types and four categories."""

import numpy as np
import pyarrow as pa

from segmentation_assets.sources.synthetic.delivery import Rows

PRODUCT_TYPES = ("Health", "Life", "Auto", "Property")

# Each product with its name, its type and its category.
PRODUCTS = (
    ("Harbour Team Health", "Health", "Group"),
    ("Staffwell Care", "Health", "Group"),
    ("Beacon Group Life", "Life", "Group"),
    ("Union Life Pledge", "Life", "Group"),
    ("Fleetmate Group Auto", "Auto", "Group"),
    ("Shopfront Shield", "Property", "Business"),
    ("Stockroom Guard", "Property", "Business"),
    ("Workshop Assure", "Property", "Business"),
    ("Vanguard Trade Motor", "Auto", "Business"),
    ("Tidewater Life", "Life", "Individual"),
    ("Evensong Legacy Life", "Life", "Individual"),
    ("Clearday Health", "Health", "Individual"),
    ("Sterling Private Health", "Health", "Individual"),
    ("Sprint Motor", "Auto", "Individual"),
    ("Milewise Pay-As-You-Drive", "Auto", "Individual"),
    ("Hearth Family Health", "Health", "Family"),
    ("Kindred Family Life", "Life", "Family"),
    ("Nestling Life Plus", "Life", "Family"),
    ("Gatehouse Family Life", "Life", "Family"),
)

PRODUCT_IDS = tuple(f"PR{number:04d}" for number in range(1, len(PRODUCTS) + 1))

# Position in PRODUCT_TYPES of each product.
TYPE_OF_PRODUCT = np.array([PRODUCT_TYPES.index(kind) for _, kind, _ in PRODUCTS])


def product_rows() -> Rows:
    """Return the products table; it is the same on each date."""
    names, kinds, categories = zip(*PRODUCTS, strict=True)
    return Rows(
        np.arange(1, len(PRODUCTS) + 1),
        {
            "product_id": pa.array(PRODUCT_IDS),
            "product_name": pa.array(names),
            "product_type": pa.array(kinds),
            "category": pa.array(categories),
        },
    )


def product_weights(weights: dict[tuple[str, str], float]) -> np.ndarray:
    """Cumulative shares of the products, from weights by (type, category).

    A pair's weight is split evenly between its products.
    """
    pairs = [(kind, category) for _, kind, category in PRODUCTS]
    shares = np.array([weights.get(pair, 0.0) / pairs.count(pair) for pair in pairs])
    return np.cumsum(shares / shares.sum())
