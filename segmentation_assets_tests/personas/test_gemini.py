"""The real google-genai client against the stand-in, over a socket."""

import json
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from segmentation_assets.personas.gemini.answer import Answer, AnswerError, read_answer
from segmentation_assets.personas.gemini.client import (
    PATIENCE_SECONDS,
    PAUSES_SECONDS,
    QUOTA_PAUSES_SECONDS,
    Gemini,
    Patience,
)
from segmentation_assets.personas.gemini.costs import Usage
from segmentation_assets.personas.gemini.failures import GeminiError, GoogleProject
from segmentation_assets.settings import GEMINI_MODEL
from segmentation_assets_tests.standins.gemini import (
    TOKEN,
    GeminiStandIn,
    Response,
    answering,
    failing,
    gemini_stand_in,
    grounded,
    info,
    quota,
    refusing,
    responding,
)
from segmentation_assets_tests.standins.gemini_models import Catalogue, StandinModel, google

KEY = "test-key-0000"
PROJECT = GoogleProject("standin-project", "eu")
BEFORE = {"gemini-2.5-flash": StandinModel(google()["gemini-2.5-flash"].refuses)}  # not retired yet
FREE_TIER = (
    "it does not serve this key (HTTP 400), as where the free tier is not offered: take a key of a project with billing"
)
NO_MODEL = (
    "it knows no model gemini-2.5-flash (HTTP 404): gone, renamed or misspelt; set SEGMENTATION_GEMINI_MODEL to one "
    "that there is, such as gemini-3.5-flash-lite"
)
TOO_LONG = (
    "the quota of the minute is used up (HTTP 429), and to wait 3600 seconds more is longer than a run may (300 in all)"
)


def served(models=None):
    """The stand-in's models, which answer with no segment."""
    return Catalogue(
        google() if models is None else models, answer=lambda request: answering("{}", model=request.model)
    )


@pytest.fixture(scope="module")
def private_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    formats = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*formats).decode()


def write_key(folder, address, private_key, **changes):
    """Write the key file of a service account to which an address grants tokens."""
    email = "namer@standin-project.iam.gserviceaccount.com"
    content = {"type": "service_account", "private_key": private_key, "client_email": email,
               "token_uri": f"{address}/token", **changes}  # fmt: skip
    (folder / "key.json").write_text(json.dumps(content), encoding="utf-8")
    return str(folder / "key.json")


@dataclass
class Office:
    """The stand-in, and two connected clients: by a key, and in a project. To connect takes longer than to ask."""

    service: GeminiStandIn
    clients: dict

    def gemini(self, model, *, is_project=False, **given):
        access = PROJECT if is_project else SecretStr(KEY)
        gemini = Gemini(access, model, base_url=self.service.address, **{"timeout_seconds": 5, **given})
        if "timeout_seconds" not in given:
            gemini._client = self.clients[is_project]
        return gemini

    def ask(self, behave, model="gemini-2.5-flash", patience=None, *, is_project=False, **given):
        """Ask one question; return the reply, or the error, with the requests that came and the pauses made."""
        pauses = []
        gemini = self.gemini(model, is_project=is_project, sleep=pauses.append, **given)
        self.service.behave, self.service.requests = behave, []
        try:
            return gemini.ask("Be brief.", json.dumps({"x": 1}), Answer, patience), self.service.requests, pauses
        except GeminiError as error:
            return error, self.service.requests, pauses


@pytest.fixture(scope="module")
def office(private_key, tmp_path_factory):
    with gemini_stand_in(grounded) as service, pytest.MonkeyPatch.context() as environment:
        file = write_key(tmp_path_factory.mktemp("key"), service.address, private_key)
        environment.setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
        environment.setenv("GEMINI_API_KEY", KEY)  # a key that is not to be sent from a project
        accesses = {False: SecretStr(KEY), True: PROJECT}
        clients = {way: Gemini(access, "m", base_url=service.address) for way, access in accesses.items()}
        yield Office(service, {way: gemini._connected() for way, gemini in clients.items()})


@pytest.fixture
def ask(office):
    return office.ask


