"""The reference engine gives what the packages give, to the digit, and says when it cannot."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from gower import gower_matrix
from kmodes.kmodes import KModes
from kmodes.kprototypes import KPrototypes
from sklearn.metrics import silhouette_score

from segmentation_assets.errors import ModelError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.segments.methods import reference
from segmentation_assets.segments.model import model_from_rows
from segmentation_assets.segments.placement import place
from segmentation_assets.segments.scaling import learn_scales, scaled_frame
from segmentation_assets.segments.training import train
from segmentation_assets_tests.conftest import PUBLISHED_DAY
from segmentation_assets_tests.segments.conftest import FEATURES
from segmentation_assets_tests.segments.test_training import DAY, book, lens_of, portfolio_of

pytestmark = pytest.mark.long

PUBLISHED = {2: (525.001, 0.3699), 3: (308.194, 0.4343)}  # the others take a minute more
PLAIN = FEATURES | {"city": FEATURES["city"].model_copy(update={"weight": 1.0})}


def by_reference(rows: pd.DataFrame, **lens: object):
    portfolio = portfolio_of(small=lens_of(*lens.pop("features"), method="reference", **lens))
    return train(rows, portfolio.model_copy(update={"features": PLAIN}), DAY)


def test_the_published_costs_and_silhouettes(published):
    features = published[0].table("customer_features", PUBLISHED_DAY).sample(frac=1, random_state=0)
    insurance = load_portfolio("insurance")
    lens = insurance.lenses["overall"].model_copy(update={"candidates": (2, 3), "method": "reference"})
    portfolio = insurance.model_copy(update={"lenses": {"overall": lens}})
    training = train(features, portfolio, PUBLISHED_DAY)
    scores = training.candidates.set_index("n_clusters")
    found = {k: (round(scores.loc[k, "cost"], 3), round(scores.loc[k, "silhouette"], 4)) for k in scores.index}
    assert found == PUBLISHED
    model = model_from_rows(training.model_rows.iloc[0], training.prototype_rows)
    placed = place(features, "overall", lens, insurance.features, model=model)
    assert placed.groupby("segment_id").size().tolist() == [1129, 1267, 1050]
    assert training.stability_rows["n_customers"].tolist() == [1129, 1267, 1050]


@pytest.mark.parametrize("order", [["age", "city", "visits"], ["city", "age", "visits"], ["age", "visits", "city"]])
def test_it_is_kmodes_and_gower_wherever_the_categories_stand(order):
    rows = book().sort_values("customer_id", ignore_index=True)
    training = by_reference(rows.sample(frac=1, random_state=1), features=order, n_clusters=3, candidates=(2, 4))
    scaled = scaled_frame(rows, learn_scales(rows, lens_of(*order), PLAIN))
    is_categorical = np.array([name == "city" for name in order])
    matrix = gower_matrix(rows[order].astype({"city": object}))
    for _, row in training.candidates.iterrows():
        peer = KPrototypes(row["n_clusters"], init="Cao", max_iter=20, random_state=42)
        labels = peer.fit_predict(scaled.to_numpy(dtype=object), categorical=[order.index("city")])
        assert row["cost"] == peer.cost_
        assert row["silhouette"] == pytest.approx(silhouette_score(matrix, labels, metric="precomputed"), abs=1e-6)
        assert row["min_share"] == np.bincount(labels).min() / len(rows)
        if row["is_chosen"]:
            assert training.model_rows["gamma"].tolist() == [peer.gamma]
            model = model_from_rows(training.model_rows.iloc[0], training.prototype_rows)
            first = order[int(is_categorical[0])]
            expected = rows.groupby(labels)[["age", "visits"]].mean().sort_values(first)
            np.testing.assert_array_equal(model.prototypes[["age", "visits"]], expected)


def test_numbers_alone_are_k_means_and_cost_what_our_engine_finds():
    rows = book()
    theirs = by_reference(rows, features=["age", "visits"], candidates=(2, 4)).candidates
    ours = train(rows, portfolio_of(small=lens_of("age", "visits", candidates=(2, 4))), DAY).candidates
    np.testing.assert_allclose(theirs["cost"], ours["cost"], rtol=1e-5)
    np.testing.assert_allclose(theirs["silhouette"], ours["silhouette"], atol=1e-5)


@pytest.mark.parametrize(("gamma", "price"), [("auto", 1.0), (0.5, 0.5)])
def test_categories_alone_are_k_modes(gamma, price):
    rows = book().assign(product=lambda frame: frame["visits"].ge(3).map({True: "Auto", False: "Life"}))
    training = by_reference(rows, features=["city", "product"], n_clusters=2, candidates=(2, 3), gamma=gamma)
    ordered = rows.sort_values("customer_id")[["city", "product"]].to_numpy(dtype=object)
    peers = [KModes(k, init="Cao", max_iter=20, random_state=42).fit(ordered).cost_ for k in (2, 3)]
    assert training.candidates["cost"].tolist() == [price * cost for cost in peers]
    assert training.model_rows["gamma"].tolist() == [price]


def test_too_many_customers_are_told_how_many_and_what_to_do():
    rows = book(20_001)
    with pytest.raises(ModelError, match=r"20,001 of them would take 1\.6 GB, and it takes at most 20,000\. Set 'met"):
        by_reference(rows, features=["age", "city"])


@pytest.mark.parametrize("package", ["kmodes", "gower"])
def test_a_package_that_is_not_there_is_told_with_the_way_to_get_it(monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModelError, match=rf"needs the package {package}, .* pip install 'segmentation-assets\[ref"):
        by_reference(book(), features=["age", "city"])


def test_what_kmodes_cannot_do_is_told(monkeypatch):
    def give_up(*_given, **_named):
        raise ValueError("Clustering algorithm could not initialize.")

    monkeypatch.setattr(KPrototypes, "fit", give_up)
    with pytest.raises(ModelError, match=r"kmodes finds no 2 clusters: Clustering .* Try fewer candidates"):
        by_reference(book(), features=["age", "city"], candidates=(2, 3))


def test_the_packages_are_loaded_by_nobody_else():
    code = f"import sys, {reference.__name__}; print(sorted({{'kmodes', 'gower'}} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert said.stdout.strip() == "[]"
