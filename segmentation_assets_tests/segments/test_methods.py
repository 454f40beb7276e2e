"""A method is one object: K-means beside scikit-learn, and one of the test's own that assigns at random."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans as TheirKMeans

import segmentation_assets.segments.methods as room
from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.errors import ModelError, PortfolioError
from segmentation_assets.history.versions import versions_of
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.methods import method_names
from segmentation_assets.segments.methods._found import method_of
from segmentation_assets.segments.model import model_from_rows
from segmentation_assets.segments.placement import distances, place
from segmentation_assets.segments.scaling import learn_scales, scaled_frame
from segmentation_assets.segments.training import train
from segmentation_assets.versions.fingerprint import _code
from segmentation_assets.versions.source_files import read_module
from segmentation_assets_tests.conftest import Graph, graph_on
from segmentation_assets_tests.segments.conftest import FEATURES, customers
from segmentation_assets_tests.segments.test_training import DAY, lens_of, portfolio_of
from segmentation_assets_tests.versions.society import DAYS, found_society

PLACED = ["lens", "customer_id", "segment_id", "distance", "runner_up_segment_id", "confidence", "model_id"]


def blobs(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    centre = rng.integers(0, 4, 300)
    ages = np.array([25, 40, 55, 70])[centre] + rng.normal(0, 5, 300)
    return customers(age=ages, visits=np.array([1, 8, 3, 12])[centre] + rng.normal(0, 1.5, 300)).assign(premium=1.0)


@pytest.mark.parametrize("seed", range(5))
def test_k_means_finds_no_worse_than_scikit_learn_and_keeps_its_optimum(seed):
    rows = blobs(seed).sort_values("customer_id", ignore_index=True)
    lens = lens_of("age", "visits", method="kmeans", n_clusters=4, candidates=(2, 6))
    training = train(rows, portfolio_of(small=lens), DAY)
    scales = learn_scales(rows, lens, FEATURES)
    scaled = scaled_frame(rows, scales).to_numpy() * np.sqrt([scale.weight for scale in scales])
    for _, row in training.candidates.iterrows():
        theirs = TheirKMeans(row["n_clusters"], n_init=30, random_state=seed).fit(scaled)
        assert row["cost"] <= theirs.inertia_ * (1 + 1e-6)
    model = model_from_rows(training.model_rows.iloc[0], training.prototype_rows)
    assert (model.method, model.gamma) == ("kmeans", 0.0)
    centres = scaled_frame(model.prototypes, scales).to_numpy() * np.sqrt([scale.weight for scale in scales])
    theirs = TheirKMeans(4, init=centres, n_init=1).fit(scaled)
    placed = place(rows, "small", lens, FEATURES, model=model)
    assert (theirs.labels_ + 1 == placed["segment_id"]).all()
    np.testing.assert_allclose(theirs.transform(scaled) ** 2, distances(rows, model), rtol=1e-9, atol=1e-12)


@pytest.fixture
def kmeans(tmp_path) -> Graph:
    """The society with its primary lens by K-means, two nights of it."""
    return lived(tmp_path, "kmeans")


def lived(at: Path, method: str) -> Graph:
    society = found_society(at / "society")
    text = society.read_text().replace("    title: Main\n", f"    title: Main\n    method: {method}\n")
    society.write_text(text)
    graph = graph_on(society.parent, at, str(society))
    assert graph.run(*DAYS).success
    return graph


def test_a_lens_by_k_means_has_all_that_a_lens_has(kmeans):
    for day in DAYS:
        placed = kmeans.table("customer_segments", day)
        scored = kmeans.query(f"SELECT * FROM scored_customers WHERE snapshot_date = DATE '{day}'")
        order = ["lens", "customer_id"]
        found, expected = (
            frame[PLACED].sort_values(order, ignore_index=True).convert_dtypes() for frame in (scored, placed)
        )
        pd.testing.assert_frame_equal(found, expected, check_exact=True, check_dtype=False)
        main = placed[placed["lens"] == "main"]
        assert main["segment_id"].notna().sum() > 300
        assert (kmeans.table("segment_models", day).set_index("lens")["method"]).to_dict()["main"] == "kmeans"
        for table in ("segment_stability", "segment_profiles", "segment_labels", "segment_lineage", "feature_drift"):
            rows = kmeans.table(table, day)
            assert len(rows[rows["lens"] == "main"]), table
    moved = kmeans.table("customer_moves", DAYS[1])
    assert moved.empty  # the same file on both days
    rows = kmeans.table("model_selection", DAYS[0])
    assert set(rows.loc[rows["lens"] == "main", "method"]) == {"kmeans"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    title: Main\n", "    title: Main\n    method: kmean\n",
         "lenses.main.method is 'kmean'; give kmeans, kprototypes or reference. Did you mean 'kmeans'?"),
        ("features: [age, income]", "method: kmeans\n    features: [age, city]",
         "lenses.main.method is kmeans, which takes numeric features alone; city is categorical. Take it out"),
        ("features: [age, income]", "method: kmeans\n    gamma: 0.5\n    features: [age, income]",
         "lenses.main.gamma weighs categories, of which kmeans knows none. Remove it."),
        ("    unit: years\n", "    unit: years\n    weight: 2.0\n", None),
        ("retrain: quarterly", "engine: reference\nretrain: quarterly",
         "engine is not a key here; allowed are"),
        ("retrain: quarterly", "engine: reference\nretrain: quarterly", "write 'method: reference' in the lens"),
    ],
)  # fmt: skip
def test_what_a_method_does_not_take_is_said_at_load(tmp_path, old, new, said):
    society = found_society(tmp_path)
    text = society.read_text().replace(old, new, 1)
    if said is None:  # a weight, of which the published method knows nothing
        text = text.replace("features: [age, income]", "method: reference\n    features: [age, income]")
        said = "lenses.main.method is reference, which knows no weights of features, and age has one"
    society.write_text(text)
    with pytest.raises(PortfolioError) as refused:
        load_portfolio(str(society))
    assert said in str(refused.value)
    assert "society.yaml:" in str(refused.value)


def test_another_method_changes_no_version(tmp_path):
    society = found_society(tmp_path)
    before = versions_of(draw_blueprint(load_portfolio(str(society))))
    society.write_text(society.read_text().replace("    title: Main\n", "    title: Main\n    method: kmeans\n"))
    after = versions_of(draw_blueprint(load_portfolio(str(society))))
    changed = {name for name in before if before[name] != after[name]}
    assert {"segment_models", "segment_lineage"} <= changed
    assert not changed & {"customers", "customer_features", "customer_projection", "segment_profiles"}


AT_RANDOM = '''
"""Segments at random, by the customer's key: no shape, no SQL."""

