"""Changes of a portfolio, of SQL and of code, each with the tables that it makes stale of itself.

What is downstream of those is stale as well. `moves_rows` says whether the night of the society comes out otherwise:
a change of code that may change rows makes stale also where these customers do not show it.
"""

from typing import NamedTuple

DELIVERED = ("customers", "products", "policies", "claims", "interactions", "survey_responses", "outreach")
RAW = frozenset(f"raw_{name}" for name in DELIVERED)
CORE = frozenset({*DELIVERED, "rejected_rows"})
FEATURES = frozenset({"customer_features"})
MODELS = frozenset({"model_selection", "segment_models", "segment_prototypes", "segment_stability", "segment_lineage"})
PLACES, MAP, MICRO = (frozenset({name}) for name in ("customer_segments", "customer_projection", "micro_segments"))
PROFILES, LABELS, LABELLED = (
    frozenset({name}) for name in ("segment_profiles", "segment_labels", "labelled_customers")
)
MIGRATION = frozenset({"segment_migration", "customer_moves"})
DRIFT, REQUESTS = frozenset({"feature_drift"}), frozenset({"retraining_requests"})
OUTCOMES = frozenset({"segment_outcomes"})
GROUPED = frozenset({"churn_by_products_and_city", "premium_by_age_group", "premium_by_city", "tenure_groups"})
"""Marts of an insurer that show no figure of fewer customers than `min_group_size`."""
NOTHING: frozenset[str] = frozenset()


class Mutation(NamedTuple):
    """A text of a file, what stands there instead, and the tables that this makes stale of itself."""

    file: str
    old: str
    new: str
    stale: frozenset[str]
    moves_rows: bool = True

    def __str__(self) -> str:
        return f"{self.file}: {self.new.strip() or self.old.strip()}"[:90]


def _of(file: str, *changes: tuple) -> list[Mutation]:
    return [Mutation(file, *change) for change in changes]


PORTFOLIO = _of(
    "society.yaml",
    ("title: Members of a society", "title: Members", NOTHING, False),
    ("title: Main", "title: Principal", LABELS, False),  # it stands in a question to Gemini
    ("synonyms: [youthful]", "synonyms: [youthful, juvenile]", LABELS, False),
    ("adjective: Affluent", "adjective: Wealthy", LABELS, False),
    ('phrase: "with modest incomes"', 'phrase: "earning little"', LABELS, False),
    ("    describe_by: [premium]\n", "    pinned_names: {'1': Founders}\n    describe_by: [premium]\n", LABELS),
    ("customer_noun: members", "customer_noun: fellows", LABELS),
    ("label: left}", "label: resigned}", LABELS),
    ("label: premium, unit: EUR}", "label: fees, unit: EUR}", LABELS),
    ("City of residence.", "Town of residence.", LABELS),
    ("covers: [Bath, Wells]", "covers: [Bath]", PROFILES | LABELS),
    ("describe_by: [premium]", "describe_by: [gender]", PROFILES | LABELS),
    ("min_group_size: 20", "min_group_size: 250", PROFILES | LABELS | DRIFT | OUTCOMES | GROUPED),
    ("micro_segments: 6", "micro_segments: 5", MICRO),
    ("candidates: [2, 3]", "candidates: [2, 4]", MODELS),
    ("n_clusters: auto", "n_clusters: 3", MODELS),
    ("    title: Main\n", "    title: Main\n    gamma: 0.2\n", MODELS),
    ("    unit: years\n", "    unit: years\n    weight: 2.0\n", MODELS),
    ("    unit: years\n", "    unit: years\n    scaling: standard\n", MODELS),
    ("features: [age, income]", "features: [income, age]", MODELS | PLACES | MAP | PROFILES | LABELS | DRIFT),
    ("value: {feature: premium", "value: {feature: income", MODELS | PROFILES | LABELS | DRIFT | OUTCOMES),
    ("retrain: quarterly", "retrain: daily", MODELS),
    ("age: {min: 0, max: 120}", "age: {min: 0, max: 125}", CORE),
    ("gender: [Male, Female]", "gender: [male, Female]", CORE),
    ('["%m/%d/%Y", "%d/%m/%Y"]', '["%d/%m/%Y", "%m/%d/%Y"]', CORE),
    ("    ranges: {premium: {above: 0}}", "    ranges: {premium: {above: 400}}\n    max_rejected_share: 0.9", CORE),
    ("    required: true", "    max_rejected_share: 0.5", NOTHING, False),
    ("csv: sold.csv", "csv: copy.csv", RAW, True),  # the source's name is in the raw rows
    ("history_start: 2025-01-01", "history_start: 2024-12-01", RAW, False),
    ("    title: Main\n", "    title: Main\n    method: kmeans\n", MODELS),
)  # fmt: skip

