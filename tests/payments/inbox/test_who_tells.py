"""Who may tell us something: only the gateway itself, and whoever else tries learns nothing and leaves nothing."""

import time
from uuid import UUID, uuid4

import msgspec

from tests.factories.gateways import add_account
from tests.own_clinic import make_clinic
from tests.payments.inbox.calling import KEPT, LIVE_SECRET, OLD_SECRET, TEST_SECRET, event_about, signature

COUNT = "SELECT count(*) FROM gateway_events"


def refused_calls():
    """(why, body, signature, organization) of calls that must be refused."""
    body = msgspec.json.encode(event_about("pi_1"))
    good = signature(body, TEST_SECRET)
    digits = good.partition("v1=")[2]
    no_event = [b"", b"[]", b"\xff", b'{"id": 1}', b'{"object": "event"}', b'{"id":"evt_1","object":"event"}']
    return [
        ("no signature", body, None, None),
        ("an empty signature", body, "", None),
        ("an empty header of the right form", body, "t=,v1=", None),
        ("another secret", body, signature(body, "whsec_guessed"), None),
        ("an empty secret", body, signature(body, ""), None),
        ("another body", body + b" ", good, None),
        ("all digits right but the last", body, good[:-1] + ("0" if good[-1] != "0" else "1"), None),
        ("the beginning of the right one", body, good[:-8], None),
        ("the right one and more", body, good + "00", None),
        ("the right one under another scheme", body, good.replace("v1=", "v0="), None),
        ("only the beginning right", body, good.replace(digits, digits[:32] + "0" * 32), None),
        ("too old", body, signature(body, TEST_SECRET, second=int(time.time()) - 400), None),
        ("of the future", body, signature(body, TEST_SECRET, second=int(time.time()) + 400), None),
        ("an unknown organization", body, good, str(uuid4())),
        ("a malformed organization", body, good, "harbor"),
        *((f"no event: {each!r}", each, signature(each, TEST_SECRET), None) for each in no_event),
    ]


async def test_whoever_cannot_sign_is_told_the_same_400(caller):
    told = set()
    for why, body, signed, organization in refused_calls():
        answer = await caller.send(body, signed, organization)
        assert answer.status_code == 400, why
        assert answer.headers["content-type"].startswith("application/problem+json")
        told.add(msgspec.json.encode({key: value for key, value in answer.json().items() if key != "requestId"}))
    assert len(told) == 1


async def test_what_was_refused_leaves_nothing(caller):
    before = await caller.rows(COUNT)
    for _, body, signed, organization in refused_calls():
        await caller.send(body, signed, organization)
    assert await caller.rows(COUNT) == before


async def test_an_event_that_is_rightly_signed_is_kept_once(caller):
    event = event_about("pi_nobodys")
    assert (await caller.tell(event)).json() == {"status": "kept"}
    assert (await caller.tell(event)).json() == {"status": "duplicate"}
    assert len(await caller.rows(KEPT, event["id"])) == 1


async def test_both_secrets_are_good_while_they_are_changed(caller):
    for secrets in [(TEST_SECRET,), (OLD_SECRET,), ("whsec_other", OLD_SECRET), (TEST_SECRET, OLD_SECRET)]:
        answer = await caller.tell(event_about("pi_nobodys"), *secrets)
        assert (answer.status_code, answer.json()) == (200, {"status": "kept"})


async def test_each_account_takes_its_own_money_only(caller):
    of_live, of_test = event_about("pi_live", livemode=True), event_about("pi_test")
    assert (await caller.tell(of_live, LIVE_SECRET)).json() == {"status": "kept"}
    accounts = "SELECT gateway_account_id FROM gateway_events WHERE event_id = %s"
    assert await caller.rows(accounts, of_live["id"]) == [(caller.live_account_id,)]
    for event, secret in [
        (event_about("pi_live", livemode=True), TEST_SECRET),
        (event_about("pi_live", livemode=True), OLD_SECRET),
        (of_test, LIVE_SECRET),
    ]:
        answer = await caller.tell(event, secret)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:carelane:wrong-mode")
        assert await caller.rows(KEPT, event["id"]) == []


async def test_the_same_event_id_of_both_accounts_is_two_events(caller):
    event = event_about("pi_twice")
    assert (await caller.tell(event)).json() == {"status": "kept"}
    assert (await caller.tell(event | {"livemode": True}, LIVE_SECRET)).json() == {"status": "kept"}


async def test_an_account_that_is_switched_off_still_hears(caller, tmp_path):
    clinic = await make_clinic(caller.services, tmp_path)
    organization_id = UUID(clinic.organization_id)
    await add_account(caller.services, organization_id, "sk_test_off", webhook_secret="whsec_off", is_active=False)
    body = msgspec.json.encode(event_about("pi_off"))
    answer = await caller.send(body, signature(body, "whsec_off"), clinic.organization_id)
    assert answer.json() == {"status": "kept"}
    # And another clinic's secret opens nothing here.
    assert (await caller.send(body, signature(body, TEST_SECRET), clinic.organization_id)).status_code == 400


async def test_an_account_without_a_secret_takes_no_webhook(caller, tmp_path):
    clinic = await make_clinic(caller.services, tmp_path)
    await add_account(caller.services, UUID(clinic.organization_id), "sk_test_none")
    body = msgspec.json.encode(event_about("pi_none"))
    for secret in ("", "None", TEST_SECRET):
        assert (await caller.send(body, signature(body, secret), clinic.organization_id)).status_code == 400


async def test_an_event_that_is_too_large_is_refused(caller):
    body = msgspec.json.encode(event_about("pi_1") | {"padding": "x" * 1_100_000})
    assert (await caller.send(body, signature(body, TEST_SECRET))).status_code == 413
