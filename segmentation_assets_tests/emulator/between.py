"""What stands between the client and the emulator, and hears every request: a server of its own on the loopback."""

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Between:
    """Listens at `host`; `handle` is given each request, with its body read, and answers it."""

    def __init__(self, emulator_host):
        self.target = urlsplit(emulator_host)
        between = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                between.handle(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

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
        self._server.shutdown()
        self._server.server_close()

    def handle(self, handler, body):
        raise NotImplementedError

    def ask(self, method, path, body=b"", headers=None):
        """Pass a request on; return the emulator's status, headers and content."""
        connection = HTTPConnection(self.target.hostname, self.target.port, timeout=120)
        kept = {n: v for n, v in (headers or {}).items() if n.lower() not in ("accept-encoding", "content-length")}
        try:
            connection.request(method, path, body, kept)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


def begin_answer(handler, status, headers, content):
    """Send everything of an answer but its content."""
    handler.send_response_only(status)
    for name, value in headers:
        if name.lower() not in ("transfer-encoding", "content-length", "connection"):
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()


def send(handler, status, headers, content):
    """Send an answer."""
    begin_answer(handler, status, headers, content)
    handler.wfile.write(content)
