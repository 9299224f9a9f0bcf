"""The page in the reader's language: the browser's, or the one that was chosen; and the patient's mail after that."""

import re
from uuid import UUID

import pytest

from carelane.kit.auth import system_actor
from carelane.patients.queries import find_language
from carelane.web.html.languages import COOKIE, is_page
from tests.factories.quotes import make_quote
from tests.factories.rows import update_row
from tests.quote_page.cast import WRONG, clinic_of, text_of

SPANISH = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.8"}


async def language_of(services, own):
    async with services.db.reading(UUID(own.organization_id)) as conn:
        return await find_language(conn, UUID(own.organization_id), UUID(own.patient_id))


async def test_a_quote_is_read_and_accepted_in_spanish(services, own, reader):
    quote_id = await make_quote(services, own, expires_at="2199-03-05T21:30:00Z")
    path = reader.path_of(own, quote_id)
    reader.client.headers.update(SPANISH)
    asked = await reader.client.get(path)
    assert '<html lang="es">' in asked.text
    assert "Confirme quién es usted" in text_of(asked)
    assert "Le quedan 4 intentos" in text_of(await reader.client.post(f"{path}/verify", data=WRONG))
    shown = text_of(await reader.verified(path))
    for expected in (
        "Su respuesta",
        "Impuesto",
        "Puede responder hasta el 5 de marzo de 2199, 4:30 p.m. EST",
        "Rechazar",
    ):
        assert expected in shown
    assert await language_of(services, own) == "en"
    answered = await reader.answer(path, "accept")
    assert re.search(r"Usted aceptó este presupuesto el \d+ de [a-z]+ de \d{4}, ", text_of(answered))
    assert await language_of(services, own) == "es"


async def test_whoever_reads_on_anothers_phone_chooses(services, own, reader):
    path = reader.path_of(own, await make_quote(services, own))
    english = await reader.client.get(path)
    assert '<html lang="en">' in english.text
    ((action, page),) = re.findall(r'action="([^"]+)" class="languages">\s*<input [^>]*value="([^"]+)"', english.text)
    chosen = await reader.client.post(action, data={"page": page, "language": "es"})
    assert str(chosen.url).endswith(path)
    assert '<html lang="es">' in chosen.text
    assert '<span aria-current="true">Español</span>' in chosen.text
    # It holds on every page from then on, and after a form.
    assert "Error: Confirme quién es usted" in (await reader.client.post(f"{path}/verify", data=WRONG)).text
    back = await reader.client.post(action, data={"page": page, "language": "en"})
    assert "Confirm who you are" in text_of(back)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"page": "x", "language": "tlh"}, 400),
        ({"page": "//evil.example", "language": "es"}, 400),
        ({"page": "..%2f..", "language": "es"}, 400),
        ({"page": "a/b/c", "language": "es"}, 400),
        ({"page": "", "language": "es"}, 400),
        ({}, 400),
    ],
)
async def test_the_choice_leads_to_pages_of_ours_only(reader, fields, status):
    answer = await reader.client.post("/q/language", data=fields)
    assert answer.status_code == status
    assert COOKIE.name not in answer.cookies


async def test_another_sites_form_chooses_nothing(reader):
    answer = await reader.client.post(
        "/q/language", data={"page": "x", "language": "es"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_what_a_page_is_called():
    for page in ("Ab-_9", "Ab/reschedule?from=2026-03-05&zone=America/New_York", "receipts/Ab", "receipts/Ab/items"):
        assert is_page(page)
    for page in ("/Ab", "Ab/verify", "Ab//x", "Ab?x=<", "Ab\n", "https://x.example"):
        assert not is_page(page)


async def test_an_address_that_leads_nowhere_says_so_in_spanish(reader):
    answer = await reader.client.get("/q/nowhere/at/all", headers=SPANISH)
    assert answer.status_code == 404
    assert "Este enlace no lleva a ninguna parte" in text_of(answer)


async def test_what_a_storefront_said_goes_before_the_page(services, tmp_path):
    own = await clinic_of(services, tmp_path, language_preferences=["Klingon", "Spanish"])
    assert await language_of(services, own) == "es"
    organization_id = UUID(own.organization_id)
    await update_row(
        services, organization_id, "patients", UUID(own.patient_id), language_preferences=["tlh"], language="en"
    )
    assert await language_of(services, own) == "en"
    await update_row(services, organization_id, "patients", UUID(own.patient_id), language=None)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await conn.execute("UPDATE organizations SET language = 'es' WHERE id = %s", (organization_id,))
    assert await language_of(services, own) == "es"
