"""A network that fails on demand: it stands between client and emulator and spoils the requests it is told to."""

import json
import socket
import struct
import threading

from segmentation_assets_tests.emulator.between import Between, begin_answer, send

FAULTS = ("429", "503", "reset", "lost answer", "half an answer", "silence")
"""Refused twice by BigQuery; cut before it arrived; cut, halved or held back after it did its work."""

_REASONS = {"429": "rateLimitExceeded", "503": "backendError"}
_SILENCE_SECONDS = 30


class FaultyNetwork(Between):
    """Listens at `host`; `plan(number)` names the fault of a request, counted from 1, or None to pass it on."""

    def __init__(self, emulator_host):
        self._lock = threading.Lock()
        self.begin(lambda _: None)
        self.released = threading.Event()
        super().__init__(emulator_host)

    def __exit__(self, *_):
        self.released.set()
        super().__exit__()

    def begin(self, plan):
        """Count anew, and spoil by another plan."""
        with self._lock:
            self.n_requests, self.plan = 0, plan

    def handle(self, handler, body):
        with self._lock:
            self.n_requests += 1
            fault = self.plan(self.n_requests)
        if fault in _REASONS:
            _refuse(handler, int(fault))
        elif fault == "reset":
            _cut(handler)
        else:
            self._answer(handler, fault, *self.ask(handler.command, handler.path, body, dict(handler.headers)))

    def _answer(self, handler, fault, status, headers, content):
        if fault == "lost answer":
            _cut(handler)
            return
        if fault == "silence":
            self.released.wait(_SILENCE_SECONDS)
            handler.close_connection = True
            return
        begin_answer(handler, status, headers, content)
        if fault == "half an answer" and content:
            handler.wfile.write(content[: len(content) // 2])
            handler.wfile.flush()
            _cut(handler)
            return
        handler.wfile.write(content)


def _refuse(handler, status):
    said = {"reason": _REASONS[str(status)], "message": "Try again later."}
    content = json.dumps({"error": {"code": status, "message": said["message"], "errors": [said]}}).encode()
    send(handler, status, [("Content-Type", "application/json")], content)


def _cut(handler):
    """End the connection with a reset."""
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()
