"""Names, telephone numbers and e-mail addresses in the one form they are compared in."""

import pytest

from carelane.kit.emails import deliverable, is_email, mailbox_of
from carelane.kit.names import fold_name, is_visible
from carelane.kit.phones import is_possible_number, to_e164
from carelane.kit.us_addresses import country_code, has_us_mail

APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u2018\u2019\u201b\u2032\ua78c\uff07"


@pytest.mark.parametrize("sign", APOSTROPHES)
def test_whatever_stands_for_an_apostrophe_is_one(sign):
    assert fold_name(f"O{sign}Brien") == fold_name("O'BRIEN") == "obrien"


@pytest.mark.parametrize(
    ("one", "other"),
    [("José", "JOSE\u0301"), ("José", "jose"), ("Weiß", "WEISS"), (" Mary\u00a0  Ann ", "mary ann"), ("김", "\u1100\u1175\u11b7"),
     ("Lei\u200blani", "leilani"), ("\uff21da", "ada"), ("Nguyễn", "nguyen")],
)  # fmt: skip
def test_two_spellings_of_a_name_fold_to_one(one, other):
    assert fold_name(one) == fold_name(other) != ""


@pytest.mark.parametrize(("one", "other"), [("नेहा", "नहा"), ("Ada", "Ida"), ("王", "李"), ("Mary Ann", "Maryann")])
def test_two_names_stay_two(one, other):
    assert fold_name(one) != fold_name(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", False), ("\u200b", False), ("\u3164", False), ("\u2060 \u00ad", False), ("\u0301", False), ("\ufe0f", False),
     ("李", True), ("O", True), ("-", True)],
)  # fmt: skip
def test_what_can_be_read(text, expected):
    assert is_visible(text) is expected


@pytest.mark.parametrize(
    ("typed", "number"),
    [(None, None), ("", None), ("none", None), ("12", None), ("1234567", None), ("+10000000000", "+10000000000"),
     ("2125550123", "+12125550123"), ("tel:+1-212-555-0123", "+12125550123"), ("(212) 555-0123 x1", "+12125550123"),
     ("+1 (212) 555-0123 home", None)],
)  # fmt: skip
def test_a_number_is_called_by_one_form(typed, number):
    assert to_e164(typed) == number


@pytest.mark.parametrize(
    ("number", "expected"),
    [("+12125550123", True), ("+10000000000", False), ("+11234567890", False), ("+12121234567", False), ("+1987654321", False),
     ("+442079460958", True), ("+440000000000", False), ("+4930123456", True), ("+999123456", False)],
)  # fmt: skip
def test_which_numbers_can_be(number, expected):
    assert is_possible_number(number) is expected


def test_an_international_domain_is_sent_to_by_its_ascii_name():
    assert deliverable("Jürgen@MÜNCHEN.de") == "Jürgen@xn--mnchen-3ya.de"
    assert deliverable("Ada@Clinic.example") == "Ada@clinic.example"
    assert mailbox_of("Ada@Clinic.Example") == "ada@clinic.example"
    assert is_email("名前@例え.jp")


@pytest.mark.parametrize(
    "country", [None, "", " ", "us", "USA", "U.S.", "U. S. A.", "The United States of America", "EE.UU."]
)
def test_the_united_states_are_one_country(country):
    assert (country_code(country), has_us_mail(country)) == ("US", True)


@pytest.mark.parametrize(
    ("country", "has_mail"), [("PR", True), ("gu", True), ("MH", True), ("CA", False), ("Mexico", False)]
)
def test_other_countries_keep_their_names(country, has_mail):
    assert (country_code(country), has_us_mail(country)) == (country.upper(), has_mail)
