"""The words of a message, and the waits between attempts."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from carelane.kit.claims import retry_seconds
from carelane.kit.formatting import day_text, moment_text, money_text, number_text
from carelane.messages.jobs import LONGEST_WAIT_SECONDS
from carelane.messages.sms import MAX_TEXT_CHARACTERS
from carelane.messages.states import MAX_ATTEMPTS
from carelane.messages.templates.views import ours, write
from carelane.quotes.sending.views import Offer, sms_text, values_of

URL = "https://clinic.example/q/" + "A" * 64
EVENING = datetime(2026, 7, 4, 3, 5, tzinfo=UTC)


def offer(**changed):
    usual = {
        "clinic": "Harbor Health",
        "first_name": "Robin",
        "message": None,
        "url": URL,
        "expires_at": None,
        "timezone": "UTC",
    }
    return Offer(**(usual | changed))


def mail_of(**changed):
    return write("QUOTE", ours("QUOTE"), values_of(offer(**changed)), "a@b.example")


def test_a_clinics_name_cannot_add_a_header():
    mail = mail_of(clinic="Harbor\r\nBcc: all@clinic.example")
    assert mail.subject == "A quote from Harbor Bcc: all@clinic.example"


def test_a_mail_without_more_to_say_says_no_more():
    text = mail_of(message="  \n ").text
    assert "open until" not in text
    assert "\n\n\n" not in text
    assert URL in text


def test_a_text_message_without_a_name_begins_with_the_clinic():
    assert sms_text(offer(first_name=None)) == f"Harbor Health has a quote for you: {URL}"


@pytest.mark.parametrize("clinic", ["Harbor Health", "H" * 300, "H" * 337, "H" * 340])
def test_a_long_message_is_cut_and_the_link_is_not(clinic):
    text = sms_text(offer(clinic=clinic, message="x" * 1_000))
    assert URL in text
    assert len(text) <= MAX_TEXT_CHARACTERS
    assert text.endswith(("x...", URL))
    assert text.isascii()


def test_an_offer_prints_as_stars():
    assert repr(offer()) == "Offer(***)"


def test_waits_double():
    for attempts in range(1, MAX_ATTEMPTS):
        waited = retry_seconds(attempts, 30, LONGEST_WAIT_SECONDS)
        assert 0.8 * 30 * 2 ** (attempts - 1) <= waited <= 1.2 * 30 * 2 ** (attempts - 1)
    assert len({retry_seconds(1, 30, LONGEST_WAIT_SECONDS) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (0, "USD", "$0.00"),
        (123_456_789, "USD", "$1,234,567.89"),
        (-2_500, "USD", "\N{MINUS SIGN}$25.00"),
        (15_900, "EUR", "€159.00"),
        (15_900, "CAD", "159.00 CAD"),
        (-15_905, "CHF", "\N{MINUS SIGN}159.05 CHF"),
        (1_023, "JPY", "1,023 JPY"),
        (1_255, "KWD", "1.255 KWD"),
        (9_999_999_999, "USD", "$99,999,999.99"),
    ],
)
def test_money_is_written_with_its_currency(cents, currency, text):
    assert money_text(cents, currency) == text


@pytest.mark.parametrize(
    ("number", "text"), [("2.000000", "2"), ("1.500000", "1.5"), ("100", "100"), ("0.000001", "0.000001")]
)
def test_a_quantity_has_no_zeros_too_many(number, text):
    assert number_text(Decimal(number)) == text


def test_a_moment_is_where_the_clinic_is():
    assert moment_text(EVENING, "America/New_York") == "July 3, 2026, 11:05 PM EDT"
    assert moment_text(EVENING, "UTC") == "July 4, 2026, 3:05 AM UTC"
    assert day_text(EVENING, "America/New_York") == "July 3, 2026"
    assert moment_text(EVENING.replace(hour=12), "UTC") == "July 4, 2026, 12:05 PM UTC"


def test_the_ends_of_the_calendar_are_written_in_utc_where_the_clinics_day_would_be_outside():
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    assert moment_text(first, "America/New_York") == "January 1, 1, 12:00 AM UTC"
    assert moment_text(last, "Europe/Berlin") == "December 31, 9999, 11:59 PM UTC"
    assert moment_text(last, "America/New_York") == "December 31, 9999, 6:59 PM EST"


@pytest.mark.parametrize("name", ["", "Nowhere/City", "../../etc/passwd", "\0"])
def test_a_place_nobody_knows_counts_as_utc(name):
    assert moment_text(EVENING, name).endswith("UTC")
