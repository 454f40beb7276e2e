"""One question to Gemini and its answer as text, or the reason why there is none.

`google-genai` is an extra and is imported when the first question is asked. Retries are ours rather than the
library's, whose waits are drawn at random. An error's words are made here: what the service says may repeat the
request, and the request holds the key.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import Empty, Queue
from threading import Thread
from typing import Any

from pydantic import BaseModel, SecretStr

RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
PAUSES_SECONDS = (1.0, 4.0)
"""How long is waited before the second and the third attempt."""
TIMEOUT_SECONDS = 60.0
_TIMES_IN_ALL = 2
"""A whole attempt may take so many times the silence that is allowed."""
MAX_OUTPUT_TOKENS = 8_192
SEED = 0
_STATUS_WORDS = {
    400: "it refuses the request or the key (HTTP 400)",
    401: "it refuses the key (HTTP 401)",
    403: "it refuses the key (HTTP 403)",
    404: "it knows no such model (HTTP 404)",
    429: "the quota is used up (HTTP 429)",
}


class GeminiError(Exception):
    """Gemini gave no answer; the words say why and hold no secret.

    `is_lasting` tells whether the next question of the same run would fare no better.
    """

    def __init__(self, words: str, *, is_lasting: bool) -> None:
        super().__init__(words)
        self.is_lasting = is_lasting


@dataclass(frozen=True)
class Reply:
    """An answer's text and what it cost in tokens; tokens of thought count as output, as they are billed."""

    text: str
    input_tokens: int
    output_tokens: int


