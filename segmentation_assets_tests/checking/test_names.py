"""Whether Gemini can be asked is looked up without a question, and trouble is one warning."""

import pytest

from segmentation_assets.checking.names import check_names
from segmentation_assets.settings import GEMINI_MODEL, Settings
from segmentation_assets_tests.standins.gemini import failing, gemini_stand_in
from segmentation_assets_tests.standins.gemini_models import Catalogue

KEY = "test-key-0000"


@pytest.fixture
def service(monkeypatch):
    with gemini_stand_in(Catalogue()) as service:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", service.address)
        monkeypatch.delenv("GEMINI_API_KEY", raising=False)
        yield service


def test_without_a_key_nothing_is_asked_and_nothing_is_said(service):
    found = check_names(Settings())
    assert (found.faults, found.warnings, found.looked_at, service.requests) == ((), (), (), [])


def test_a_model_that_is_there_is_told(service):
    found = check_names(Settings(GEMINI_API_KEY=KEY))
    assert (found.faults, found.warnings) == ((), ())
    assert found.looked_at == (f"names: {GEMINI_MODEL} can be asked by its key",)
    assert [request.place["verb"] for request in service.requests] == [":countTokens"]


@pytest.mark.usefixtures("service")
def test_one_that_is_not_is_a_warning_with_the_likeliest():
    found = check_names(Settings(GEMINI_API_KEY=KEY, gemini_model="gemini-3.5-flesh-lite"))
    assert (found.faults, found.looked_at) == ((), ())
    (words,) = found.warnings
    assert words == (
        "Gemini cannot be asked for names: it knows no model gemini-3.5-flesh-lite (HTTP 404): gone, renamed or "
        "misspelt; set SEGMENTATION_GEMINI_MODEL to one that there is, such as gemini-3.5-flash-lite. Did you mean "
        "'gemini-3.5-flash-lite'? Until that is mended, names are by rules."
    )


def test_a_key_that_is_refused_is_a_warning_without_the_key(service):
    service.behave = lambda _: failing(403, f"API key {KEY} not valid.")
    found = check_names(Settings(GEMINI_API_KEY=KEY))
    words = "Gemini cannot be asked for names: it refuses the key (HTTP 403). Until that is mended, names are by rules."
    assert found.warnings == (words,)