def test_a_reply_is_text_and_tokens_with_those_of_thought(ask):
    body = {
        "candidates": [{"content": {"parts": [{"text": "hm", "thought": True}, {"text": "a"}, {"text": "b"}]},
                        "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 5, "thoughtsTokenCount": 7},
    }  # fmt: skip
    reply, requests, pauses = ask(lambda _: responding(body))
    assert (reply.text, reply.input_tokens, reply.output_tokens) == ("ab", 11, 12)
    assert (len(requests), pauses) == (1, [])


def test_what_is_asked_for(ask):
    _, (request,), _ = ask(lambda _: answering("{}"))
    assert request.path.endswith("models/gemini-2.5-flash:generateContent")
    assert request.headers["x-goog-api-key"] == KEY
    assert request.question == {"x": 1}
    config = request.config
    assert (config["temperature"], config["seed"]) == (0, 0)
    assert config["responseMimeType"] == "application/json"
    assert config["thinkingConfig"]["thinking_budget"] == 0
    schema = config["responseJsonSchema"]
    assert set(schema["$defs"]["NamedSegment"]["required"]) == {
        "segment_id", "name", "description", "motivation", "product_strategy",
    }  # fmt: skip
    assert json.loads(request.body)["systemInstruction"]["parts"] == [{"text": "Be brief."}]


@pytest.mark.parametrize(
    ("model", "sent"),
    [
        ("gemini-2.0-flash", {"temperature": 0, "seed": 0}),
        ("gemini-2.5-flash-lite", {"temperature": 0, "seed": 0, "thinkingConfig": {"thinking_budget": 0}}),
        ("gemini-2.5-pro", {"temperature": 0, "seed": 0}),
        (GEMINI_MODEL, {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}),
        ("gemini-3.1-flash-lite", {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}),
        ("gemini-3.7-flash", {"thinkingConfig": {"thinkingLevel": "LOW"}}),
        ("gemini-3-pro-preview", {"thinkingConfig": {"thinkingLevel": "LOW"}}),
        ("gemini-4-argon", {}),
        ("gemini-flash-lite-latest", {}),
        (f" models/{GEMINI_MODEL}", {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}),
        (f"publishers/google/models/{GEMINI_MODEL}", {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}),
        (
            f"projects/p/locations/eu/publishers/google/models/{GEMINI_MODEL}",
            {"thinkingConfig": {"thinkingLevel": "MINIMAL"}},
        ),
        (f"google/{GEMINI_MODEL}", {"thinkingConfig": {"thinkingLevel": "MINIMAL"}}),
    ],
)
def test_a_model_is_sent_what_its_generation_takes_whatever_path_its_name_has(ask, model, sent):
    reply, (request,), _ = ask(lambda _: answering("{}"), model=model)
    assert reply.text == "{}"
    assert "/" not in request.model
    settings = {"temperature", "seed", "topP", "topK", "thinkingConfig"}
    told = {name: value for name, value in request.config.items() if name in settings}
    thinking = {"thinkingLevel": "thinkingLevel", "thinking_level": "thinkingLevel"}
    told = {n: {thinking.get(k, k): x for k, x in v.items()} if isinstance(v, dict) else v for n, v in told.items()}
    assert told == sent


ANSWERS = [
    (BEFORE, "gemini-2.5-flash", "gemini-2.5-flash", 1),
    (google(), "gemini-2.5-flash", "gemini-3.5-flash-lite", 2),  # from 2026-12-01 on
    (google(), "gemini-2.5-pro", "gemini-3.8-flash", 1),
    (google(), "gemini-2.5-flash-lite", "gemini-2.5-flash-lite", 1),
    (google(), GEMINI_MODEL, GEMINI_MODEL, 1),
    (google(), "gemini-3.7-flash", "gemini-3.7-flash", 1),
    (google(), "gemini-9-hyper", "gemini-9-hyper", 2),
]


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: f"{case[1]} by {case[2]}")
@pytest.mark.parametrize("is_project", [False, True], ids=["by key", "in a project"])
def test_every_model_that_there_is_answers(office, case, is_project):
    models, model, answered, n_requests = case
    gemini = office.gemini(model, is_project=is_project)
    office.service.behave, office.service.requests = (
        Catalogue(models, answer=lambda _: answering("{}", model=answered)),
        [],
    )
    replies = [gemini.ask("", "{}", Answer) for _ in range(2)]
    questions = [request for request in office.service.requests if request.place["verb"]]
    assert [(reply.text, reply.model, reply.is_bare) for reply in replies] == [("{}", answered, n_requests == 2)] * 2
    assert len(questions) == n_requests + 1  # what was refused once is not sent again
    if n_requests == 2:
        assert questions[-1].config.keys() == {"responseMimeType", "responseJsonSchema"}


def test_a_project_is_asked_with_the_machines_own_credentials_and_no_key(office):
    office.service.behave, office.service.requests = served(), []
    gemini = office.gemini(GEMINI_MODEL, is_project=True, timeout_seconds=20)
    gemini.ask("", "{}", Answer)
    granted, asked = office.service.requests
    assert granted.path == "/token"
    place = {"project": "standin-project", "location": "eu", "model": GEMINI_MODEL, "verb": ":generateContent"}
    assert asked.place == place
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert KEY not in str(office.service.requests)


NO_CREDENTIALS = "there are no Google credentials on this machine; set GOOGLE_APPLICATION_CREDENTIALS to the key file"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ({"private_key": "x"}, NO_CREDENTIALS),
        ({"private_key": "x", "type": "parrot"}, NO_CREDENTIALS),
        ({"token_uri": "http://127.0.0.1:9/token"}, "it cannot be reached"),
    ],
)
def test_credentials_that_are_none_are_told_in_one_line(office, private_key, tmp_path, monkeypatch, key, words):  # noqa: PLR0917 - fixtures
    file = write_key(tmp_path, office.service.address, **{"private_key": private_key, **key})
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", file)
    gemini = office.gemini(GEMINI_MODEL, is_project=True, timeout_seconds=20, sleep=lambda _: None)
    with pytest.raises(GeminiError) as told:
        gemini.ask("", "{}", Answer)
    assert str(told.value).startswith(words)
    assert told.value.is_lasting
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("behave", "words"),
    [
        (lambda _: failing(401), "this machine's account may not ask in the project standin-project (HTTP 401); give"),
        (lambda _: failing(403), "this machine's account may not ask in the project standin-project (HTTP 403); give"),
        (
            lambda _: failing(403, "x", info("SERVICE_DISABLED")),
            "aiplatform.googleapis.com is not enabled in the project standin-project (HTTP 403)",
        ),
        (
            served({}),
            f"it knows no model {GEMINI_MODEL} at eu (HTTP 404): gone, renamed, misspelt or not offered there",
        ),
    ],
)
def test_what_a_project_refuses_says_what_to_do(ask, behave, words):
    error, (_,), _ = ask(behave, GEMINI_MODEL, is_project=True)
    assert str(error).startswith(words)


