"""A process that dies between any two lines of a payment on our pages leaves no second charge and no lost money."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx
import pytest
import pytest_asyncio

from carelane.quotes.page.access import PATH, QuoteLink, token_of
from tests.factories.quotes import make_quote
from tests.gateway_simulator.world import running_gateway
from tests.payment_page import test_confirming, test_paying_quotes
from tests.payment_page.patient import Patient, leads_to
from tests.payment_page.world import running_world
from tests.quote_sending.world import until

# On the way to the gateway's page, and on the way back from it.
OUT = ("quote.accepted_to_pay", "checkout.begun", "checkout.answered")
CONFIRMING = ("payment_page.confirming", "payment_page.confirmed")
BACK = ("payment.locked", "payment.posted", "payment.recorded", "payment.settled", "checkout.applied")


@pytest.fixture(scope="module")
def armed(tmp_path_factory):
    """The file that names the point, while somebody is to die there."""
    return tmp_path_factory.mktemp("failpoint") / "armed"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(tmp_path_factory, contract, armed):
    with running_gateway(settle_after=0.2) as gateway:
        folder = tmp_path_factory.mktemp("dying") / "data"
        async with running_world(folder, contract, gateway, failpoint=armed) as made:
            yield made


@pytest.fixture
def killing(armed):
    """Sends a request during which somebody dies at the point; then another process takes over."""

    async def kill(point: str, send: Callable[[], Awaitable[httpx.Response]]) -> None:
        armed.write_text(point)
        with suppress(httpx.TransportError):
            await send()

        async def is_dead() -> bool:
            return not armed.exists()

        await until(is_dead)

    return kill


async def persistently(send: Callable[[], Awaitable[httpx.Response]]) -> str:
    """Where the answer leads to, as soon as there is a server again."""

    async def answered() -> str | None:
        try:
            answer = await send()
        except httpx.TransportError:
            return None
        return answer.headers["Location"] if answer.status_code == 303 else None

    return await until(answered)


@pytest.fixture
async def quote_path(world, paying):
    quote_id = await make_quote(world.services, paying.clinic, requires_verification=False)
    return quote_id, f"{PATH}/{token_of(world.services.quote_link_key, QuoteLink(paying.organization_id, quote_id))}"


@pytest.mark.parametrize("point", OUT)
async def test_a_quote_that_was_about_to_be_paid(world, paying, patient: Patient, quote_path, killing, point):
    quote_id, path = quote_path
    await killing(point, lambda: patient.press(f"{path}/pay", **test_paying_quotes.ACCEPT))
    checkout = await persistently(lambda: patient.press(f"{path}/pay"))
    await persistently(lambda: patient.open(f"{path}/back"))
    await patient.open(await patient.pays_at(checkout))
    await test_paying_quotes.is_paid_once(world, paying, quote_id)
    assert len(world.gateway.objects("checkout.session", paying.key)) == 1


@pytest.mark.parametrize("point", BACK)
async def test_a_quote_that_is_paid(world, paying, patient: Patient, quote_path, killing, point):
    quote_id, path = quote_path
    world.silence(paying)
    back = await patient.pays_at(leads_to(await patient.press(f"{path}/pay", **test_paying_quotes.ACCEPT)))
    await killing(point, lambda: patient.open(back))
    await persistently(lambda: patient.open(back))
    await test_paying_quotes.is_paid_once(world, paying, quote_id)


@pytest.mark.parametrize("point", ["checkout.begun", "checkout.answered"])
async def test_another_card_that_was_about_to_be_entered(world, paying, patient: Patient, killing, point):
    payment_id = await world.needing(paying, "NEEDS_CARD")
    path = world.path(paying, payment_id)
    await killing(point, lambda: patient.press(f"{path}/card"))
    checkout = await persistently(lambda: patient.press(f"{path}/card"))
    await patient.open(await patient.pays_at(checkout))
    await test_confirming.is_paid_once(world, paying, payment_id)
    assert len(world.gateway.objects("checkout.session", paying.key)) == 1


async def test_another_card_that_was_entered(world, paying, patient: Patient, killing):
    payment_id = await world.needing(paying, "NEEDS_CARD")
    world.silence(paying)
    back = await patient.pays_at(leads_to(await patient.press(f"{world.path(paying, payment_id)}/card")))
    await killing("checkout.applied", lambda: patient.open(back))
    await persistently(lambda: patient.open(back))
    await test_confirming.is_paid_once(world, paying, payment_id)
    assert len(await world.events(paying, payment_id, "ADD_PAYMENT_INFO_USING_LINK")) == 1


@pytest.mark.parametrize("point", CONFIRMING)
async def test_a_payment_that_was_about_to_be_confirmed(world, paying, patient: Patient, killing, point):
    payment_id = await world.needing(paying)
    path = world.path(paying, payment_id)
    await killing(point, lambda: patient.press(f"{path}/confirm"))
    at_bank = await persistently(lambda: patient.press(f"{path}/confirm"))
    await patient.open(await patient.at_bank(at_bank))
    await test_confirming.is_paid_once(world, paying, payment_id)
    assert len(world.intents(paying)) == 1
