"""The header `Idempotency-Key`: a request that is sent again is answered again, and its act is done once.

The answer is kept in the act's own transaction, sealed: either both are there or neither is, whenever the process dies. Who
asks again gets the very bytes. While the first is in hand its key is held by an advisory lock of its transaction, which
ends with the transaction, however that ends. Errors are not kept: nothing was done, so trying again may do it.

Digests are keyed with the organization's data key: neither a key nor a body can be guessed from them.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterator
from typing import Any, LiteralString, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response

from carelane.kit import failpoints
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import CarelaneError, FieldProblem, InvalidRequestError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey, Phi
from carelane.services import Services
from carelane.web.routes import ActorRequest

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
MAX_KEY_CHARACTERS = 255
KEPT_DAYS = 30
# The place that a kept answer is bound to.
ANSWER = "idempotency_keys.answer_sealed"

AnswerT = TypeVar("AnswerT")

_KEY = re.compile(rf"[!-~]{{1,{MAX_KEY_CHARACTERS}}}", re.ASCII)

_CLAIM: LiteralString = "SELECT pg_try_advisory_xact_lock(%s)"
_FIND: LiteralString = """
SELECT id, request_digest, status, answer_sealed FROM idempotency_keys WHERE organization_id = %s AND key_digest = %s
"""
_INSERT: LiteralString = """
INSERT INTO idempotency_keys (organization_id, id, key_digest, request_digest, status, answer_sealed)
VALUES (%s, %s, %s, %s, 200, %s)
"""


class KeyReusedError(CarelaneError):
    """Idempotency key reused"""

    status = 422
    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__(
            problems=[FieldProblem(HEADER, "was used for another request; expected a new key for a new one", "header")]
        )


class KeyInFlightError(CarelaneError):
    """Request in flight"""

    status = 409
    code = "IDEMPOTENCY_KEY_IN_FLIGHT"

    def __init__(self) -> None:
        super().__init__(
            problems=[FieldProblem(HEADER, "a request with this key is still in hand; ask again in a moment", "header")]
        )


class ReplayedAnswer(Exception):  # noqa: N818 - nothing is wrong
    """The request was answered before; this is that answer."""

    def __init__(self, status: int, answer: bytes) -> None:
        self.status = status
        self.answer = answer
        super().__init__("answered before")


class RequestKey(Phi, msgspec.Struct, frozen=True):
    """A request whose caller may send it again under the same key. `path` comes with the query; `body` may be its digest."""

    key: str
    path: str
    body: bytes

    def key_digest(self, data_key: DataKey) -> bytes:
        return data_key.digest(self.key.encode(), "idempotency_keys.key_digest")

    def request_digest(self, data_key: DataKey) -> bytes:
        return data_key.digest(self.path.encode() + b"\n" + self.body, "idempotency_keys.request_digest")

    def of(self, actor: Actor) -> "RequestKey":
        """Members of staff have keys of their own: an answer that is given again may hold what only one of them was to see."""
        return msgspec.structs.replace(self, path=f"{actor.id} {self.path}") if actor.kind == "staff" else self


async def read_key(request: ActorRequest, apart_from: Collection[str] = ()) -> RequestKey | None:
    """None when the caller sent no key. Raises InvalidRequestError when what was sent is none.

    What the query asks for is part of the request, `apart_from` the parameters that only say how to try it.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    problems = list(key_problems(key))
    if problems:
        raise InvalidRequestError(problems=problems)
    asked = sorted((name, text) for name, text in request.query_params.multi_items() if name not in apart_from)
    path = f"{request.url.path}?{urlencode(asked)}" if asked else request.url.path
    return RequestKey(key, path, await request.fingerprint())


def key_problems(key: str | None) -> Iterator[FieldProblem]:
    """What is wrong with the header as it was sent; nothing when it was not."""
    if key is not None and not _KEY.fullmatch(key):
        yield FieldProblem(HEADER, f"expected 1 to {MAX_KEY_CHARACTERS} visible ASCII characters", "header")


async def begin(conn: Connection, organization_id: UUID, data_key: DataKey, request_key: RequestKey) -> None:
    """First in the act's transaction: holds the key until it ends.

    Raises ReplayedAnswer, KeyReusedError, KeyInFlightError. Costs one round trip, and only who sends the header pays it.
    """
    digest = request_key.key_digest(data_key)
    # Whoever held the key before had committed when the lock came free, so the second statement sees the answer. What it
    # sees is for good, so whoever holds the key at this moment is only being answered again too.
    claimed = await conn.execute(_CLAIM, (int.from_bytes(digest[:8], "big", signed=True),))
    found = await conn.execute(_FIND, (organization_id, digest))
    is_ours, row = (await claimed.fetchall())[0][0], await found.fetchone()
    if row is None and not is_ours:
        raise KeyInFlightError
    if row is None:
        return
    row_id, request_digest, status, sealed = row
    if bytes(request_digest) != request_key.request_digest(data_key):
        raise KeyReusedError
    raise ReplayedAnswer(status, data_key.open(bytes(sealed), ANSWER, row_id))


async def keep(
    conn: Connection, organization_id: UUID, data_key: DataKey, request_key: RequestKey, answer: object
) -> None:
    """Last in the act's transaction: what the caller is answered, with status 200, now and whenever it asks again."""
    row_id = uuid7()
    sealed = data_key.seal(msgspec.json.encode(answer), ANSWER, row_id)
    digests = request_key.key_digest(data_key), request_key.request_digest(data_key)
    await conn.execute(_INSERT, (organization_id, row_id, *digests, sealed))
    failpoints.reach("answer_kept")


async def run_once(
    services: Services, actor: Actor, request_key: RequestKey | None, act: Callable[[Connection], Awaitable[AnswerT]]
) -> AnswerT:
    """Runs `act` in a transaction of its own and returns what it answers; once for each key, if the caller sent one.

    Raises what `begin` raises, and what the act raises: then nothing stays.
    """
    if request_key is None:
        async with services.db.transaction(actor) as conn:
            return await act(conn)
    data_key, request_key = await services.keyring.data_key(actor.organization_id), request_key.of(actor)
    async with services.db.transaction(actor) as conn:
        await begin(conn, actor.organization_id, data_key, request_key)
        answer = await act(conn)
        await keep(conn, actor.organization_id, data_key, request_key, answer)
    failpoints.reach("answer_committed")
    return answer


async def find_use(
    conn: Connection, organization_id: UUID, data_key: DataKey, request_key: RequestKey
) -> FieldProblem | None:
    """What a request with this key would meet; for a dry run, which neither holds the key nor uses it up."""
    cursor = await conn.execute(_FIND, (organization_id, request_key.key_digest(data_key)))
    row = await cursor.fetchone()
    if row is None:
        return None
    if bytes(row[1]) != request_key.request_digest(data_key):
        return KeyReusedError().problems[0]
    return FieldProblem(HEADER, "was used for this very request; its answer would be given again and nothing be done")


def replay(_: Request[Any, Any, Any], before: ReplayedAnswer) -> Response[bytes]:
    """The exception handler of the surfaces: the kept bytes, marked as a repetition."""
    return Response(
        before.answer,
        status_code=before.status,
        media_type="application/json",
        headers={REPLAYED_HEADER: "true"},
    )
