"""A webhook receiver on this machine, as a storefront would have one: it checks the signature and keeps what came."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

PATH = "/webhooks"


class Received(msgspec.Struct, frozen=True):
    """One delivery: its body, the bytes it came as, and the signature it came with."""

    body: dict[str, Any]
    content: bytes
    signature: str


class Receiver:
    def __init__(self) -> None:
        self.url = ""
        self._received: list[Received] = []

    def keep(self, content: bytes, signature: str) -> None:
        self._received.append(Received(json.loads(content), content, signature))

    def of_case(self, case_id: str) -> list[Received]:
        """What was told of the case, each event once, in the case's own order."""
        mine = {
            one.body["id"]: one
            for one in list(self._received)
            if one.body.get("payload", {}).get("case", {}).get("id") == case_id
        }
        return sorted(mine.values(), key=lambda one: int(one.body["sequence"]))


def is_genuine(received: Received, secret: str) -> bool:
    expected = hmac.new(secret.encode(), received.content, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, received.signature)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listens on a free loopback port until the end of the block."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.keep(content, self.headers.get("x-cv-signature", ""))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Says nothing: the demo prints what came."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}{PATH}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
