"""One question to Gemini and its answer as text, or the reason why there is none.

Gemini is reached by a key of the Gemini API, or in a project of Google Cloud with the machine's own credentials.
`google-genai` is an extra and is imported when the first question is asked. Retries are ours rather than the
library's, whose waits are drawn at random.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import Empty, Queue
from threading import Thread
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr

from segmentation_assets.errors import did_you_mean
from segmentation_assets.personas.gemini.failures import (
    NO_CREDENTIALS,
    Failure,
    GeminiError,
    GoogleProject,
    read_failure,
)
from segmentation_assets.personas.gemini.models import BARE, Generation, generation_of, model_name

PAUSES_SECONDS = (1.0, 4.0)
"""How long is waited before the second and the third attempt where the service is busy or out of reach."""
QUOTA_PAUSES_SECONDS = (4.0, 60.0, 60.0)
"""The same where a quota is used up and nobody says when it is whole again."""
PATIENCE_SECONDS = 300.0
"""How long a run may wait for Gemini in all, between its attempts."""
TIMEOUT_SECONDS = 60.0
_TIMES_IN_ALL = 2
"""A whole attempt may take so many times the silence that is allowed."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Reply:
    """An answer's text, the model that gave it, and its tokens; those of thought count as output, as they are billed.

    `is_bare` is True where the settings of the model's generation were refused and it was asked without them.
    """

    text: str
    model: str
    input_tokens: int
    output_tokens: int
    is_bare: bool = False


@dataclass
class Patience:
    """The seconds that a run may still wait."""

    left: float = PATIENCE_SECONDS

    def spend(self, seconds: float) -> bool:
        """Take the seconds off what is left; where they are more, take none and return False."""
        is_enough = seconds <= self.left
        self.left -= seconds if is_enough else 0
        return is_enough


