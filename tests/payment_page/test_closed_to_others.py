"""What the payment's page gives nobody: no forged link, no script, no other site, no cache, no address of anybody else's."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from carelane.kit import clock
from carelane.payments.links.access import PATH, PaymentLink, link_from, read_link, token_of, url_of
from tests.payment_page.patient import leads_to
from tests.quote_page.cast import text_of
from tests.quote_page.test_closed_to_others import FOREIGN, REQUIRED, SCRIPT

KEY = b"k" * 32
LINK = link_from(uuid4(), uuid4(), 1, clock.now())
ACTS = ("confirm", "card")


def test_a_link_leads_to_its_payment_for_two_weeks():
    for version in (1, 2, 4_294_967_295):
        link = msgspec.structs.replace(LINK, version=version)
        assert read_link(KEY, token_of(KEY, link)) == link
    assert timedelta(days=13, hours=23) < LINK.expires_at - clock.now() <= timedelta(days=14)
    assert url_of(KEY, "https://clinic.example/", LINK) == f"https://clinic.example/pay/{token_of(KEY, LINK)}"


def test_any_changed_letter_makes_it_another():
    token = token_of(KEY, LINK)
    for position, letter in enumerate(token):
        changed = token[:position] + ("A" if letter != "A" else "B") + token[position + 1 :]
        assert read_link(KEY, changed) is None


@pytest.mark.parametrize("other", ["", "A", "=" * 75, "é" * 75, "A" * 75, "A" * 10_000])
def test_what_is_no_token_leads_nowhere(other):
    assert read_link(KEY, other) is None


async def test_a_forged_link_is_unknown(world, paying, patient, tmp_path):
    payment_id = await world.needing(paying)
    other = await world.clinic(tmp_path)
    key = world.services.payment_link_key
    links = (
        token_of(b"f" * 32, PaymentLink(paying.organization_id, payment_id, 1, LINK.expires_at)),
        token_of(key, PaymentLink(other.organization_id, payment_id, 1, LINK.expires_at)),
        token_of(key, PaymentLink(paying.organization_id, uuid4(), 1, LINK.expires_at)),
        token_of(world.services.quote_link_key, PaymentLink(paying.organization_id, payment_id, 1, LINK.expires_at)),
        str(payment_id),
    )
    for token in links:
        answers = [await patient.open(f"{PATH}/{token}")]
        answers += [await patient.press(f"{PATH}/{token}/{act}") for act in ACTS]
        for answer in answers:
            assert answer.status_code == 404
            assert "This link leads nowhere" in text_of(answer)
            assert "159" not in answer.text
    assert await world.attempts(paying, payment_id) == [("CHARGE", "NEEDS_PATIENT", 1)]


async def test_coming_back_with_a_link_to_nothing_does_nothing(world, paying, patient):
    unknown = token_of(
        world.services.payment_link_key, PaymentLink(paying.organization_id, uuid4(), 1, LINK.expires_at)
    )
    assert leads_to(await patient.open(f"{PATH}/{unknown}/back")) == f"{PATH}/{unknown}"
    assert (await patient.open(f"{PATH}/nothing/back")).status_code == 404


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_form_of_another_site_does_nothing(world, paying, patient, site):
    payment_id = await world.needing(paying)
    path = world.path(paying, payment_id)
    for act in ACTS:
        answer = await patient.client.post(f"{path}/{act}", data={"a": "b"}, headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
        assert "did not come from our page" in text_of(answer)
    assert await world.attempts(paying, payment_id) == [("CHARGE", "NEEDS_PATIENT", 1)]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("text/plain", b""),
        ("application/x-www-form-urlencoded", b"a=%ff"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(40))),
        ("multipart/form-data; boundary=x", b"--x--"),
    ],
)
async def test_only_a_form_is_a_form(world, paying, patient, content_type, body):
    path = world.path(paying, uuid4())
    for act in ACTS:
        answer = await patient.client.post(f"{path}/{act}", content=body, headers={"Content-Type": content_type})
        assert answer.status_code == 400
        assert "cannot be read" in text_of(answer)


@pytest.mark.parametrize(
    ("method", "ending"), [("PUT", ""), ("POST", ""), ("GET", "/confirm"), ("GET", "/card"), ("POST", "/back")]
)
async def test_another_method_is_told_so(world, paying, patient, method, ending):
    answer = await patient.client.request(method, world.path(paying, uuid4()) + ending)
    assert answer.status_code == 405
    assert "<h1>That did not work</h1>" in answer.text


async def test_whatever_is_shown_is_kept_by_nobody_and_loads_nothing(world, paying, patient, tmp_path):
    loud = await world.clinic(tmp_path, name=SCRIPT)
    payment_id = await world.needing(loud)
    path = world.path(loud, payment_id)
    policy = REQUIRED["content-security-policy"].replace(
        "form-action 'self'", f"form-action 'self' {world.gateway.url}"
    )
    for shown in (await patient.open(path), await patient.open(world.path(loud, payment_id, version=9))):
        assert (REQUIRED | {"content-security-policy": policy}).items() <= dict(shown.headers).items()
        assert FOREIGN.findall(shown.text.replace("onerror=alert(1)&gt;", "")) == []
        assert "&lt;script&gt;" in shown.text


async def test_each_sight_is_recorded_as_the_patients(world, paying, patient):
    payment_id = await world.needing(paying)
    for link in ({}, {"version": 9}):
        await patient.open(world.path(paying, payment_id, **link))
    reads = await world.rows(
        paying,
        "SELECT record_kind, actor_kind, actor_id, reason FROM phi_reads WHERE organization_id = %s AND record_id = %s",
        payment_id,
    )
    ((patient_id,),) = await world.rows(
        paying, "SELECT patient_id FROM payments WHERE organization_id = %s AND id = %s", payment_id
    )
    assert reads == [("payment", "patient", patient_id, "the patient's payment page")]


async def test_the_log_has_no_link(world, paying, patient):
    path = world.path(paying, await world.needing(paying))
    request_id = (await patient.open(f"{path}?payment_intent_client_secret=pi_1_secret_2")).headers["x-request-id"]
    file = world.server.data_dir.parent / f"{world.server.data_dir.name}.log"
    deadline = time.monotonic() + 10
    while request_id not in (log := file.read_text()):
        assert time.monotonic() < deadline, "the request has no line"
        await asyncio.sleep(0.02)
    assert path.rpartition("/")[2] not in log
    assert "secret_2" not in log


def test_other_organizations_have_other_links():
    other = msgspec.structs.replace(LINK, organization_id=UUID(int=1))
    assert token_of(KEY, other) != token_of(KEY, LINK)
