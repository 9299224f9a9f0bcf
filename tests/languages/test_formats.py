"""Money, days and times in the reader's language; in English exactly as ever."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from carelane.bills.sending.views import bill_text, receipt_text
from carelane.kit.formatting import day_text, moment_text, money_text, number_text, weekday_text
from carelane.kit.languages import choices, language, nearest, speak, speaking
from carelane.messages.sms import MAX_TEXT_CHARACTERS
from carelane.payments.links import views as payments
from carelane.payments.links.views import Call
from carelane.portal.sign_in.views import sms_text as code_text
from carelane.quotes.sending import views as quotes
from carelane.quotes.sending.views import Offer

MINUS = "\N{MINUS SIGN}"
AT = datetime(2026, 3, 5, 21, 30, tzinfo=UTC)
# GSM 03.38, without the characters that count twice.
GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


@pytest.mark.parametrize(
    ("spoken", "texts"),
    [
        ("en", [f"{MINUS}$1,234.50", "1,234.50 CHF", "1,234 JPY", "1,234.567 KWD", "1.5", "March 5, 2026", "March 5, 2026, 4:30 PM EST", "Thursday, March 5"]),
        ("es", [f"{MINUS}$1,234.50", "1,234.50 CHF", "1,234 JPY", "1,234.567 KWD", "1.5", "5 de marzo de 2026", "5 de marzo de 2026, 4:30 p.m. EST", "jueves 5 de marzo"]),
    ],
)  # fmt: skip
def test_as_people_read_them(spoken, texts):
    with speaking(spoken):
        assert [
            money_text(-123450, "USD"),
            money_text(123450, "CHF"),
            money_text(1234, "JPY"),
            money_text(1234567, "KWD"),
            number_text(Decimal("1.50")),
            day_text(AT, "America/New_York"),
            moment_text(AT, "America/New_York"),
            weekday_text(date(2026, 3, 5)),
        ] == texts


def test_whoever_is_written_to_has_a_language_for_that_long():
    speak("en")
    with speaking("es"):
        assert language() == "es"
        with speaking(None):
            assert language() == "en"
        with speaking("tlh"):
            assert language() == "en"
        assert language() == "es"
    assert language() == "en"


@pytest.mark.parametrize(
    ("said", "meant"),
    [("es-MX", "es"), ("es_US", "es"), ("Spanish", "es"), ("español", "es"), ("ENGLISH", "en"), ("fr", None), ("", None), ("x" * 35, None)],
)  # fmt: skip
def test_what_a_storefront_calls_a_language(said, meant):
    assert nearest(said) == meant


def test_the_languages_call_themselves_by_their_own_names():
    assert choices() == {"en": "English", "es": "Español"}


def test_text_messages_in_spanish_stay_as_short_as_english_ones():
    """An accent that GSM-7 lacks would make of one part two and a half."""
    url = "https://care.example/q/" + "a" * 80
    offer = Offer(clinic="Harbor", first_name="Ana", message=None, url=url, expires_at=None, timezone="UTC")
    call = Call(
        clinic="Harbor",
        first_name=None,
        needs_card=True,
        was_tried=True,
        url=url,
        ends_at=AT,
        timezone="UTC",
        support=None,
    )
    with speaking("es"):
        written = [
            receipt_text("Harbor", url),
            bill_text("Harbor", url, ""),
            quotes.sms_text(offer),
            payments.sms_text(call),
            code_text("Harbor", "123456"),
        ]
    for text in written:
        assert set(text) <= GSM_7, text
        assert len(text) <= 160 <= MAX_TEXT_CHARACTERS, text
