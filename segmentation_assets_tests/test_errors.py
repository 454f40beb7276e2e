import pytest

from segmentation_assets.errors import choices, closest, did_you_mean


@pytest.mark.parametrize(
    ("word", "meant"),
    [("incom", "income"), ("INCOME", "income"), ("Tenure", "tenure_years"), ("zebra", None), ("", None), (3, None)],
)
def test_the_closest_word(word, meant):
    assert closest(word, ["age", "income", "tenure_years"]) == meant


def test_the_allowed_word_is_shown_as_it_is_written():
    assert did_you_mean("email", ["Email", "Text"]) == " Did you mean 'Email'?"
    assert did_you_mean("zebra", ["Email", "Text"]) == ""
    assert did_you_mean("zebra", []) == ""


def test_choices_are_a_list_for_a_sentence():
    assert choices(["a", 2, "c"]) == "a, 2, c"
    assert choices([]) == ""