class Gemini:
    """A model behind `google-genai`.

    Parameters
    ----------
    model : such as ``gemini-2.5-flash``.
    base_url : another address than Google's; None leaves it to the library, which reads GOOGLE_GEMINI_BASE_URL.
    timeout_seconds : how long one attempt may keep silent.
    sleep : waits between attempts.
    """

    def __init__(
        self,
        api_key: SecretStr,
        model: str,
        *,
        base_url: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = model
        self._api_key = api_key
        self._base_url = base_url
        self._timeout_seconds = timeout_seconds
        self._sleep = sleep
        self._client: Any = None  # kept: a client that is collected closes its connections under a running request

    def ask(self, instruction: str, question: str, schema: type[BaseModel]) -> Reply:
        """Ask once, with up to two further attempts where the service is busy or out of reach.

        Parameters
        ----------
        instruction : what is to be done, as the system's words.
        question : the data, as the user's words.
        schema : what the answer's JSON has to look like; the caller validates it.

        Raises
        ------
        GeminiError
            Whatever went wrong.
        """
        for pause in (*PAUSES_SECONDS, None):
            try:
                client = self._connected()  # outside of the time allowed: it imports the library
                return self._within_time(partial(self._attempt, client, instruction, question, schema))
            except GeminiError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever the library meets, the run goes on
                if pause is None or not _is_worth_retrying(error):
                    raise GeminiError(_words_for(error), is_lasting=_is_lasting(error)) from None
                self._sleep(pause)
        raise AssertionError  # the last turn of the loop returns or raises

    def _within_time(self, attempt: Callable[[], Reply]) -> Reply:
        """Return what an attempt returns, or raise what it raises, unless it takes too long.

        The library's timeout is for each piece that is received; a response that drips would never end. So an attempt
        has a thread of its own, which is left behind with its client where it does not end in time.
        """
        outcome: Queue[Reply | Exception] = Queue()

        def run() -> None:
            try:
                outcome.put(attempt())
            except Exception as error:  # noqa: BLE001 - handed over to the thread that waits
                outcome.put(error)

        Thread(target=run, daemon=True).start()
        try:
            found = outcome.get(timeout=_TIMES_IN_ALL * self._timeout_seconds)
        except Empty:
            self._client = None
            raise TimeoutError from None
        if isinstance(found, Exception):
            raise found
        return found

    def _attempt(self, client: Any, instruction: str, question: str, schema: type[BaseModel]) -> Reply:
        from google.genai import types  # noqa: PLC0415 - an extra, and a second to import

        response = client.models.generate_content(
            model=self.model,
            contents=question,
            config=types.GenerateContentConfig(
                system_instruction=instruction,
                response_mime_type="application/json",
                response_json_schema=schema.model_json_schema(),
                temperature=0,
                seed=SEED,
                candidate_count=1,
                max_output_tokens=MAX_OUTPUT_TOKENS,
                thinking_config=_without_thinking(self.model, types),
            ),
        )
        return _read(response)

    def _connected(self) -> Any:
        if self._client is None:
            from google import genai  # noqa: PLC0415 - an extra, and a second to import
            from google.genai import types  # noqa: PLC0415

            options = types.HttpOptions(base_url=self._base_url, timeout=round(self._timeout_seconds * 1000))
            self._client = genai.Client(
                api_key=self._api_key.get_secret_value(), enterprise=False, http_options=options
            )
        return self._client


def _without_thinking(model: str, types: Any) -> Any:
    """Switch thinking off where the model allows it: names need none, and thoughts are billed and vary."""
    return types.ThinkingConfig(thinking_budget=0) if model.startswith("gemini-2.5-flash") else None


def _read(response: Any) -> Reply:
    """Return the text of a response that ended as it should."""
    feedback = response.prompt_feedback
    if feedback and feedback.block_reason:
        raise GeminiError(f"it refused the question ({_code(feedback.block_reason)})", is_lasting=False)
    if not response.candidates:
        raise GeminiError("its response held no answer", is_lasting=False)
    candidate = response.candidates[0]
    if _code(candidate.finish_reason) != "STOP":
        raise GeminiError(f"it broke off its answer ({_code(candidate.finish_reason)})", is_lasting=False)
    parts = (candidate.content.parts if candidate.content else None) or []
    text = "".join(part.text or "" for part in parts if not part.thought)
    if not text.strip():
        raise GeminiError("its answer was empty", is_lasting=False)
    used = response.usage_metadata
    written = ((used.candidates_token_count or 0) + (used.thoughts_token_count or 0)) if used else 0
    return Reply(text, (used.prompt_token_count or 0) if used else 0, written)


def _code(reason: Any) -> str:
    """Return an enumeration's name, or what stands for one that this release of the library does not know."""
    name = str(getattr(reason, "value", reason))
    return name if name.replace("_", "").isalpha() and name.isupper() else "no reason given"


def _is_worth_retrying(error: Exception) -> bool:
    status = getattr(error, "code", None)
    if isinstance(status, int):
        return status in RETRIED_STATUSES
    return _is_silence(error) or _is_unreachable(error)


def _is_silence(error: Exception) -> bool:
    return isinstance(error, TimeoutError) or "Timeout" in type(error).__name__


def _is_unreachable(error: Exception) -> bool:
    """Tell whether the connection failed; httpx and httpx2, whichever is installed, have each their own classes."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return isinstance(error, ConnectionError) or bool(names & {"TransportError", "NetworkError", "ProtocolError"})


def _is_lasting(error: Exception) -> bool:
    """Tell whether it is the way to Gemini that fails rather than one response."""
    is_refused = isinstance(getattr(error, "code", None), int)
    return is_refused or isinstance(error, ImportError) or _is_silence(error) or _is_unreachable(error)


def _words_for(error: Exception) -> str:
    """Say what went wrong without what the service or the library said."""
    if isinstance(error, ImportError):
        return "google-genai is not installed (pip install 'segmentation-assets[gemini]')"
    status = getattr(error, "code", None)
    if isinstance(status, int):
        return _STATUS_WORDS.get(status, f"it answers HTTP {status}")
    if _is_silence(error):
        return "it did not answer in time"
    if _is_unreachable(error):
        return "it cannot be reached"
    return f"its response cannot be read ({type(error).__name__})"
