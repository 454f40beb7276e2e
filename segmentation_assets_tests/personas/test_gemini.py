"""The real google-genai client against the stand-in, over a socket."""

import json

import pytest
from pydantic import SecretStr

from segmentation_assets.personas.answer import Answer, AnswerError, read_answer
from segmentation_assets.personas.costs import Usage
from segmentation_assets.personas.gemini import PAUSES_SECONDS, Gemini, GeminiError
from segmentation_assets_tests.standins.gemini import (
    Response,
    answering,
    failing,
    gemini_stand_in,
    refusing,
    responding,
)

KEY = "test-key-0000"


def ask(behave, **given):
    """Ask one question; return the reply, or the error, with the requests that came and the pauses made."""
    pauses = []
    with gemini_stand_in(behave) as service:
        gemini = Gemini(
            SecretStr(KEY), given.pop("model", "gemini-2.5-flash"), base_url=service.address, timeout_seconds=0.2,
            sleep=pauses.append,
        )  # fmt: skip
        try:
            return gemini.ask("Be brief.", json.dumps({"x": 1}), Answer), service.requests, pauses
        except GeminiError as error:
            return error, service.requests, pauses


def test_a_reply_is_text_and_tokens_with_those_of_thought():
    body = {
        "candidates": [{"content": {"parts": [{"text": "hm", "thought": True}, {"text": "a"}, {"text": "b"}]},
                        "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 5, "thoughtsTokenCount": 7},
    }  # fmt: skip
    reply, requests, pauses = ask(lambda _: responding(body))
    assert (reply.text, reply.input_tokens, reply.output_tokens) == ("ab", 11, 12)
    assert (len(requests), pauses) == (1, [])


def test_what_is_asked_for():
    _, (request,), _ = ask(lambda _: answering("{}"))
    assert request.path.endswith("models/gemini-2.5-flash:generateContent")
    assert request.headers["x-goog-api-key"] == KEY
    assert request.question == {"x": 1}
    config = request.config
    assert (config["temperature"], config["seed"], config["candidateCount"]) == (0, 0, 1)
    assert config["responseMimeType"] == "application/json"
    assert config["thinkingConfig"]["thinking_budget"] == 0
    schema = config["responseJsonSchema"]
    assert set(schema["$defs"]["NamedSegment"]["required"]) == {
        "segment_id", "name", "description", "motivation", "product_strategy",
    }  # fmt: skip
    assert json.loads(request.body)["systemInstruction"]["parts"] == [{"text": "Be brief."}]


def test_a_model_that_must_think_is_let_think():
    _, (request,), _ = ask(lambda _: answering("{}"), model="gemini-2.5-pro")
    assert "thinkingConfig" not in request.config


@pytest.mark.parametrize(
    ("behave", "words", "n_requests", "is_lasting"),
    [
        (lambda _: refusing("SAFETY"), "it refused the question (SAFETY)", 1, False),
        (lambda _: answering("x", finish="MAX_TOKENS"), "it broke off its answer (MAX_TOKENS)", 1, False),
        (lambda _: answering(" "), "its answer was empty", 1, False),
        (lambda _: responding({"candidates": [{"finishReason": "STOP"}]}), "its answer was empty", 1, False),
        (lambda _: responding({}), "its response held no answer", 1, False),
        (lambda _: Response(body=b"<html>"), "its response cannot be read (JSONDecodeError)", 1, False),
        (lambda _: failing(400, KEY), "it refuses the request or the key (HTTP 400)", 1, True),
        (lambda _: failing(403, KEY), "it refuses the key (HTTP 403)", 1, True),
        (lambda _: failing(404), "it knows no such model (HTTP 404)", 1, True),
        (lambda _: failing(429, KEY), "the quota is used up (HTTP 429)", 3, True),
        (lambda _: failing(503), "it answers HTTP 503", 3, True),
        (lambda _: Response(silence_seconds=5), "it did not answer in time", 3, True),
        (lambda _: Response(body=b" " * 1_000, drip_seconds=0.05), "it did not answer in time", 3, True),
        (lambda _: Response(body=b"{", is_cut_short=True), "it cannot be reached", 3, True),
    ],
)
def test_an_error_says_why_in_words_of_ours(behave, words, n_requests, is_lasting):
    error, requests, pauses = ask(behave)
    assert str(error) == words
    assert (len(requests), error.is_lasting) == (n_requests, is_lasting)
    assert pauses == list(PAUSES_SECONDS[: n_requests - 1])


def test_a_busy_service_is_asked_again_and_answers():
    responses = iter([failing(503), failing(429), answering("{}")])
    reply, requests, pauses = ask(lambda _: next(responses))
    assert (reply.text, len(requests), pauses) == ("{}", 3, list(PAUSES_SECONDS))


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


def test_the_cost_of_a_model_without_a_known_price_is_not_guessed():
    usage = Usage("gemini-9-hyper")
    usage.add(1_000, 10)
    usage.add(1_000, 10)
    assert (usage.answers, usage.input_tokens, usage.output_tokens, usage.cost_usd) == (2, 2_000, 20, None)