SQL = [
    *_of(
        "customer_features.sql",
        ("-- One row per member.", "-- A row for every member.", NOTHING, False),
        ("SELECT\n  c.snapshot_date,", "select c.snapshot_date,", NOTHING, False),
        ("COALESCE(s.premium, 0)", "COALESCE(s.premium, 1)", FEATURES | MODELS | MIGRATION | DRIFT, False),
        ("CAST(c.age AS FLOAT64)", "CAST(c.age + 1 AS FLOAT64)", FEATURES),
    ),
]

CODE = [
    *_of(
        "segmentation_assets/segments/training.py",
        ("Train every lens, or the named ones,", "Learn every lens", NOTHING, False),
        ("SEED = 0", "SEED = 1", MODELS),
    ),
    *_of(
        "segmentation_assets/clustering/evaluation/scorecard_plot.py",
        ('"#1f2933"', '"#000000"', NOTHING, False),
    ),
    *_of("segmentation_assets/pictures/palette.py", ('MARKERS = "osD', 'MARKERS = "sDo', NOTHING, False)),
    *_of("segmentation_assets/segments/methods/kmeans.py", ("gamma=0.0", "gamma=1.0", NOTHING, False)),
    *_of(
        "segmentation_assets/segments/methods/kprototypes.py",
        ("random_state=problem.seed", "random_state=problem.seed + 1", MODELS),
    ),
    *_of("segmentation_assets/segments/placement.py", ("upper + 3 *", "upper + 0.1 *", PLACES | DRIFT)),
    *_of("segmentation_assets/segments/projection.py", ("FEWEST_CUSTOMERS = 3", "FEWEST_CUSTOMERS = 9999", MAP)),
    *_of("segmentation_assets/segments/micro.py", ("DIGITS = 6", "DIGITS = 2", MICRO)),
    *_of("segmentation_assets/segments/identity/matching.py", ("SURVIVAL = 0.5", "SURVIVAL = 0.6", MODELS, False)),
    *_of(
        "segmentation_assets/history/model_registry.py",
        ("return dates[position + 1 :]", "return dates", MODELS, False),
    ),
    *_of(
        "segmentation_assets/assets/personas/segment_labels.py",
        ("if trained_on == night.day else", "if trained_on >= night.day else", LABELS, False),
        ('"names": as_table(', '"all names": as_table(', NOTHING, False),
    ),
    *_of("segmentation_assets/assets/segments/micro_segments.py", ("model is not None and", "model and", MICRO, False)),
    *_of(
        "segmentation_assets/assets/segments/segment_models.py",
        ("Show what each lens came to", "Show what lenses came to", NOTHING, False),
    ),
    *_of(
        "segmentation_assets/history/resolver.py",
        ("self._remembered[key][0] != day", "True", MODELS | LABELS | MIGRATION | DRIFT, False),
    ),
    *_of("segmentation_assets/insights/migration.py", ("CERTAIN = 0.1", "CERTAIN = 0.9", MIGRATION)),
    *_of("segmentation_assets/insights/divergence.py", ("BINS = 10", "BINS = 5", DRIFT, False)),
    *_of("segmentation_assets/personas/labelling.py", ('"Unclassified"', '"Nowhere"', LABELLED, False)),
    *_of(
        "segmentation_assets/personas/texts/descriptions.py",
        ("close to the average", "like the rest", LABELS, False),
    ),
    *_of("segmentation_assets/personas/profiles/segment_profiles.py", ('"(other)"', '"(rest)"', PROFILES, False)),
    *_of(
        "segmentation_assets/portfolio/features.py",
        ('description="what it is, as a sentence"', 'description="what it is"', NOTHING, False),
    ),
    *_of("segmentation_assets/sources/headers.py", ("_CLOSE = 0.6", "_CLOSE = 0.7", RAW, False)),
    *_of(
        "segmentation_assets/cleaning/numbers/values.py",
        ('frozenset({"£"', 'frozenset({"EUR", "€", "£"', CORE, False),
    ),
    *_of(
        "segmentation_assets/warehouse/sql/exact_sums.py",
        ('_NUMBER = "summed"', '_NUMBER = "sum"', FEATURES | GROUPED, False),
    ),
]  # fmt: skip
