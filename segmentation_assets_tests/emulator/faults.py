"""A network that fails on demand: it stands between client and emulator and spoils the requests it is told to."""

import json
import socket
import struct
import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

FAULTS = ("429", "503", "reset", "lost answer", "half an answer", "silence")
"""Refused twice by BigQuery; cut before it arrived; cut, halved or held back after it did its work."""

_REASONS = {"429": "rateLimitExceeded", "503": "backendError"}
_SILENCE_SECONDS = 30


class FaultyNetwork:
    """Listens at `host`; `plan(number)` names the fault of a request, counted from 1, or None to pass it on."""

    def __init__(self, emulator_host):
        self._lock = threading.Lock()
        self.begin(lambda _: None)
        self.released = threading.Event()
        target = urlsplit(emulator_host)
        network = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                network.handle(self, target)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the library's names

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.host = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def begin(self, plan):
        """Count anew, and spoil by another plan."""
        with self._lock:
            self.n_requests, self.plan = 0, plan

    def handle(self, handler, target):
        with self._lock:
            self.n_requests += 1
            fault = self.plan(self.n_requests)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        if fault in _REASONS:
            _refuse(handler, int(fault))
        elif fault == "reset":
            _cut(handler)
        else:
            self._answer(handler, fault, *_ask(handler, body, target))

    def _answer(self, handler, fault, status, headers, content):
        if fault == "lost answer":
            _cut(handler)
            return
        if fault == "silence":
            self.released.wait(_SILENCE_SECONDS)
            handler.close_connection = True
            return
        handler.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        if fault == "half an answer" and content:
            handler.wfile.write(content[: len(content) // 2])
            handler.wfile.flush()
            _cut(handler)
            return
        handler.wfile.write(content)


def _ask(handler, body, target):
    connection = HTTPConnection(target.hostname, target.port, timeout=60)
    headers = {name: value for name, value in handler.headers.items() if name.lower() != "accept-encoding"}
    try:
        connection.request(handler.command, handler.path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()


def _refuse(handler, status):
    said = {"reason": _REASONS[str(status)], "message": "Try again later."}
    content = json.dumps({"error": {"code": status, "message": said["message"], "errors": [said]}}).encode()
    handler.send_response_only(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def _cut(handler):
    """End the connection with a reset."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
