"""What a batch of deliveries costs to read, and that no body is in another's way."""

from functools import partial
from uuid import UUID

import msgspec

from carelane.kit.auth import system_actor
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import open_services
from carelane.webhooks import actions
from carelane.webhooks.sending.queries import DueDelivery
from tests.detail.asking import create_case
from tests.detail.wire_tap import tapped
from tests.webhooks.cast import happen, until

DELIVERIES = "SELECT organization_id, id, endpoint_id, attempts FROM webhook_deliveries WHERE organization_id = %s ORDER BY created_at"
# Of each kind of body: the basic data, the whole case, and what an assignment is about.
NAMES = ("ESCALATE_CASE", "ADD_CASE_COMMENT", "ADD_CASE_ASSIGNEE")


async def read(services, owner, clinic):
    """The messages of all deliveries of a clinic, read together."""
    organization_id = UUID(clinic.organization_id)
    due = [DueDelivery(*row) for row in await owner(DELIVERIES, organization_id)]
    found = await actions.read_all(services, system_actor(organization_id), due)
    return due, found


async def test_bodies_of_one_case_do_not_share_what_each_of_them_changes(client, clinic, hook, services, owner):
    some, whole = await hook(payload="EVENT_ONLY"), await hook(payload="FULL_CASE")
    cases = [await create_case(client, clinic) for _ in range(3)]
    for case_id in cases:
        await happen(services, UUID(clinic.organization_id), case_id, *({"type": name} for name in NAMES))
    for hooked in (some, whole):
        await hooked.gets("ADD_CASE_ASSIGNEE", len(cases))
    due, found = await read(services, owner, clinic)
    assert len(found) == len(cases) * (1 + len(NAMES)) * 2
    together = [(await actions.write_message(services, one)).body for one in found]
    alone = []
    for one in due:
        (found_alone,) = await actions.read_all(services, system_actor(one.organization_id), [one])
        alone.append((await actions.write_message(services, found_alone)).body)
    assert together == alone
    assert len({id(one.case) for one in found}) == len(found)


async def test_each_body_of_a_batch_has_a_record_of_the_read(client, clinic, hook, services, owner):
    hooked = await hook()
    cases = [await create_case(client, clinic) for _ in range(4)]
    await hooked.gets("CREATE_CASE", len(cases))
    count = "SELECT count(*) FROM phi_reads WHERE organization_id = %s AND reason = 'webhook' AND record_kind = 'case'"
    ((before,),) = await owner(count, UUID(clinic.organization_id))
    assert before == len(cases)
    await read(services, owner, clinic)
    assert await owner(count, UUID(clinic.organization_id)) == [(before + len(cases),)]


async def test_a_delivery_that_is_gone_holds_up_no_other(client, clinic, hook, services, owner):
    hooked = await hook()
    await create_case(client, clinic)
    await hooked.gets("CREATE_CASE")
    (one,) = await until(partial(owner, DELIVERIES, UUID(clinic.organization_id)))
    due = DueDelivery(*one)
    gone = DueDelivery(due.organization_id, UUID(int=1), due.endpoint_id, 1)
    first, second = await actions.read_all(services, system_actor(due.organization_id), [gone, due])
    assert isinstance(first, LookupError)
    assert isinstance(second, actions.Read)


async def test_a_batch_is_read_in_four_round_trips_whatever_is_in_it(client, clinic, hook, services, owner, tmp_path):
    """What is told, the cases by their basic data, whole cases, and with the commit the record that these were read."""
    some, whole = await hook(payload="EVENT_ONLY"), await hook(payload="FULL_CASE")
    for case_id in [await create_case(client, clinic) for _ in range(3)]:
        await happen(services, UUID(clinic.organization_id), case_id, *({"type": name} for name in NAMES))
    for hooked in (some, whole):
        await hooked.gets("ADD_CASE_ASSIGNEE", 3)
    due = [DueDelivery(*row) for row in await owner(DELIVERIES, UUID(clinic.organization_id))]
    plain = [one for one in due if str(one.endpoint_id) == some.id]
    socket = EmbeddedPostgres(services.settings.data_dir).socket_folder / ".s.PGSQL.5432"
    async with tapped(socket, tmp_path) as tap:
        url = f"postgresql://carelane@/carelane?host={tmp_path}&port=5432"
        settings = msgspec.structs.replace(services.settings, database_url=url, connections_per_worker=1)
        async with open_services(settings) as tapping:
            # The organization's key, once.
            await tapping.keyring.data_key(UUID(clinic.organization_id))
            counts = []
            for some_of_them in (plain, due):
                before = tap.round_trips
                await actions.read_all(tapping, system_actor(UUID(clinic.organization_id)), some_of_them)
                counts.append(tap.round_trips - before)
    assert counts == [4, 4]
