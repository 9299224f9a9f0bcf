"""Making setup and payment intents at the organization's gateway. The gateway is called outside any transaction."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID, uuid5

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import uuid7
from carelane.kit.money import is_currency, read_amount
from carelane.payments.accounts.access import open_gateway
from carelane.payments.accounts.queries import Terms, get_terms
from carelane.payments.errors import GatewayAwayError, GatewayMissingError
from carelane.payments.gateways.errors import GatewayError, RefusedByGatewayError
from carelane.payments.gateways.protocol import Gateway
from carelane.payments.storefront.schemas import (
    InitiatedOut,
    InitiateIn,
    IntentSecretOut,
    PaymentIntentIn,
    PaymentIntentOut,
    SetupIn,
    SetupOut,
)
from carelane.permissions import CASES_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, begin, run_once

AnswerT = TypeVar("AnswerT")

# Of the gateway's keys, made of the caller's.
_KEYS = UUID("0e2d4c1b-74a3-4d0c-8d51-0c7c6a1d9a52")


@requires(CASES_WRITE)
async def make_setup(services: Services, actor: Actor, body: SetupIn, request_key: RequestKey | None) -> SetupOut:
    """Raises InvalidRequestError, GatewayMissingError, GatewayAwayError, and what `run_once` raises."""
    metadata = body.metadata.told() if body.metadata else {}

    async def call(gateway: Gateway, _terms: Terms, key: UUID) -> SetupOut:
        setup = await gateway.create_setup(key=key, customer_id=None, metadata=metadata)
        return SetupOut(payment_secret=_secret(setup.client_secret))

    return await _call_once(services, actor, request_key, body.is_test, call)


@requires(CASES_WRITE)
async def initiate(services: Services, actor: Actor, body: InitiateIn, request_key: RequestKey | None) -> InitiatedOut:
    """As `make_setup`, at the address that storefronts used before."""

    async def call(gateway: Gateway, _terms: Terms, key: UUID) -> InitiatedOut:
        setup = await gateway.create_setup(key=key, customer_id=None, metadata={})
        return InitiatedOut(payment_secret=_secret(setup.client_secret))

    return await _call_once(services, actor, request_key, body.is_test, call)


@requires(CASES_WRITE)
async def make_intent(
    services: Services, actor: Actor, body: PaymentIntentIn, request_key: RequestKey | None
) -> PaymentIntentOut:
    """Where the organization verifies payments, the money is only held: nothing is captured without an approval.

    Raises InvalidRequestError, GatewayMissingError, GatewayAwayError, and what `run_once` raises.
    """

    async def call(gateway: Gateway, terms: Terms, key: UUID) -> PaymentIntentOut:
        currency = body.currency or terms.currency
        intent = await gateway.create_intent(
            key=key,
            amount_cents=_amount(body, currency),
            currency=currency,
            customer_id=None,
            holds=terms.policy != "unverified",
            method_types=body.payment_method_types or ["card"],
            metadata=body.metadata.told() if body.metadata else {},
        )
        return PaymentIntentOut(data=IntentSecretOut(payment_intent_secret=_secret(intent.client_secret)))

    return await _call_once(services, actor, request_key, body.is_test, call)


def _amount(body: PaymentIntentIn, currency: str) -> int:
    if not is_currency(currency):
        expected = "expected an ISO 4217 currency code in upper case, such as USD"
        raise InvalidRequestError(problems=[FieldProblem("currency", expected)])
    try:
        cents = read_amount(body.amount, currency)
    except ValueError as error:
        raise InvalidRequestError(problems=[FieldProblem("amount", str(error))]) from None
    if cents == 0:
        raise InvalidRequestError(problems=[FieldProblem("amount", "expected more than 0")])
    return cents


async def _call_once(
    services: Services,
    actor: Actor,
    request_key: RequestKey | None,
    is_test: bool | None,
    call: Callable[[Gateway, Terms, UUID], Awaitable[AnswerT]],
) -> AnswerT:
    """Once for each key of the caller's: the gateway's key is made of it, so that two who come at once get the same intent."""
    data_key = await services.keyring.data_key(actor.organization_id)
    key = uuid7()
    async with services.db.transaction(actor) as conn:
        if request_key is not None:
            await begin(conn, actor.organization_id, data_key, request_key)
            digest = request_key.key_digest(data_key) + request_key.request_digest(data_key)
            key = uuid5(_KEYS, digest.hex())
        terms = await get_terms(conn, actor.organization_id)
    gateway = await _gateway(services, actor, terms, is_test)
    try:
        answer = await call(gateway, terms, key)
    except RefusedByGatewayError as error:
        raise InvalidRequestError(f"the gateway refuses this: {error}") from error
    except (GatewayError, TimeoutError) as error:
        raise GatewayAwayError("the gateway does not answer just now; try again in a few seconds") from error

    async def kept(_: Connection) -> AnswerT:
        return answer

    return answer if request_key is None else await run_once(services, actor, request_key, kept)


async def _gateway(services: Services, actor: Actor, terms: Terms, is_test: bool | None) -> Gateway:
    """For live money if nothing was said and there is an account for it."""
    wanted = terms.live_account_id is None if is_test is None else is_test
    opened = await open_gateway(services, actor.organization_id, is_test=wanted)
    if opened is None:
        raise GatewayMissingError(None if is_test is None else wanted)
    return opened[1]


def _secret(secret: str | None) -> str:
    if secret is None:
        raise GatewayAwayError("the gateway gave no secret; try again in a few seconds")
    return secret
