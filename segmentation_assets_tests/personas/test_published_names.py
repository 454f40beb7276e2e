"""The published segments, named: the words a director would read first."""

from segmentation_assets.personas.labels import name_evidence
from segmentation_assets_tests.conftest import PUBLISHED_DAY
from segmentation_assets_tests.personas.books import FEATURES


def test_the_published_segments_are_named_as_a_marketer_would(published):
    graph, _ = published
    profiles = graph.table("segment_profiles", PUBLISHED_DAY)
    labels = graph.table("segment_labels", PUBLISHED_DAY)
    overall = labels[labels["lens"] == "overall"].sort_values("segment_id")
    assert list(overall["segment_name"]) == [
        "Young Modest-Income Singles", "Affluent Unmarried Professionals", "Loyal Mature Couples",
    ]  # fmt: skip
    assert overall["description"].iloc[0] == (
        "Customers aged about 27 with modest incomes (about £22k a year); 60 % are single and 48 % prefer text "
        "messages; their premium is lower (£1,950 a year, the others £6,160)."
    )
    assert overall["description"].iloc[2] == (
        "Customers aged about 50 who joined 13 years ago; 61 % are married and 69 % are women."
    )
    evidence = name_evidence(profiles, overall, FEATURES)
    assert set(evidence["words"]) == {
        "Young", "Modest-Income", "Singles", "Affluent", "Unmarried", "Professionals", "Loyal", "Mature", "Couples",
    }  # fmt: skip
    singles = evidence[evidence["words"] == "Singles"].iloc[0]
    assert (round(singles["value"], 2), round(singles["reference"], 2)) == (0.60, 0.35)