class Gemini:
    """A model behind `google-genai`.

    Parameters
    ----------
    access : a key, or the project whose models are asked.
    model : such as ``gemini-3.5-flash-lite``, with or without a path before it.
    base_url : another address than Google's; None leaves it to the library, which reads GOOGLE_GEMINI_BASE_URL and
        GOOGLE_VERTEX_BASE_URL.
    timeout_seconds : how long one attempt may keep silent.
    sleep : waits between attempts.
    """

    def __init__(
        self,
        access: SecretStr | GoogleProject,
        model: str,
        *,
        base_url: str | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.model = model_name(model)
        self.project = access if isinstance(access, GoogleProject) else None
        self._key = access if isinstance(access, SecretStr) else None
        self._base_url = base_url
        self._timeout_seconds = timeout_seconds
        self._sleep = sleep
        self._generation = generation_of(self.model)
        self._client: Any = None  # kept: a client that is collected closes its connections under a running request

    @property
    def way(self) -> str:
        """How it is asked, in words."""
        return f"in the project {self.project.project} at {self.project.location}" if self.project else "by its key"

    def ask(self, instruction: str, question: str, schema: type[BaseModel], patience: Patience | None = None) -> Reply:
        """Ask once, and again where the service is busy or out of reach, or a quota of the minute is used up.

        Where the settings are refused it is asked once without them, and if it answers then, always.

        Parameters
        ----------
        instruction : what is to be done, as the system's words.
        question : the data, as the user's words.
        schema : what the answer's JSON has to look like; the caller validates it.
        patience : what the run may still wait.

        Raises
        ------
        GeminiError
            Whatever went wrong.
        """
        generation = self._generation
        pauses = {"soon": iter(PAUSES_SECONDS), "quota": iter(QUOTA_PAUSES_SECONDS)}
        patience = patience or Patience()
        while True:
            found = self._tried(partial(self._attempt, instruction, question, schema, generation))
            if isinstance(found, Reply):
                self._generation = generation
                return found
            if found.kind == "settings" and generation != BARE:
                generation = BARE
                continue
            wait = next(pauses.get(found.kind, iter(())), None)
            if wait is None:
                raise GeminiError(found.words, is_lasting=found.is_lasting)
            wait = found.seconds or wait
            if not patience.spend(wait):
                raise GeminiError(
                    f"{found.words}, and to wait {wait:.0f} seconds more is longer than a run may "
                    f"({PATIENCE_SECONDS:.0f} in all)",
                    is_lasting=found.is_lasting,
                )
            self._sleep(wait)

    def look_up(self) -> None:
        """Ask whether the model is there and may be asked, by having a letter's tokens counted, which costs nothing.

        Raises
        ------
        GeminiError
            If it is not, with the name that is most like it, or if it cannot be told.
        """
        found = self._tried(lambda: self._connected().models.count_tokens(model=self.model, contents="x"))
        if isinstance(found, Failure):
            names = self._tried(self._names) if found.kind == "model" else found
            hint = "" if isinstance(names, Failure) else did_you_mean(self.model, names)
            raise GeminiError(f"{found.words}.{hint}" if hint else found.words, is_lasting=found.is_lasting)

    def _names(self) -> list[str]:
        """Return the names of the models that there are."""
        found = self._connected().models.list(config={"page_size": 1_000})
        return [model_name(str(model.name)) for model in found if model.name]

    def _tried(self, attempt: Callable[[], _T]) -> _T | Failure:
        """Return what an attempt returns, or why it failed."""
        try:
            self._connected()  # outside of the time allowed: it imports the library
            return self._within_time(attempt)
        except GeminiError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the library meets, the run goes on
            return read_failure(error, self.model, self.project)

    def _within_time(self, attempt: Callable[[], _T]) -> _T:
        """Return what an attempt returns, or raise what it raises, unless it takes too long.

        The library's timeout is for each piece that is received; a response that drips would never end. So an attempt
        has a thread of its own, which is left behind with its client where it does not end in time.
        """
        outcome: Queue[_T | Exception] = Queue()

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

    def _attempt(self, instruction: str, question: str, schema: type[BaseModel], generation: Generation) -> Reply:
        from google.genai import types  # noqa: PLC0415 - an extra, and a second to import

        budget, level = generation.thinking_budget, generation.thinking_level
        is_told = budget is not None or level is not None
        response = self._connected().models.generate_content(
            model=self.model,
            contents=question,
            config=types.GenerateContentConfig(
                system_instruction=instruction,
                response_mime_type="application/json",
                response_json_schema=schema.model_json_schema(),
                temperature=generation.temperature,
                seed=generation.seed,
                max_output_tokens=generation.max_output_tokens,
                thinking_config=types.ThinkingConfig(
                    thinking_budget=budget, thinking_level=types.ThinkingLevel(level) if level else None
                )
                if is_told
                else None,
            ),
        )
        return _read(response, self.model, is_bare=generation == BARE)

    def _connected(self) -> Any:
        if self._client is None:
            from google import genai  # noqa: PLC0415 - an extra, and a second to import
            from google.genai import types  # noqa: PLC0415

            options = types.HttpOptions(base_url=self._base_url, timeout=round(self._timeout_seconds * 1000))
            if self.project:
                where: dict[str, Any] = {"project": self.project.project, "location": self.project.location}
                where["credentials"] = _credentials()
            else:
                where = {"api_key": self._key.get_secret_value() if self._key else ""}
            self._client = genai.Client(enterprise=self.project is not None, http_options=options, **where)
        return self._client


def _credentials() -> Any:
    """Return the credentials of the machine, to be used in projects of Google Cloud."""
    import google.auth  # noqa: PLC0415 - comes with the extra
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415

    try:
        credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    except (GoogleAuthError, ValueError):
        raise GeminiError(NO_CREDENTIALS, is_lasting=True) from None
    return credentials


def _read(response: Any, asked: str, *, is_bare: bool) -> Reply:
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
    model = model_name(response.model_version or asked)
    return Reply(text, model, (used.prompt_token_count or 0) if used else 0, written, is_bare)


def _code(reason: Any) -> str:
    """Return an enumeration's name, or what stands for one that this release of the library does not know."""
    name = str(getattr(reason, "value", reason))
    return name if name.replace("_", "").isalpha() and name.isupper() else "no reason given"
