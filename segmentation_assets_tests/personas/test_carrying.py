"""Names over time: a name stays while it is true, pinned names stand, and nothing is asked twice."""

from dataclasses import replace

import pandas as pd
import pytest

from segmentation_assets.personas.claims.lexicon import Lexicon
from segmentation_assets.personas.gemini.namer import NO_KEY, Answered, LensVocabulary, Namer, Wording
from segmentation_assets.personas.gemini.prompt import PROMPT_VERSION
from segmentation_assets.personas.labels import Naming, vocabulary_of
from segmentation_assets.personas.profiles.fingerprint import profile_hash
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.personas.books import FEATURES, LENS, place, profiles_of, random_book
from segmentation_assets_tests.personas.test_grounding import PROFILES, book

FIRST, LATER = pd.Timestamp("2025-01-01").date(), pd.Timestamp("2025-02-01").date()
GEMINI = Wording(
    "Wealthy Loyalists", "Customers who are wealthy and loyal.", "They value trust.", "Offer car cover by phone."
)


def naming(profiles, day=FIRST, **given):
    return Naming(profiles, LensVocabulary("test", "Test", Lexicon(FEATURES, profiles), 20), day, **given)


def named(profiles, **given):
    return naming(profiles, **given).rows().set_index("segment_id")


def knowing(wordings, asked_of=f"m/{PROMPT_VERSION}", answered_by="m-001"):
    """A session that cannot ask and knows what was answered about segments of PROFILES."""
    hashes = {i: profile_hash(PROFILES[PROFILES["segment_id"] == i]) for i in wordings}
    known = {hashes[i]: Answered(wording, asked_of, answered_by) for i, wording in wordings.items()}
    return Namer(None, "m").session(lambda: known)


def aged(years):
    """The book of PROFILES some years on for the first segment: its customers grow older and nothing else changes."""
    features, placements = book()
    features.loc[placements["segment_id"] == 1, "age"] += years
    return profiles_of(features, placements)


def test_the_first_day_is_named_by_rules_and_says_for_when():
    labels = named(PROFILES)
    assert set(labels["label_source"]) == set(labels["written_by"]) == {"rules"}
    assert set(labels["written_for"].dt.date) == {FIRST}
    assert labels["motivation"].str.startswith("What sets them apart: ").all()
    assert labels["asked_of"].isna().all()


def test_a_name_is_carried_while_it_is_true_and_its_figures_are_the_days():
    first = naming(PROFILES).rows()
    later = named(aged(3), day=LATER, earlier=first)
    assert list(later["segment_name"]) == list(first["segment_name"])
    assert set(later["label_source"]) == {"carried"}
    assert set(later["written_for"].dt.date) == {FIRST}
    assert list(later["profile_hash"]) == list(first["profile_hash"])
    assert "aged about 27" in first["description"].iloc[0]
    assert "aged about 30" in later["description"].iloc[0]


def test_a_name_that_is_clearly_false_is_given_up_and_the_others_stay():
    first = naming(PROFILES).rows()
    assert "Starters" in first["segment_name"].iloc[0]
    later = named(aged(12), day=LATER, earlier=first)
    assert list(later["label_source"]) == ["rules", "carried"]
    assert "Starters" not in later["segment_name"].loc[1]
    assert later["written_for"].loc[1].date() == LATER


@pytest.mark.parametrize(("years", "source"), [(8, "carried"), (9, "carried"), (11, "rules")])
def test_a_name_holds_five_per_cent_beyond_its_bound(years, source):
    """Starters is given to a mean of up to 35 years and held to 36.75."""
    later = named(aged(years), day=LATER, earlier=naming(PROFILES).rows())
    assert later["label_source"].loc[1] == source


