"""What access tokens of the portal are signed with."""

import secrets
import warnings
from uuid import uuid4

import jwt
import pytest

from carelane.portal.sign_in.access import PatientToken, issue_access_token, read_access_token
from carelane.portal.sign_in.errors import InvalidAccessTokenError

KEY = secrets.token_bytes(32)
TOKEN = PatientToken(uuid4(), uuid4(), uuid4())


def test_the_key_is_as_long_as_hs512_wants():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_access_token(KEY, issue_access_token(KEY, TOKEN)) == TOKEN


def test_what_was_signed_with_the_key_of_other_tokens_is_none():
    claims = jwt.decode(issue_access_token(KEY, TOKEN), options={"verify_signature": False})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        forged = jwt.encode(claims, KEY, "HS512")
    with pytest.raises(InvalidAccessTokenError):
        read_access_token(KEY, forged)
