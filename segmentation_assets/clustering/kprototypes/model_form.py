"""A fitted model as plain dictionaries: what a table or a JSON file holds, and nothing that must be unpickled."""

import numpy as np
import pandas as pd

from segmentation_assets.clustering.kprototypes.lloyd_runs import Prototypes
from segmentation_assets.clustering.mixed_tables.columns import Schema
from segmentation_assets.clustering.mixed_tables.encoding import Encoding

FORMAT = 1


def prototype_frame(encoding, prototypes):
    """Return prototypes as a DataFrame with the columns of X, in their own units and words."""
    columns, numeric, categorical = {}, iter(prototypes.readable.T), iter(range(prototypes.modes.shape[1]))
    for name, is_categorical in zip(encoding.names, encoding.is_categorical, strict=True):
        if is_categorical:
            j = next(categorical)
            levels = encoding.categories[j]
            columns[name] = pd.Series([levels[code] for code in prototypes.modes[:, j]], dtype=object)
        else:
            columns[name] = next(numeric)
    return pd.DataFrame(columns).rename_axis("cluster")


def model_to_dict(model):
    """Write a fitted `KPrototypes` down; floats are written in full, so reading them back is exact."""
    encoding, prototypes = model._encoding, model._prototypes
    for name in encoding.names:
        if not all(isinstance(part, str | int | float) for part in (name if isinstance(name, tuple) else (name,))):
            raise ValueError(f"The column {name!r} has a name that JSON cannot hold: name it by a text before the fit.")
    return {
        "format": FORMAT,
        "method": "kprototypes",
        "n_clusters": int(model.n_clusters),
        "gamma": float(model.gamma_),
        "missing": model.missing,
        "cost": float(model.cost_),
        "n_iter": int(model.n_iter_),
        "names": list(encoding.names),
        "named_columns": hasattr(model, "feature_names_in_"),
        "is_categorical": [bool(flag) for flag in encoding.is_categorical],
        "feature_weights": encoding.feature_weights.tolist(),
        "scale": float(encoding.scale),
        "centres": encoding.centres.tolist(),
        "factors": encoding.factors.tolist(),
        "steps": encoding.steps.tolist(),
        "categories": [list(levels) for levels in encoding.categories],
        "means": prototypes.readable.tolist(),
        "modes": prototypes.modes.tolist(),
    }


def _are_made_up(names):
    """Whether names are those that `read_columns` gives the columns of an array."""
    return names == [f"x{place}" for place in range(len(names))]


def model_from_dict(cls, model):
    """Read a model that `model_to_dict` wrote."""
    if model.get("format") != FORMAT or model.get("method") != "kprototypes":
        raise ValueError(
            f"This is no K-Prototypes model of format {FORMAT}: it says method={model.get('method')!r}, "
            f"format={model.get('format')!r}."
        )
    try:
        return _read(cls, model)
    except KeyError as error:
        raise ValueError(f"The model misses the key {error.args[0]!r}; it has {sorted(model)}.") from error


def _read(cls, model):
    flags = list(model["is_categorical"])
    encoding = Encoding(
        # JSON makes a list of a name in parts.
        names=[tuple(name) if isinstance(name, list) else name for name in model["names"]],
        is_categorical=flags,
        feature_weights=np.asarray(model["feature_weights"], float),
        centres=np.asarray(model["centres"], float),
        factors=np.asarray(model["factors"], float),
        steps=np.asarray(model["steps"], float),
        scale=float(model["scale"]),
        categories=[list(levels) for levels in model["categories"]],
    )
    k = int(model["n_clusters"])
    readable = np.asarray(model["means"], float).reshape(k, len(encoding.centres))
    positions = [position for position, flag in enumerate(flags) if flag]
    # Models written before there was a choice refused missing values.
    missing = model.get("missing", "error")
    estimator = cls(n_clusters=k, gamma=model["gamma"], categorical=positions or None, missing=missing)
    estimator._encoding = encoding
    estimator._prototypes = Prototypes(
        readable,
        ((readable - encoding.centres) * encoding.factors).astype(np.float32),
        np.asarray(model["modes"], encoding.code_type).reshape(k, len(encoding.categories)),
    )
    estimator.gamma_, estimator.cost_, estimator.n_iter_ = model["gamma"], model["cost"], model["n_iter"]
    estimator.n_features_in_ = len(flags)
    estimator._schema = Schema(encoding.names, flags, model["named_columns"] or not _are_made_up(encoding.names))
    if model["named_columns"]:
        estimator.feature_names_in_ = np.asarray(model["names"], dtype=object)
    estimator.unseen_categories_ = {}
    return estimator
