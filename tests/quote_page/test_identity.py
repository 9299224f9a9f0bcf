"""Showing who one is: what is asked, what counts as right, and that guessing does not help."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest

from carelane.kit import clock
from carelane.quotes.page import access
from carelane.quotes.page.access import PASS, UnreadableError, is_right, known_patient, plain_name, read_link
from tests.factories.quotes import make_quote
from tests.factories.rows import update_row
from tests.quote_page.cast import BIRTH, NAME, RIGHT, WRONG, clinic_of, rows_of, text_of

TRIES = "SELECT failed_verifications, verification_unlocks_at FROM quotes WHERE organization_id = %s AND id = %s"
KNOWN = known_patient("Vale", date(1985, 3, 27), "+15550100123")


@pytest.mark.parametrize("name", ["Vale", "vale", " VALE ", "Våle"])
def test_a_name_is_the_same_however_it_is_spelled(name):
    assert is_right(KNOWN, BIRTH | {"last_name": name})


@pytest.mark.parametrize(
    ("one", "other"), [("De la Peña-Ruiz", "de la pena ruiz"), ("O'Neil", "oneil"), ("Weiß", "WEISS"), ("王", "王")]
)
def test_signs_and_accents_do_not_count(one, other):
    assert plain_name(one) == plain_name(other) != ""


@pytest.mark.parametrize("changed", [{"last_name": "Vail"}, {"day": "28"}, {"month": "4"}, {"year": "1986"}])
def test_every_part_counts(changed):
    assert not is_right(KNOWN, RIGHT | changed)


@pytest.mark.parametrize(
    "changed", [{"day": "31", "month": "2"}, {"day": ""}, {"year": "85 BC"}, {"month": "March"}, {"last_name": " - "}]
)
def test_what_cannot_be_right_is_said_and_is_no_try(changed):
    with pytest.raises(UnreadableError):
        is_right(KNOWN, RIGHT | changed)


@pytest.mark.parametrize("digits", ["0123 ", "0123"])
def test_without_a_date_of_birth_the_phone_number_is_asked(digits):
    known = known_patient("Vale", None, "(555) 010-0123")
    assert not known.asks_birth
    assert is_right(known, NAME | {"phone_digits": digits})
    assert not is_right(known, NAME | {"phone_digits": "0124"})


@pytest.mark.parametrize("digits", ["", "123", "01234", "o123", "٠١٢٣"])
def test_four_digits_are_four_digits(digits):
    with pytest.raises(UnreadableError):
        is_right(known_patient(None, None, "5550100123"), {"phone_digits": digits})


@pytest.mark.parametrize("phone_number", [None, "", "12", "none"])
def test_who_is_known_by_neither_cannot_be_asked(phone_number):
    assert not known_patient("Vale", None, phone_number).can_be_asked


def test_a_name_that_is_not_known_is_not_asked():
    known = known_patient(None, date(1985, 3, 27), None)
    assert not known.asks_name
    assert is_right(known, BIRTH)
    assert access.PHONE_DIGITS == 4


async def test_five_wrong_tries_close_the_page_for_a_quarter_of_an_hour(services, own, reader):
    quote_id = await make_quote(services, own)
    path = reader.path_of(own, quote_id)
    for left in ("4 more tries", "3 more tries", "2 more tries", "1 more try"):
        wrong = await reader.client.post(f"{path}/verify", data=WRONG)
        assert wrong.status_code == 422
        assert left in text_of(wrong)
    locked = await reader.client.post(f"{path}/verify", data=WRONG)
    assert locked.status_code == 429
    assert 840 < int(locked.headers["Retry-After"]) <= 900
    assert "Too many tries" in text_of(locked)
    # Now even the right answer is none, and the page itself says why.
    assert (await reader.verified(path)).status_code == 429
    assert (await reader.client.get(path)).status_code == 429
    # When the time is over, it may be tried again, five times.
    await update_row(
        services, UUID(own.organization_id), "quotes", quote_id,
        verification_unlocks_at=clock.now() - timedelta(seconds=1),
    )  # fmt: skip
    assert "4 more tries" in text_of(await reader.client.post(f"{path}/verify", data=WRONG))
    assert "Accept for" in text_of(await reader.verified(path))
    assert await rows_of(services, own, TRIES, quote_id) == [(0, None)]


async def test_of_many_guesses_at_once_five_are_looked_at(services, own, reader):
    quote_id = await make_quote(services, own)
    path = reader.path_of(own, quote_id)
    answers = await asyncio.gather(
        *(reader.client.post(f"{path}/verify", data=WRONG | {"day": str(1 + n % 26)}) for n in range(40))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [422] * (access.MAX_WRONG_TRIES - 1) + [429] * (40 - access.MAX_WRONG_TRIES + 1)
    assert (await reader.verified(path)).status_code == 429


async def test_what_is_no_date_is_no_try(services, own, reader):
    quote_id = await make_quote(services, own)
    path = reader.path_of(own, quote_id)
    for _ in range(7):
        shown = await reader.client.post(f"{path}/verify", data=RIGHT | {"month": "13"})
        assert shown.status_code == 422
        assert "Enter your date of birth as numbers" in text_of(shown)
    assert await rows_of(services, own, TRIES, quote_id) == [(0, None)]


async def test_the_proof_is_good_for_its_own_link_and_half_an_hour(services, own, reader, server):
    first, second = await make_quote(services, own), await make_quote(services, own)
    here, there = reader.path_of(own, first), reader.path_of(own, second)
    answer = await reader.client.post(f"{here}/verify", data=RIGHT, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, here)
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    value, *attributes = [part.strip().lower() for part in rest.split(";")]
    assert name == "carelane_quote"
    assert {"httponly", "samesite=lax", "max-age=1800", f"path={here.lower()}"} <= set(attributes)
    value = reader.client.cookies[name]
    reader.client.cookies.clear()
    for path, is_open in ((here, True), (there, False)):
        shown = await reader.client.get(path, headers={"Cookie": f"{name}={value}"})
        assert ("Accept for" in text_of(shown)) is is_open
    changed = value[:-1] + ("A" if value[-1] != "A" else "B")
    assert "Confirm who" in text_of(await reader.client.get(here, headers={"Cookie": f"{name}={changed}"}))
    token = here.rpartition("/")[2]
    assert "Confirm who" in text_of(await reader.client.get(here, headers={"Cookie": f"{name}={token}"}))


async def test_an_old_proof_is_none(services, own, reader):
    quote_id = await make_quote(services, own)
    path = reader.path_of(own, quote_id)
    link = read_link(services.quote_link_key, path.rpartition("/")[2])
    with clock.moved(timedelta(seconds=-PASS.lifetime_seconds - 1)):
        old = PASS.issue(services.quote_link_key, link.body())
    with clock.moved(timedelta(seconds=-PASS.lifetime_seconds + 60)):
        young = PASS.issue(services.quote_link_key, link.body())
    assert "Confirm who" in text_of(await reader.client.get(path, headers={"Cookie": f"carelane_quote={old}"}))
    assert "Accept for" in text_of(await reader.client.get(path, headers={"Cookie": f"carelane_quote={young}"}))


async def test_a_patient_of_whom_too_little_is_known_is_told_to_call(services, tmp_path, reader):
    own = await clinic_of(services, tmp_path, date_of_birth=None, phone_number=None)
    quote_id = await make_quote(services, own)
    path = reader.path_of(own, quote_id)
    assert "Please call the clinic" in text_of(await reader.client.get(path))
    assert "Please call the clinic" in text_of(await reader.verified(path))


async def test_the_page_asks_for_digits_where_it_knows_no_date(services, tmp_path, reader):
    own = await clinic_of(services, tmp_path, date_of_birth=None)
    quote_id = await make_quote(services, own)
    path = reader.path_of(own, quote_id)
    assert "Last four digits of your phone number" in text_of(await reader.client.get(path))
    shown = await reader.client.post(f"{path}/verify", data=NAME | {"phone_digits": "0123"})
    assert "Accept for" in text_of(shown)
