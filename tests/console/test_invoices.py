"""The list of invoices: what it shows, by what it is narrowed, and sending one again."""

import re
from uuid import UUID, uuid4

import pytest

from carelane.sessions.access import COOKIE
from tests.console.world import sign_in
from tests.factories.charges import line, make_charge
from tests.factories.rows import insert_link, insert_row
from tests.own_clinic import make_clinic

URL = "/console/billing/invoices"


@pytest.fixture(scope="module")
async def clinic(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("invoices"))


@pytest.fixture(scope="module")
async def ines(services, clinic):
    return await sign_in(services, clinic, "ADMIN")


@pytest.fixture
def look(client, ines):
    async def get(**query) -> str:
        answer = await client.get(URL, params=query, cookies={COOKIE.name: ines.token})
        assert answer.status_code == 200, answer.text[:1000]
        return answer.text

    return get


@pytest.fixture
def send(client, ines):
    async def post(path, member=ines, **fields):
        return await client.post(
            f"{URL}/{path}",
            data={"form_token": member.form_token, **fields},
            cookies={COOKIE.name: member.token},
            headers={"sec-fetch-site": "same-origin"},
        )

    return post


@pytest.fixture
async def invoice(services, clinic):
    """Makes one of a charge of $159.00."""

    async def make(**values) -> str:
        organization_id, patient_id = UUID(clinic.organization_id), UUID(clinic.patient_id)
        owed = await make_charge(services, clinic, line(product_id=UUID(clinic.item_id)))
        asked = {
            "patient_id": patient_id,
            "method": "EMAIL",
            "amount_cents": 15900,
            "currency": "USD",
            "is_test": False,
        }
        made = await insert_row(services, organization_id, "invoices", **(asked | values))
        of_charge = {"invoice_id": made, "charge_id": owed, "amount_cents": 15900}
        await insert_link(services, organization_id, "invoice_charges", **of_charge)
        return str(made)

    return make


def row_of(html, invoice_id):
    return re.search(rf'<tr data-row="{invoice_id}">.*?</tr>', html, re.DOTALL)[0]


def ids(html):
    return set(re.findall(r'data-row="([^"]+)"', html))


async def test_each_says_how_it_stands_and_what_can_be_done(look, invoice):
    failed = await invoice(status="FAILED", failure="550 no such mailbox", is_test=True)
    sent, waiting = await invoice(status="SENT"), await invoice(status="PENDING")
    paid = await invoice(status="SENT", paid_at="2026-01-01T00:00:00Z")
    html = await look()
    assert {failed, sent, waiting, paid} <= ids(html)
    assert "550 no such mailbox" in row_of(html, failed)
    assert f'action="{URL}/retry"' in row_of(html, failed)
    assert ">test<" in row_of(html, failed)
    assert f'action="{URL}/send"' in row_of(html, sent)
    assert "Waiting to be paid" in row_of(html, sent)
    # One that is on its way, and one that is paid, are not sent again.
    assert "<form" not in row_of(html, waiting) + row_of(html, paid)
    assert ids(await look(status="PAID")) == {paid}
    assert failed in ids(await look(status="FAILED"))
    assert ids(await look(name="nobody of this name")) == set()


async def test_a_status_that_there_is_not_is_refused(client, ines):
    answer = await client.get(URL, params={"status": "LOST"}, cookies={COOKIE.name: ines.token})
    assert answer.status_code == 400


async def test_where_nothing_can_be_sent_the_page_says_so(send, invoice):
    answer = await send("retry", invoiceId=await invoice(status="FAILED"), status="FAILED", page="1")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert '<option value="FAILED" selected>' in answer.text


@pytest.mark.parametrize("kept", [{}, {"status": "NONSENSE", "page": "-1"}, {"page": "99999999"}])
async def test_one_that_is_paid_is_not_sent_and_the_page_says_so(send, invoice, kept):
    paid = await invoice(status="SENT", paid_at="2026-01-01T00:00:00Z")
    answer = await send("send", invoiceId=paid, **kept)
    assert answer.status_code == 409
    assert "the invoice is PAID" in answer.text


async def test_another_clinics_is_not_there(send, invoice, services, tmp_path):
    stranger = await sign_in(services, await make_clinic(services, tmp_path), "ADMIN")
    assert (await send("retry", stranger, invoiceId=await invoice(status="FAILED"))).status_code == 404
    assert (await send("send", invoiceId=str(uuid4()))).status_code == 404