def test_a_neutral_name_gives_way_once_there_is_something_to_say():
    features, _ = book()
    typical = naming(PROFILES).rows().assign(segment_name=["Typical Customers", "Mainstream Middle"])
    alike = profiles_of(features.assign(segment=1), place(features, [1, 2] * (len(features) // 2)))
    assert set(named(alike, day=LATER, earlier=typical)["segment_name"]) == {"Typical Customers", "Mainstream Middle"}
    assert set(named(PROFILES, day=LATER, earlier=typical)["label_source"]) == {"rules"}


def test_a_segment_that_nobody_is_in_keeps_its_name_under_its_model():
    first = naming(PROFILES).rows()
    only = PROFILES[PROFILES["segment_id"] == 1]
    assert named(only, earlier=first)["label_source"].loc[2] == "carried"
    assert list(named(only, earlier=first.assign(model_id="of another model")).index) == [1]


def test_words_of_gemini_are_known_again_and_carried_as_they_are():
    first = named(PROFILES, session=knowing({2: GEMINI}))
    assert list(first["label_source"]) == ["rules", "gemini"]
    assert (first["segment_name"].loc[2], first["asked_of"].loc[2]) == (GEMINI.name, "m/3")
    later = named(aged(1), day=LATER, earlier=first.reset_index())
    assert list(later["label_source"]) == ["carried", "carried"]
    assert list(later["written_by"]) == ["rules", "gemini"]
    assert later["description"].loc[2] == GEMINI.description
    assert list(later["answered_by"].fillna("")) == ["", "m-001"]


def test_words_that_another_model_wrote_stay_its_own():
    labels = named(PROFILES, session=knowing({2: GEMINI}, "models/old/2", "new")).loc[2]
    assert (labels["segment_name"], labels["asked_of"], labels["answered_by"]) == (GEMINI.name, "models/old/2", "new")


def test_a_sentence_of_gemini_that_is_no_longer_true_gives_way_to_the_rules():
    first = named(PROFILES, session=knowing({2: replace(GEMINI, description="Customers who are mostly married.")}))
    features, placements = book()
    features.loc[placements["segment_id"] == 2, "marital_status"] = "Single"
    later = named(profiles_of(features, placements), day=LATER, earlier=first.reset_index()).loc[2]
    assert (later["segment_name"], later["label_source"], later["written_by"]) == (GEMINI.name, "carried", "gemini")
    assert later["description"].startswith("Customers aged about 50")
    assert later["motivation"] == GEMINI.motivation


def test_an_answer_that_was_not_fit_is_not_asked_for_again():
    session = knowing({1: None, 2: GEMINI})
    labels = named(PROFILES, session=session)
    assert list(labels["label_source"]) == ["rules", "gemini"]
    assert list(labels["asked_of"]) == ["m/3", "m/3"]
    assert session.report.by_rules_because == ["an earlier answer about a profile was not fit to be used"]


def test_known_words_are_held_against_the_profile_of_the_day():
    labels = named(PROFILES, session=knowing({1: GEMINI, 2: GEMINI}))
    assert list(labels["label_source"]) == ["rules", "gemini"]


def test_without_a_key_the_report_says_so():
    session = Namer(None, "m").session(dict)
    assert set(named(PROFILES, session=session)["label_source"]) == {"rules"}
    assert session.report.told()["named_by_rules_because"] == [NO_KEY]
    assert session.report.questions == 0


def test_a_pinned_name_stands_and_no_other_segment_gets_it():
    first = naming(PROFILES).rows()
    name = first["segment_name"].iloc[1]
    labels = named(PROFILES, pinned={1: name}, earlier=first, day=LATER)
    assert list(labels["label_source"]) == ["pinned", "rules"]
    assert labels["segment_name"].loc[1] == name
    assert labels["segment_name"].loc[2] != name
    assert labels["written_by"].loc[1] == "people"


def test_a_name_that_is_no_longer_pinned_goes():
    pinned = naming(PROFILES, pinned={1: "Our Darlings"}).rows()
    assert named(PROFILES, day=LATER, earlier=pinned)["label_source"].loc[1] == "rules"


def test_every_name_of_the_rules_holds_on_its_own_day():
    for seed in range(5):
        profiles = profiles_of(*random_book(seed, [120, 90, 70, 60, 50, 30]), LENS)
        first = naming(profiles).rows()
        later = named(profiles, day=LATER, earlier=first)
        assert set(later["label_source"]) == {"carried"}, later[["segment_name", "label_source"]]
        assert list(later["segment_name"]) == list(first["segment_name"])


def test_the_vocabulary_of_a_lens_is_its_portfolios():
    vocabulary = vocabulary_of(load_portfolio("insurance"), "overall", PROFILES)
    assert (vocabulary.name, vocabulary.title, vocabulary.min_group_size) == ("overall", "Overall", 20)