import hashlib

import numpy as np
import pandas as pd

from segmentation_assets.segments.candidates import Candidates
from segmentation_assets.segments.methods._method import Method


def lots(customers, k):
    """Return the lot of each customer, from 0 to k - 1."""
    return np.array([int(hashlib.sha256(key.encode()).hexdigest(), 16) % k for key in customers])


class AtRandom(Method):
    """A draw by the key."""

    def candidates(self, problem):
        """Draw for each number of segments."""
        tried = problem.n_clusters
        labels = {k: lots(problem.rows["customer_id"], k) for k in tried}
        scores = pd.DataFrame(
            {
                "n_clusters": tried,
                "cost": 0.0,
                "silhouette": 0.0,
                "mean_ari": 1.0,
                "min_jaccard": 1.0,
                "min_share": [np.bincount(labels[k], minlength=k).min() / len(labels[k]) for k in tried],
                "value_separation": 0.0,
            }
        )
        return Candidates(scores, labels, {k: k for k in tried}, np.zeros((len(tried), len(tried))))

    def centres(self, fitted, problem, labels):
        """Describe a segment by means and by the first category of the alphabet among the most frequent."""
        by = problem.rows.groupby(labels)
        return pd.DataFrame(
            {s.name: by[s.name].mean() if s.is_numeric else by[s.name].agg(lambda own: own.mode()[0])
             for s in problem.scales}
        )

    def knowledge(self, fitted, problem, labels):
        """Keep which lot a segment is."""
        return {lot: lot for lot in range(fitted)}

    def gamma(self, fitted):
        """No category counts."""
        return 0.0

    def stability(self, fitted, problem, clusters_in_order):
        """Each customer draws the same lot again."""
        sizes = np.bincount(lots(problem.rows["customer_id"], fitted), minlength=fitted)[clusters_in_order]
        return pd.DataFrame(
            {
                "segment_id": range(1, fitted + 1),
                "n_customers": sizes,
                "n_bootstraps": 0,
                "jaccard": 1.0,
                "jaccard_q05": 1.0,
                "moved_share": 0.0,
                "verdict": "highly stable",
                "mean_ari": 1.0,
            }
        )

    def distances(self, rows, model):
        """Nothing between a customer and the own lot, 1 to any other."""
        own = lots(rows["customer_id"], len(model.prototypes))
        of_segment = [model.knowledge[segment] for segment in model.prototypes.index]
        return (own[:, None] != np.array(of_segment)[None, :]).astype(float)

    def scoring_parts(self, lens, kinds):
        """There is no SQL of it."""
        return []


