"""Endpoints that are switched off by what their receivers do: once, with one event and one mail."""

from uuid import UUID

from tests.detail.asking import create_case
from tests.receiver import Behaviour
from tests.webhooks.cast import happen, until

URL = "/api/staff/webhook-endpoints"
_EVENTS = "SELECT value_after FROM events WHERE target_id = %s AND type = 'WEBHOOK_DISABLED'"
_STATUSES = "SELECT status, count(*)::int FROM webhook_deliveries WHERE endpoint_id = %s GROUP BY 1 ORDER BY 1"


async def off(client, admin, hooked):
    async def look():
        shown = (await client.get(f"{URL}/{hooked.id}", headers=admin)).json()
        return shown if shown["disabledAt"] else None

    return await until(look)


def mails_about(mails, hooked):
    # A long header is folded.
    return [mail for _, mail in mails.messages if hooked.path in "".join(str(mail["subject"]).split("\n"))]


async def test_410_switches_the_endpoint_off_and_calls_off_the_rest(
    client, clinic, admin, hook, receiver, services, owner, mails
):
    hooked = await hook()
    receiver.behave(hooked.path, Behaviour(status=410, times=50))
    case_id = await create_case(client, clinic)
    await happen(services, UUID(clinic.organization_id), case_id, *[{"type": "ESCALATE_CASE"}] * 3)
    assert (await off(client, admin, hooked))["disabledReason"] == "GONE"
    assert len(receiver.at(hooked.path)) == 1
    assert await owner(_EVENTS, hooked.id) == [("GONE",)]
    statuses = dict(await owner(_STATUSES, hooked.id))
    assert statuses["FAILED"] == 1
    assert set(statuses) <= {"FAILED", "CANCELED"}
    await until_mailed(mails, hooked)


async def until_mailed(mails, hooked):
    async def look():
        return mails_about(mails, hooked)

    return await until(look)


async def test_five_days_of_failures_switch_it_off_once_with_one_mail(
    client, clinic, admin, hook, receiver, owner, mails
):
    hooked = await hook()
    receiver.behave(hooked.path, Behaviour(status=500, times=1000))
    for _ in range(6):
        await create_case(client, clinic)
    await receiver.until(lambda _: len(receiver.at(hooked.path)) >= 3)

    async def all_made():
        return sum(count for _, count in await owner(_STATUSES, hooked.id)) == 6

    async def has_failed():
        # An answer is here before it is written down.
        return (await client.get(f"{URL}/{hooked.id}", headers=admin)).json()["firstFailedAt"]

    await until(all_made)
    await until(has_failed)
    # Nobody wants to wait five days: the first failure was longer ago, and everything is due now.
    await owner(
        "UPDATE webhook_endpoints SET first_failed_at = now() - interval '5 days 1 second' WHERE id = %s", hooked.id
    )
    await owner(
        "UPDATE webhook_deliveries SET next_attempt_at = now() WHERE endpoint_id = %s AND claim_id IS NULL", hooked.id
    )
    assert (await off(client, admin, hooked))["disabledReason"] == "FAILING"
    (mail,) = await until_mailed(mails, hooked)
    assert "five days" in mail.get_payload()
    assert await owner(_EVENTS, hooked.id) == [("FAILING",)]
    assert [status for status, _ in await owner(_STATUSES, hooked.id)] == ["CANCELED"]
    sent = len(receiver.at(hooked.path))
    other = await hook()
    await create_case(client, clinic)
    await other.gets("CREATE_CASE")
    assert len(receiver.at(hooked.path)) == sent
    assert len(mails_about(mails, hooked)) == 1


async def test_failures_for_less_than_five_days_do_not(client, clinic, admin, hook, receiver, owner):
    hooked = await hook()
    receiver.behave(hooked.path, Behaviour(status=500, times=2))
    await create_case(client, clinic)
    await hooked.gets("CREATE_CASE", 1)
    await owner(
        "UPDATE webhook_endpoints SET first_failed_at = now() - interval '4 days 23 hours' WHERE id = %s", hooked.id
    )
    await hooked.gets("CREATE_CASE", 3)

    async def well_again():
        shown = (await client.get(f"{URL}/{hooked.id}", headers=admin)).json()
        return shown["disabledAt"] is None and shown["firstFailedAt"] is None

    # One success, and the five days would begin anew.
    await until(well_again)


async def test_switching_it_on_again_forgets_the_failures(client, clinic, admin, hook, receiver):
    hooked = await hook()
    receiver.behave(hooked.path, Behaviour(status=410))
    await create_case(client, clinic)
    await off(client, admin, hooked)
    on = (await client.post(f"{URL}/{hooked.id}/enable", headers=admin)).json()
    assert (on["firstFailedAt"], on["disabledReason"]) == (None, None)
    await create_case(client, clinic)
    await hooked.gets("CREATE_CASE", 2)
