"""Seeing a case leaves a trace; trying to see one does not."""

from uuid import uuid4

from carelane.kit.ids import uuid7
from tests.detail.asking import ask, read_case


async def reads_of(services, organization_id, record_id):
    async with services.db.reading(organization_id) as conn:
        cursor = await conn.execute(
            "SELECT r.actor_kind, c.name, r.record_kind, r.reason, r.request_id FROM phi_reads r "
            "LEFT JOIN credentials c ON c.organization_id = r.organization_id AND c.id = r.actor_id "
            "WHERE r.record_id = %s",
            (record_id,),
        )
        return await cursor.fetchall()


async def test_reading_a_case_is_recorded_once(client, juniper, services, organization_id, case_id):
    key_name = await name_of_first_key(services, organization_id)
    request_id = f"audit-{uuid4().hex}"
    client_headers = juniper.key | {"x-request-id": request_id}
    await client.get("/api/v1/customer-case-detail", params={"caseId": str(case_id)}, headers=client_headers)
    found = await reads_of(services, organization_id, case_id)
    assert found == [("key", key_name, "case", "case detail", request_id)]


async def name_of_first_key(services, organization_id):
    """The demo file's keys have names; the one with most scopes is the storefront's."""
    async with services.db.reading(organization_id) as conn:
        cursor = await conn.execute(
            "SELECT name FROM credentials WHERE kind = 'key' AND organization_id = %s AND revoked_at IS NULL "
            "ORDER BY cardinality(scopes) DESC LIMIT 1",
            (organization_id,),
        )
        return (await cursor.fetchone())[0]


async def test_every_reading_is_recorded(client, juniper, services, organization_id, case_id):
    for _ in range(3):
        await read_case(client, juniper, case_id)
    assert len(await reads_of(services, organization_id, case_id)) == 3


async def test_what_was_not_seen_is_not_recorded(client, juniper, harbor, services, organization_id, case_id):
    unknown = uuid7()
    await ask(client, harbor, caseId=str(case_id))
    await ask(client, juniper, caseId=str(unknown))
    assert await reads_of(services, organization_id, case_id) == []
    assert await reads_of(services, organization_id, unknown) == []
