"""One call from its bytes to its answer: who asks, whether it was asked before, what is to go wrong, and what is done."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import msgspec
from aiohttp import web

from carelane.payments.gateways.simulator import faults
from carelane.payments.gateways.simulator.accounts import API_VERSION, Account, Request, World, new_id
from carelane.payments.gateways.simulator.errors import (
    ApiError,
    invalid,
    key_in_use,
    lock_timeout,
    rate_limited,
    server_error,
    unauthorized,
)
from carelane.payments.gateways.simulator.idempotency import Answer, IdempotencyKeys
from carelane.payments.gateways.simulator.listing import expanded
from carelane.payments.gateways.simulator.operations import Call, Operation
from carelane.payments.gateways.simulator.wire import Object, convert, decode_form

MAX_KEY_LENGTH = 255
_KEY_STARTS = ("sk_test_", "sk_live_", "rk_test_", "rk_live_")
_SHOWN_OF_KEY = 4
# Instead of doing anything.
_REFUSALS: dict[str, Callable[[], ApiError]] = {
    "conflict": lambda: key_in_use("simulated"),
    "lock_timeout": lock_timeout,
    "server_error": server_error,
    "rate_limited": rate_limited,
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Asked(msgspec.Struct, frozen=True):
    """A call as it came in."""

    http: web.Request
    operation: Operation
    account: Account
    body: bytes
    request: Request


class Api:
    def __init__(self, world: World) -> None:
        self._world = world
        self.keys = IdempotencyKeys()

    def handler(self, operation: Operation) -> Handler:
        async def handle(http: web.Request) -> web.StreamResponse:
            self._world.calls[operation.name] += 1
            request_id = new_id("req")
            try:
                account = self._account(http)
                key = http.headers.get("Idempotency-Key") if http.method == "POST" else None
                request = Request(request_id, key or None, operation.name)
                return await self._answer(Asked(http, operation, account, await http.read(), request))
            except ApiError as error:
                return respond(http, _refusal(error, request_id))

        return handle

    async def unknown(self, http: web.Request) -> web.StreamResponse:
        message = f"Unrecognized request URL ({http.method}: {http.path}). The simulator answers what `/` lists."
        error = invalid(message)
        error.status = 404
        return respond(http, _refusal(error, new_id("req")))

    def _account(self, http: web.Request) -> Account:
        key = _key_of(http)
        if not key:
            message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
            raise unauthorized(message)
        if not key.startswith(_KEY_STARTS) or key in {*_KEY_STARTS, *self._world.refused_keys}:
            shown = key[: len(_KEY_STARTS[0])] + "*" * _SHOWN_OF_KEY + key[-_SHOWN_OF_KEY:]
            raise unauthorized(f"Invalid API Key provided: {shown}")
        return self._world.account(key)

    async def _answer(self, asked: Asked) -> web.StreamResponse:
        key, account = asked.request.idempotency_key, asked.account
        if key is None:
            return await self._act(asked, lambda _: None)
        if len(key) > MAX_KEY_LENGTH:
            raise invalid(f"Idempotency keys are up to {MAX_KEY_LENGTH} characters long.")
        earlier = self.keys.begin(account.key, key, asked.http.path, asked.body, account.now())
        if earlier is not None:
            return respond(asked.http, earlier, key, is_replayed=True)
        kept: list[Answer] = []
        try:
            return await self._act(asked, kept.append)
        finally:
            self.keys.end(account.key, key, kept[0] if kept else None)

    async def _act(self, asked: Asked, keep: Callable[[Answer], None]) -> web.StreamResponse:
        """`keep` is given the answer that a repetition gets."""
        http, account, request = asked.http, asked.account, asked.request
        text = http.rel_url.raw_query_string if http.method == "GET" else asked.body.decode("utf-8", "replace")
        params = convert(decode_form(text), asked.operation.params)
        object_id = http.match_info.get("id", "")
        marker = _marker(object_id, params, request.operation)
        names = faults.called(account, request.operation, *_subjects(account, object_id, params), marker)
        if "lost_before" in names:
            return _hang_up(http)
        for name in names:
            if name in _REFUSALS:
                raise _kept(_REFUSALS[name](), request.id, keep)
        account.request = request
        call = Call(account, object_id, http.path, f"{http.scheme}://{http.host}")
        try:
            found = asked.operation.answer(call, params)
            # From now on it is as if it had been its own call.
            faults.share(account, marker, str(found.get("id")))
            shown = expanded(account, found, getattr(params, "expand", []))
        except ApiError as error:
            if error.is_kept:
                keep(_refusal(error, request.id))
            if "lost_answer" in names:
                return _hang_up(http)
            raise
        answer = Answer(200, msgspec.json.encode(shown), str(request.id))
        if "server_error_after" in names:
            raise _kept(server_error(), request.id, keep)
        keep(answer)
        return await self._deliver(asked, answer, names)

    async def _deliver(self, asked: Asked, answer: Answer, names: list[str]) -> web.StreamResponse:
        seconds = self._world.settings.slow_seconds
        if "lost_answer" in names:
            return _hang_up(asked.http)
        if "slow" in names:
            await asyncio.sleep(seconds)
        if "stalled" in names:
            return await _stall(asked.http, answer, seconds)
        return respond(asked.http, answer, asked.request.idempotency_key)


def respond(
    http: web.Request, answer: Answer, key: str | None = None, *, is_replayed: bool = False
) -> web.StreamResponse:
    headers = _headers(http, answer, key)
    if is_replayed:
        headers["Idempotent-Replayed"] = "true"
    return web.Response(body=answer.body, status=answer.status, headers=headers)


def _headers(http: web.Request, answer: Answer, key: str | None) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Request-Id": answer.request_id,
        "Stripe-Version": http.headers.get("Stripe-Version", API_VERSION),
    }
    if key:
        headers["Idempotency-Key"] = key
    if answer.status in {409, 429}:
        headers["Stripe-Should-Retry"] = "true"
    return headers


def _refusal(error: ApiError, request_id: str | None) -> Answer:
    body = {"error": {**error.error, "request_log_url": f"https://dashboard.stripe.com/test/logs/{request_id}"}}
    return Answer(error.status, msgspec.json.encode(body), str(request_id))


def _kept(error: ApiError, request_id: str | None, keep: Callable[[Answer], None]) -> ApiError:
    if error.is_kept:
        keep(_refusal(error, request_id))
    return error


def _hang_up(http: web.Request) -> web.StreamResponse:
    # Closed before the answer below is written: the caller gets nothing.
    if http.transport is not None:
        http.transport.abort()
    return web.Response()


async def _stall(http: web.Request, answer: Answer, seconds: float) -> web.StreamResponse:
    """The head and half of the body come at once, the rest late."""
    response = web.StreamResponse(status=answer.status, headers=_headers(http, answer, None))
    response.content_length = len(answer.body)
    half = len(answer.body) // 2
    # The caller may have hung up.
    with suppress(ConnectionError):
        await response.prepare(http)
        await response.write(answer.body[:half])
        await asyncio.sleep(seconds)
        await response.write(answer.body[half:])
    return response


def _subjects(account: Account, object_id: str, params: Any) -> tuple[list[Object], list[Object]]:
    """What the call is about, and the payment it belongs to."""
    given = {"metadata": getattr(params, "metadata", None), "amount": getattr(params, "amount", None)}
    found = account.find(object_id)
    parent = account.find(str(getattr(params, "payment_intent", None)))
    return [given, *([found] if found else [])], [parent] if parent else []


def _marker(object_id: str, params: Any, operation: str) -> str:
    """What makes two calls that make something the same to a fault that happens once: keys and metadata may differ."""
    if object_id:
        return object_id
    parts = (getattr(params, name, None) for name in ("customer", "payment_intent", "amount", "email"))
    return ":".join([operation, *(str(part) for part in parts)])


def _key_of(http: web.Request) -> str:
    """As a bearer, or as the user name of Basic."""
    kind, _, given = http.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return given.strip()
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""
