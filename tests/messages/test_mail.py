"""The mail adapter against a real mail server, and against ones that misbehave."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from carelane.messages.errors import SendError
from carelane.messages.mail import MailServer, mail_server, send
from carelane.messages.schemas import Content
from carelane.settings import read_settings
from tests.processes.smtp_sink import SmtpSink

TO = "robin@patient.example"
GREETING = ["220 here"]
HELLO = ["250 here"]


def server_at(port: int, **changed) -> MailServer:
    usual = {"username": None, "password": None, "starttls": False, "sender": "us@clinic.example"} | changed
    return MailServer("127.0.0.1", port, **usual)


@asynccontextmanager
async def scripted(*replies: str | None):
    """A server that answers the greeting and each command in turn, whatever it is; None: it hangs up."""
    served = []

    async def serve(reader, writer):
        served.append(writer)
        for reply in replies:
            if reply is None:
                break
            writer.write(f"{reply}\r\n".encode())
            await writer.drain()
            line = await reader.readline()
            if reply.startswith("354"):
                while line not in (b".\r\n", b""):
                    line = await reader.readline()
        else:
            # Never again, until the other side hangs up.
            await reader.read()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1], served
    finally:
        listening.close()
        for writer in served:
            writer.close()


async def refused(port: int, **changed) -> SendError:
    with pytest.raises(SendError) as error:
        await send(server_at(port, **changed), Content(TO, "Subject", "Text"))
    assert TO not in str(error.value)
    return error.value


async def test_every_attempt_at_a_message_has_the_same_id_and_it_names_the_senders_domain():
    with SmtpSink() as sink:
        for _ in range(2):
            await send(
                server_at(sink.port, sender="Harbor <us@clinic.example>"), Content(TO, "Sub\r\nject", "Text"), "abc"
            )
        assert [mail["Message-ID"] for _, mail in sink.messages] == ["<abc@clinic.example>"] * 2
        assert {mail["Subject"] for _, mail in sink.messages} == {"Sub ject"}


@pytest.mark.parametrize(
    ("reply", "is_final", "text"),
    [
        ("550 5.1.1 no such mailbox", True, "SMTPRecipientsRefused 550"),
        ("553 5.1.3 bad address", True, "SMTPRecipientsRefused 553"),
        ("450 4.2.1 try again later", False, "SMTPRecipientsRefused 450"),
        ("530 5.7.0 authentication required", False, "SMTPRecipientsRefused 530"),
    ],
)
async def test_a_refused_recipient_is_final_unless_it_may_be_taken_later(reply, is_final, text):
    with SmtpSink() as sink:
        sink.refused[TO] = reply
        error = await refused(sink.port)
        assert (str(error), error.is_final) == (text, is_final)
        assert sink.messages == []


@pytest.mark.parametrize(
    ("replies", "is_final"),
    [
        (["554 no service"], False),
        (["421 too busy"], False),
        ([None], False),
        ([*GREETING, *HELLO, "550 no such sender"], True),
        ([*GREETING, *HELLO, "452 full"], False),
        ([*GREETING, *HELLO, "250 ok", "250 ok", "354 go on", "554 this is spam"], True),
        ([*GREETING, *HELLO, "250 ok", "250 ok", "354 go on", "451 later"], False),
        # Whether it was taken nobody knows.
        ([*GREETING, *HELLO, "250 ok", "250 ok", "354 go on", None], False),
    ],
)
async def test_only_a_5xx_reply_about_the_message_is_final(replies, is_final):
    async with scripted(*replies, *[None] * 2) as (port, _):
        assert (await refused(port)).is_final is is_final


async def test_a_wrong_password_is_ours_to_mend_and_not_final():
    async with scripted(*GREETING, "250 AUTH PLAIN", "535 5.7.8 wrong", "535 5.7.8 wrong", None) as (port, _):
        assert not (await refused(port, username="us", password="wrong")).is_final


async def test_a_server_that_cannot_be_reached_may_be_later():
    assert not (await refused(1)).is_final


@pytest.mark.parametrize("goodbye", [[None], []])
async def test_what_was_taken_is_taken_whatever_happens_to_the_goodbye(goodbye):
    """The server hangs up, or never answers again."""
    taken = [*GREETING, *HELLO, "250 ok", "250 ok", "354 go on", "250 taken", *goodbye]
    async with scripted(*taken) as (port, served):
        await send(server_at(port), Content(TO, "Subject", "Text"))
        assert len(served) == 1


def test_without_a_host_there_is_no_mail():
    assert mail_server(read_settings({})) is None


def test_the_server_does_not_print_its_password():
    server = mail_server(read_settings({"CARELANE_SMTP_HOST": "smtp.example", "CARELANE_SMTP_PASSWORD": "hush"}))
    assert "hush" not in repr(server)
