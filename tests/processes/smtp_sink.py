"""A real mail server that keeps what it gets, and can be told to refuse."""

from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller


class _Controller(Controller):
    def _trigger_server(self) -> None:
        """Says hello to the server at the port it was given, which port 0 leaves open until now."""
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()


class SmtpSink:
    """Listens on a free port of 127.0.0.1 while the block runs."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        # What it answers to each recipient that it does not take.
        self.refused: dict[str, str] = {}
        # Done when a message was received and before it is taken.
        self.at_data: Callable[[], None] | None = None
        self.messages: list[tuple[str, Message]] = []
        self._controller = _Controller(self, hostname="127.0.0.1", port=0)

    @property
    def port(self) -> int:
        return int(self._controller.port)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: ARG002, N802 - called by aiosmtpd
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802 - called by aiosmtpd
        if self.at_data is not None:
            self.at_data()
        if self.refusals > 0:
            self.refusals -= 1
            return "451 4.3.0 try again later"
        self.messages += [(recipient, message_from_bytes(envelope.content)) for recipient in envelope.rcpt_tos]
        return "250 OK"

    def __enter__(self) -> "SmtpSink":
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