METHOD = AtRandom()
'''


def forget() -> None:
    for found in (method_names, method_of, read_module, _code):
        found.cache_clear()
    sys.modules.pop(f"{room.__name__}.at_random", None)


@pytest.fixture
def at_random(tmp_path, monkeypatch):
    """A method of the test's own, in a file of its own beside the others."""
    folder = tmp_path / "methods"
    folder.mkdir()
    (folder / "at_random.py").write_text(AT_RANDOM)
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(folder)])
    forget()
    yield folder / "at_random.py"
    monkeypatch.undo()
    forget()


@pytest.mark.usefixtures("at_random")
def test_a_method_is_one_file(tmp_path):
    graph = lived(tmp_path, "at_random")
    first, second = (graph.table("customer_segments", day) for day in DAYS)
    pd.testing.assert_frame_equal(first, second)
    main = first[first["lens"] == "main"].dropna(subset="segment_id")
    model = graph.table("segment_models", DAYS[0]).set_index("lens").loc["main"]
    known = model_from_rows(model.rename_axis(None).pipe(lambda row: pd.concat([pd.Series({"lens": "main"}), row])),
                            graph.table("segment_prototypes", DAYS[0]).query("lens == 'main'")).knowledge  # fmt: skip
    lots = sys.modules[f"{room.__name__}.at_random"].lots(main["customer_id"], len(known))
    assert [known[segment] for segment in main["segment_id"]] == lots.tolist()
    assert main["confidence"].eq(1.0).all()
    scored = graph.query("SELECT DISTINCT lens FROM scored_customers")["lens"].tolist()
    assert "main" not in scored
    assert scored
    assert len(graph.table("segment_labels", DAYS[1]).query("lens == 'main'")) == len(known)
    assert graph.table("segment_migration", DAYS[1]).query("lens == 'main'")["movement"].eq("stayed").all()


def test_a_new_method_makes_nothing_stale_and_a_changed_one_what_uses_it(at_random, tmp_path):
    society = found_society(tmp_path / "society")
    before = versions_of(draw_blueprint(load_portfolio(str(society))))
    at_random.write_text(AT_RANDOM.replace("hexdigest(), 16)", "hexdigest()[:9], 16)"))
    forget()
    assert versions_of(draw_blueprint(load_portfolio(str(society)))) == before
    society.write_text(society.read_text().replace("    title: Main\n", "    title: Main\n    method: at_random\n"))
    using = versions_of(draw_blueprint(load_portfolio(str(society))))
    at_random.write_text(AT_RANDOM)
    forget()
    changed = versions_of(draw_blueprint(load_portfolio(str(society))))
    moved = {name for name in using if using[name] != changed[name]}
    assert {"segment_models", "customer_segments"} <= moved
    assert not moved & {"customer_features", "customer_projection", "segment_profiles", "labelled_customers"}


def test_a_file_without_a_method_is_told(at_random):
    at_random.write_text("METHOD = 1\n")
    with pytest.raises(ModelError, match=r"segments/methods/at_random\.py holds no METHOD"):
        method_of("at_random")
    with pytest.raises(ModelError, match="There is no method 'at_randm'; there are at_random, kmeans"):
        method_of("at_randm")


@pytest.mark.usefixtures("at_random")
def test_a_portfolio_none_of_whose_lenses_has_sql_has_an_empty_view(tmp_path):
    society = found_society(tmp_path / "society")
    text = society.read_text()
    for title in ("    title: Main\n", "    title: Place\n"):
        assert title in text
        text = text.replace(title, f"{title}    method: at_random\n")
    society.write_text(text.replace("    micro_segments: 6\n", ""))
    graph = graph_on(society.parent, tmp_path, str(society))
    assert graph.run(DAYS[0]).success
    assert graph.query("SELECT * FROM scored_customers").empty
    assert set(graph.table("customer_segments", DAYS[0])["lens"]) == {"main", "place"}
