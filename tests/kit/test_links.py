"""Signed links to documents: 15 minutes, one document, one spelling."""

import base64
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelane.documents.access import LIFETIME_SECONDS, Link, read_link, sign_link
from carelane.documents.errors import DocumentNotFoundError, LinkExpiredError
from carelane.kit import clock

KEY = b"k" * 32
LINK = Link(uuid4(), uuid4())


def test_a_link_leads_to_its_document():
    assert read_link(KEY, sign_link(KEY, LINK)) == LINK


def test_a_link_is_good_for_fifteen_minutes():
    assert LIFETIME_SECONDS == 15 * 60
    token = sign_link(KEY, LINK)
    with clock.moved(timedelta(seconds=LIFETIME_SECONDS - 2)):
        assert read_link(KEY, token) == LINK
    with clock.moved(timedelta(seconds=LIFETIME_SECONDS)), pytest.raises(LinkExpiredError):
        read_link(KEY, token)


def test_any_changed_letter_is_noticed():
    token = sign_link(KEY, LINK)
    for position, letter in enumerate(token):
        changed = token[:position] + ("A" if letter != "A" else "B") + token[position + 1 :]
        with pytest.raises(DocumentNotFoundError):
            read_link(KEY, changed)


def test_an_expired_link_that_was_changed_is_unknown():
    token = sign_link(KEY, LINK)
    with clock.moved(timedelta(days=1)), pytest.raises(DocumentNotFoundError):
        read_link(KEY, "A" + token[1:] if token[0] != "A" else "B" + token[1:])


def test_the_end_of_one_link_does_not_fit_another():
    other = sign_link(KEY, Link(LINK.organization_id, uuid4()))
    raw, raw_other = (
        base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) for token in (sign_link(KEY, LINK), other)
    )
    mixed = base64.urlsafe_b64encode(raw[:40] + raw_other[40:]).decode().rstrip("=")
    with pytest.raises(DocumentNotFoundError):
        read_link(KEY, mixed)


def test_another_key_signs_other_links():
    with pytest.raises(DocumentNotFoundError):
        read_link(KEY, sign_link(b"o" * 32, LINK))


@pytest.mark.parametrize("ending", ["=", "==", "\n", " ", "A", "%3D", "."])
def test_there_is_one_spelling(ending):
    with pytest.raises(DocumentNotFoundError):
        read_link(KEY, sign_link(KEY, LINK) + ending)


@given(st.text())
def test_no_text_of_a_stranger_is_a_link(token):
    with pytest.raises(DocumentNotFoundError):
        read_link(KEY, token)
