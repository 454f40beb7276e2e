"""A stand-in for the Gemini service: real HTTP on loopback, spoken to by the real google-genai client.

It answers ``POST /<version>/models/<model>:generateContent`` in the service's JSON (candidates, finishReason,
usageMetadata, promptFeedback; errors as google.rpc.Status), the same under a project and location of Google Cloud,
``:countTokens``, ``GET`` of all models, and ``POST /token`` (the grant of an access token), and keeps every request.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STATUS_NAMES = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip
TOKEN = "standin-token-7d2e"  # noqa: S105 - opens nothing but the stand-in
_PATH = re.compile(
    r"/v1(?:beta|beta1)?/(?:projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/)?(?:publishers/google/)?"
    r"models(?:/(?P<model>[^:/?]+))?(?P<verb>:generateContent|:countTokens)?(?:\?.*)?"
)


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: str
    method: str = "POST"

    @property
    def place(self) -> dict[str, str | None]:
        """What the path names: project, location, model and verb."""
        found = _PATH.fullmatch(self.path)
        return found.groupdict() if found else dict.fromkeys(("project", "location", "model", "verb"))

    @property
    def model(self) -> str:
        return str(self.place["model"])

    @property
    def question(self) -> dict:
        """The data of the question: the JSON of the user's words."""
        return json.loads(json.loads(self.body)["contents"][0]["parts"][0]["text"])

    @property
    def config(self) -> dict:
        return json.loads(self.body)["generationConfig"]


@dataclass(frozen=True)
class Response:
    """What is sent back: a status and bytes, after a silence, cut short or dripping where asked."""

    status: int = 200
    body: bytes = b""
    silence_seconds: float = 0.0
    is_cut_short: bool = False
    drip_seconds: float = 0.0


Behaviour = Callable[[Request], Response]


def answering(
    text: str, *, finish: str = "STOP", tokens: tuple[int, int] = (1_000, 200), model: str = "gemini-2.5-flash"
) -> Response:
    """A response whose one candidate says `text`."""
    return responding({
        "candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "finishReason": finish, "index": 0}],
        "usageMetadata": {"promptTokenCount": tokens[0], "candidatesTokenCount": tokens[1],
                          "totalTokenCount": sum(tokens)},
        "modelVersion": model,
        "responseId": "r1",
    })  # fmt: skip


def responding(body: object) -> Response:
    return Response(body=json.dumps(body).encode())


def refusing(reason: str = "PROHIBITED_CONTENT") -> Response:
    """A question that was blocked before it was answered."""
    return responding({"promptFeedback": {"blockReason": reason}, "usageMetadata": {"promptTokenCount": 1_000}})


def failing(status: int, message: str = "Something went wrong.", *details: dict, name: str | None = None) -> Response:
    error = {"code": status, "message": message, "status": name or STATUS_NAMES.get(status, "UNKNOWN")}
    return Response(status=status, body=json.dumps({"error": error | {"details": list(details)}}).encode())


def info(reason: str) -> dict:
    """An ErrorInfo."""
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}


def quota(per: str, delay: str | None = None) -> Response:
    """Refuse as the Gemini API does where a quota per Minute or per Day is used up, and say when to come again."""
    violation = {"quotaId": f"GenerateRequestsPer{per}PerProjectPerModel", "quotaValue": "10"}
    details = [{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]}]
    if delay:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay})
    return failing(429, "You exceeded your current quota.", *details)


@dataclass
class GeminiStandIn:
    """The service: its address, how it behaves, and what it was asked."""

    behave: Behaviour
    requests: list[Request] = field(default_factory=list)
    address: str = ""

    @property
    def n_calls(self) -> int:
        return len(self.requests)


class _Server(ThreadingHTTPServer):
    """Serves one stand-in until it is released."""

    def __init__(self, stand_in: GeminiStandIn) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stand_in = stand_in
        self.released = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        length = int(self.headers.get("Content-Length", 0))
        request = Request(self.path, dict(self.headers), self.rfile.read(length).decode(), method)
        self.server.stand_in.requests.append(request)
        response = self._response(request)
        if response.silence_seconds:
            self.server.released.wait(response.silence_seconds)
        self._send(response)

    def _response(self, request: Request) -> Response:
        if request.path == "/token":
            return responding({"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})
        if not _PATH.fullmatch(request.path) or (request.method == "POST") != bool(request.place["verb"]):
            return failing(404, "No such method.")
        headers = {name.lower(): value for name, value in request.headers.items()}
        if "/projects/" in request.path and headers.get("authorization") != f"Bearer {TOKEN}":
            return failing(401, "Request had invalid authentication credentials.")
        return self.server.stand_in.behave(request)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(response.body) + 100 * response.is_cut_short))
        self.end_headers()
        drops = (
            [response.body[i : i + 1] for i in range(len(response.body))] if response.drip_seconds else [response.body]
        )
        for drop in drops:
            self.wfile.write(drop)
            if response.drip_seconds and self.server.released.wait(response.drip_seconds):
                break
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep the test's output to the test."""

    def handle(self) -> None:
        with suppress(ConnectionError):  # a client that lost patience has gone
            super().handle()


@contextmanager
def gemini_stand_in(behave: Behaviour) -> Iterator[GeminiStandIn]:
    """Serve on a free port of loopback for as long as the block lasts."""
    stand_in = GeminiStandIn(behave)
    server = _Server(stand_in)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    stand_in.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stand_in
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def grounded(request: Request) -> Response:
    """A good answer of the model that was asked."""
    return answering(good_text(request), model=request.model)


def good_text(request: Request) -> str:
    """Names and sentences put together from what the question says may be said of each segment, as JSON."""
    question = request.question
    taken = {name.casefold() for name in question["taken_names"]}
    segments = []
    for facts in question["segments"]:
        words = _words(facts)
        name = next(name for name in _names(words) if name.casefold() not in taken)
        taken.add(name.casefold())
        said = " and ".join(word.lower() for word in words[:2])
        segments.append({
            "segment_id": facts["segment_id"],
            "name": name,
            "description": f"Customers best described as {said}." if said else "Customers close to the average.",
            "motivation": "They want simple and clear service.",
            "product_strategy": "Offer what suits them, by the channel they prefer.",
        })  # fmt: skip
    return json.dumps({"segments": segments})


def _words(facts: dict) -> list[str]:
    """The first word for each strong claim, those that were sent back left out."""
    refused = " ".join(facts.get("not_backed", [])).casefold()
    claims = [claim for claim in facts["may_be_said"] if claim["strength"] != "mild" and claim["words"]]
    words = [claim["words"][0] for claim in claims]
    return [word for word in words if word.casefold().replace("-", " ") not in refused]


def _names(words: list[str]) -> Iterator[str]:
    """Yield names from the strongest words down, each of two adjectives or one."""
    for i, first in enumerate(words):
        for second in words[i + 1 :]:
            if " " not in first + second and first[:4] != second[:4]:
                yield f"{first} {second} Clients"
    for word in words:
        yield f"{word} Clients"
    yield from ("Mainstream Clients", "General Clients", "Core Clients", "Everyday Clients", "Average Clients")