def test_a_token_that_is_refused():
    """What google-auth raises where it is granted no token, from its own classes."""
    from google.auth.exceptions import RefreshError  # noqa: PLC0415

    from segmentation_assets.personas.gemini.failures import read_failure  # noqa: PLC0415

    found = read_failure(RefreshError("secret", retryable=False), GEMINI_MODEL, PROJECT)
    assert found.words == "Google does not accept this machine's credentials; log in again or make a new key"
    assert read_failure(RefreshError("secret", retryable=True), GEMINI_MODEL, PROJECT).kind == "soon"


@pytest.mark.parametrize(
    ("behave", "words", "n_requests", "is_lasting"),
    [
        (lambda _: refusing("SAFETY"), "it refused the question (SAFETY)", 1, False),
        (lambda _: answering("x", finish="MAX_TOKENS"), "it broke off its answer (MAX_TOKENS)", 1, False),
        (lambda _: answering(" "), "its answer was empty", 1, False),
        (lambda _: responding({"candidates": [{"finishReason": "STOP"}]}), "its answer was empty", 1, False),
        (lambda _: responding({}), "its response held no answer", 1, False),
        (lambda _: Response(body=b"<html>"), "its response cannot be read (JSONDecodeError)", 1, False),
        (lambda _: failing(403, KEY), "it refuses the key (HTTP 403)", 1, True),
        (lambda _: failing(400, KEY, info("API_KEY_INVALID")), "it refuses the key (HTTP 400)", 1, True),
        (
            lambda _: failing(400, KEY, name="FAILED_PRECONDITION"),
            FREE_TIER,
            1,
            True,
        ),
        (
            lambda _: failing(404),
            NO_MODEL,
            1,
            True,
        ),
        (lambda _: quota("Day", "38s"), "the day's quota is used up (HTTP 429)", 1, True),
        (lambda _: failing(418), "it answers HTTP 418", 1, True),
        (lambda _: failing(503), "it answers HTTP 503", 3, True),
        (lambda _: Response(silence_seconds=5), "it did not answer in time", 3, True),
        (lambda _: Response(body=b" " * 1_000, drip_seconds=0.05), "it did not answer in time", 3, True),
        (lambda _: Response(body=b"{", is_cut_short=True), "it cannot be reached", 3, True),
    ],
)
def test_an_error_says_why_in_words_of_ours(ask, behave, words, n_requests, is_lasting):
    error, requests, pauses = ask(behave, **({"timeout_seconds": 0.2} if "in time" in words else {}))
    assert str(error) == words
    assert (len(requests), error.is_lasting) == (n_requests, is_lasting)
    assert pauses == list(PAUSES_SECONDS[: n_requests - 1])


def test_what_is_refused_without_settings_too_is_told(ask):
    error, requests, pauses = ask(lambda _: failing(400, KEY))
    assert str(error) == "it refuses the request (HTTP 400)"
    assert (len(requests), pauses, error.is_lasting) == (2, [], True)


def test_a_busy_service_is_asked_again_and_answers(ask):
    responses = iter([failing(503), failing(503), answering("{}")])
    reply, requests, pauses = ask(lambda _: next(responses))
    assert (reply.text, len(requests), pauses) == ("{}", 3, list(PAUSES_SECONDS))


