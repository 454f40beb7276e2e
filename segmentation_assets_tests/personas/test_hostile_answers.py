"""Whatever Gemini answers, naming goes on and nothing false is kept: the real client on the published segments."""

import json
from dataclasses import dataclass

import pandas as pd
import pytest
from pydantic import SecretStr

from segmentation_assets.personas.gemini.client import Gemini
from segmentation_assets.personas.gemini.namer import LensVocabulary, Namer
from segmentation_assets.personas.labels import Naming, vocabulary_of
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.conftest import PUBLISHED_DAY
from segmentation_assets_tests.personas import answers
from segmentation_assets_tests.personas.truth import Segment, untruths
from segmentation_assets_tests.standins.gemini import GeminiStandIn, gemini_stand_in, grounded

KEY = "test-key-0000"
LENS = "overall"
TEXTS = ["segment_name", "description", "motivation", "product_strategy"]


@dataclass
class Bench:
    """The profiles of the published segments, the customers in them, and a service that behaves as it is told."""

    service: GeminiStandIn
    gemini: Gemini
    vocabulary: LensVocabulary
    profiles: pd.DataFrame
    segments: dict[int, Segment]

    def run(self, behave):
        """Name the segments; return the labels and the report."""
        self.service.behave = behave
        self.service.requests.clear()
        session = Namer(self.gemini, self.gemini.model).session(dict)
        labels = Naming(self.profiles, self.vocabulary, PUBLISHED_DAY, session=session).rows()
        return labels, session.report.told()

    def untruths(self, labels):
        return [
            (row["segment_id"], row[text], untrue)
            for row in labels.to_dict("records")
            for text in TEXTS
            for untrue in untruths(row[text], self.segments[row["segment_id"]])
        ]


@pytest.fixture(scope="module")
def bench(published):
    profiles, features, placed = (
        published[0].table(name, PUBLISHED_DAY)
        for name in ("segment_profiles", "customer_features", "customer_segments")
    )
    own = placed[(placed["lens"] == LENS) & placed["segment_id"].notna()]
    book = own[["customer_id", "segment_id"]].merge(features, on="customer_id")
    columns = [name for name in features.columns if name != "customer_id"]
    segments = {int(i): Segment(rows[columns], book[columns]) for i, rows in book.groupby("segment_id")}
    with gemini_stand_in(grounded) as service:
        gemini = Gemini(
            SecretStr(KEY), "gemini-2.5-flash", base_url=service.address, timeout_seconds=1.0, sleep=lambda _: None
        )
        own = profiles[profiles["lens"] == LENS]
        yield Bench(service, gemini, vocabulary_of(load_portfolio("insurance"), LENS, own), own, segments)


def test_the_judge_finds_untruths_and_passes_what_is_true(bench):
    labels = bench.run(answers.NO_ANSWER["a refusal"])[0]
    assert bench.untruths(labels) == []
    renamed = labels.assign(segment_name="Affluent Married Artists", description="Smokers aged 88.")
    assert {untrue for *_, untrue in bench.untruths(renamed)} >= {"Affluent", "Married", "Artists", "Smok", "88"}


def test_good_answers_are_kept(bench):
    labels, told = bench.run(grounded)
    assert set(labels["label_source"]) == {"gemini"}
    assert bench.untruths(labels) == []
    assert (told["questions"], told["answers"], told["input_tokens"], told["output_tokens"]) == (1, 1, 1_000, 200)
    assert "named_by_rules_because" not in told


def test_there_are_more_than_forty():
    assert len(answers.ALL) > 40


@pytest.mark.parametrize("name", answers.ALL)
def test_nothing_false_is_kept(bench, name, caplog):
    labels, told = bench.run(answers.ALL[name])
    assert bench.untruths(labels) == []
    assert len(labels) == len(bench.segments)
    assert labels["segment_name"].str.casefold().is_unique
    assert bench.service.n_calls
    assert told["named_by_rules_because"]
    assert "rules" in set(labels["label_source"])
    if name not in answers.UNTRUE:
        assert set(labels["label_source"]) == {"rules"}
    assert KEY not in json.dumps(told) + caplog.text + labels.to_csv()


def test_what_is_not_backed_is_asked_again_once_and_only_for_those_segments(bench):
    first_only = iter([answers.UNTRUE["smokers"], grounded])

    def behave(request):
        return next(first_only)(request)

    labels, told = bench.run(behave)
    first, second = (request.question["segments"] for request in bench.service.requests)
    assert all("not_backed" not in segment for segment in first)
    assert [segment["not_backed"] for segment in second] == [["smoker"]] * len(first)
    assert set(labels["label_source"]) == {"gemini"}
    assert "claims_not_backed" not in told


def test_one_bad_segment_leaves_the_others_alone(bench):
    spoil = answers.changed(
        lambda segments: [s | ({"name": "Happy Smokers"} if s["segment_id"] == 2 else {}) for s in segments]
    )
    labels, told = bench.run(spoil)
    assert dict(zip(labels["segment_id"], labels["label_source"], strict=True)) == {
        1: "gemini",
        2: "rules",
        3: "gemini",
    }
    assert [len(request.question["segments"]) for request in bench.service.requests] == [3, 1]
    assert told["claims_not_backed"] == ["overall 2: 'happy', 'smoker'"]


def test_after_a_lasting_failure_nothing_more_is_asked(bench):
    bench.service.behave = answers.NO_ANSWER["a quota used up"]
    bench.service.requests.clear()
    session = Namer(bench.gemini, "m").session(dict)
    own = {1: bench.profiles[bench.profiles["segment_id"] == 1]}
    for _ in range(2):
        assert session.words_for(bench.vocabulary, own, ()) == ({}, {})
        assert bench.service.n_calls == 4
