"""Bearer tokens: ours, fresh, unchanged, or refused. Secrets: long and kept as digests."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelane.kit import clock
from carelane.kit.auth import (
    TOKEN_LIFETIME_SECONDS,
    Actor,
    digest,
    issue_token,
    new_secret,
    read_token,
    split_scopes,
    system_actor,
)
from carelane.kit.errors import ScopeMissingError, WrongCredentialError

KEY = b"k" * 32
ACTOR = Actor(uuid4(), "client", uuid4(), frozenset({"cases:write", "catalog:read"}))
CLAIMS = {"iss": "carelane", "sub": str(uuid4()), "org": str(uuid4()), "scope": "cases:write", "exp": 4_000_000_000}


def signed(claims, key=KEY, algorithm="HS256"):
    return jwt.encode(claims, key, algorithm)


def test_a_token_speaks_for_its_actor():
    actor = read_token(KEY, issue_token(KEY, ACTOR), "request-1")
    assert (actor.organization_id, actor.kind, actor.id, actor.scopes) == (
        ACTOR.organization_id, "client", ACTOR.id, ACTOR.scopes,
    )  # fmt: skip
    assert actor.request_id == "request-1"


def test_a_token_is_good_to_the_last_second_and_not_beyond():
    token = issue_token(KEY, ACTOR)
    with clock.moved(timedelta(seconds=TOKEN_LIFETIME_SECONDS - 2)):
        assert read_token(KEY, token, None).id == ACTOR.id
    with clock.moved(timedelta(seconds=TOKEN_LIFETIME_SECONDS)), pytest.raises(WrongCredentialError, match="expired"):
        read_token(KEY, token, None)


@pytest.mark.parametrize(
    "token",
    [
        issue_token(b"o" * 32, ACTOR),
        signed(CLAIMS, None, "none"),
        signed(CLAIMS, KEY * 2, "HS512"),
        signed(CLAIMS | {"iss": "another"}),
        signed(CLAIMS | {"org": "no-uuid"}),
        signed(CLAIMS | {"sub": "no-uuid"}),
        signed(CLAIMS | {"exp": "tomorrow"}),
        signed(CLAIMS | {"scope": 7}),
        signed(CLAIMS | {"org": 7}),
        *(signed({name: value for name, value in CLAIMS.items() if name != lost}) for lost in CLAIMS),
        "",
        "a.b.c",
        "\udc80",
    ],
)
def test_any_other_token_is_refused(token):
    with pytest.raises(WrongCredentialError):
        read_token(KEY, token, None)


@given(st.text())
def test_no_text_of_a_stranger_is_a_token(token):
    with pytest.raises(WrongCredentialError):
        read_token(KEY, token, None)


def test_any_changed_letter_is_noticed():
    token = issue_token(KEY, ACTOR)
    for position in range(0, len(token) - 1, 7):
        changed = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        with pytest.raises(WrongCredentialError):
            read_token(KEY, changed, None)


def test_an_actor_needs_the_scope():
    ACTOR.require("cases:write")
    with pytest.raises(ScopeMissingError, match="cases:read"):
        ACTOR.require("cases:read")


def test_the_system_needs_none():
    system_actor(ACTOR.organization_id).require("cases:write")


def test_secrets_are_long_and_differ():
    made = {new_secret("cvk") for _ in range(100)}
    assert len(made) == 100
    assert all(secret.startswith("cvk_") and len(secret) >= 47 for secret in made)
    assert digest("secret") == hashlib.sha256(b"secret").digest()


def test_scopes_are_split_at_spaces():
    assert split_scopes(" a  b\tc ") == split_scopes(["a", "b", "c"]) == {"a", "b", "c"}
    assert split_scopes("") == frozenset()