@pytest.mark.parametrize(
    ("refusals", "pauses"),
    [
        ([quota("Minute", "38.471s")], [39]),
        ([quota("Minute", "0.2s"), quota("Minute", "7s")], [1, 7]),
        ([quota("Minute")], [60]),
        ([failing(429)] * 3, list(QUOTA_PAUSES_SECONDS)),
        ([failing(503), quota("Minute", "50s"), failing(503)], [1, 50, 4]),
        ([failing(429, "x", {"retryDelay": "soon", "violations": 3}, {"violations": [7]})], [4]),
    ],
)
def test_a_quota_of_the_minute_is_waited_for(ask, refusals, pauses):
    responses = iter([*refusals, answering("{}")])
    reply, _, made = ask(lambda _: next(responses))
    assert (reply.text, made) == ("{}", pauses)


@pytest.mark.parametrize(
    ("refusal", "pauses", "words"),
    [
        (failing(429, KEY), [4, 60, 60], "the quota is used up (HTTP 429)"),
        (quota("Minute", "59s"), [59, 59, 59], "the quota of the minute is used up (HTTP 429)"),
        (
            quota("Minute", "3600s"),
            [],
            TOO_LONG,
        ),
    ],
)
def test_a_quota_that_stays_used_up_is_told(ask, refusal, pauses, words):
    error, _, made = ask(lambda _: refusal)
    assert (str(error), made, error.is_lasting) == (words, pauses, True)


def test_a_run_waits_no_longer_than_it_may(ask):
    patience = Patience()
    waited = [ask(lambda _: quota("Minute", "70s"), patience=patience)[2] for _ in range(2)]
    assert waited == [[70, 70, 70], [70]]
    assert patience.left == PATIENCE_SECONDS - 280


@pytest.mark.parametrize("is_project", [False, True], ids=["by key", "in a project"])
@pytest.mark.parametrize(
    ("model", "hint"),
    [
        (GEMINI_MODEL, None),
        ("gemini-9-hyper", None),
        ("gemini-3.5-flash-lit", ". Did you mean 'gemini-3.5-flash-lite'?"),
        ("palm", ", such as gemini-3.5-flash-lite"),
    ],
)
def test_a_model_is_looked_up_without_a_question(office, model, hint, is_project):
    gemini = office.gemini(model, is_project=is_project)
    office.service.behave, office.service.requests = served(), []
    if hint is None:
        gemini.look_up()
    else:
        with pytest.raises(GeminiError) as told:
            gemini.look_up()
        assert str(told.value).startswith(f"it knows no model {model}")
        assert str(told.value).endswith(hint)
    assert ":generateContent" not in {request.place["verb"] for request in office.service.requests}


def test_nobody_there():
    gemini = Gemini(SecretStr(KEY), "m", base_url="http://127.0.0.1:9", timeout_seconds=0.2, sleep=lambda _: None)
    with pytest.raises(GeminiError, match=r"^it cannot be reached$"):
        gemini.ask("", "{}", Answer)


def test_without_the_library_the_words_say_how_to_get_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "google.genai", None)
    with pytest.raises(GeminiError, match=r"pip install 'segmentation-assets\[gemini\]'"):
        Gemini(SecretStr(KEY), "m").ask("", "{}", Answer)


def test_an_answer_is_read_by_segment_and_errors_quote_nothing():
    texts = {"name": "a", "description": "b", "motivation": "c", "product_strategy": "d"}
    answer = json.dumps({"segments": [{"segment_id": i, **texts} for i in (3, 1)]})
    assert list(read_answer(answer, [1, 3])) == [3, 1]
    with pytest.raises(AnswerError, match=r"2 segments for 3"):
        read_answer(answer, [1, 2, 3])
    with pytest.raises(AnswerError, match=r"^its answer is not the JSON that was asked for$"):
        read_answer('{"segments": [{"secret": 1}]}', [1])


def test_what_is_asked_is_priced_by_the_model_that_answers():
    usage = Usage()
    usage.add("gemini-2.5-flash-lite", 1_000_000, 0)
    usage.add("gemini-3.5-flash-lite-001", 1_000_000, 100_000)
    assert usage.cost_usd == 0.1 + 0.3 + 0.25
    usage.add("gemini-9-hyper", 1_000, 10)
    assert usage.answered_by.total() == 3
    assert (usage.cost_usd, usage.no_estimate_because) == (None, "the list price of gemini-9-hyper is not known here")


def test_prices_of_the_list_are_not_those_of_a_project():
    usage = Usage(is_listed=False)
    assert usage.cost_usd == 0
    usage.add(GEMINI_MODEL, 1_000, 10)
    assert usage.cost_usd is None
    assert "hang on the location" in usage.no_estimate_because
