"""Who may call the pages of sign-in, and what a bad body is told."""

import pytest

from tests.portal.cast import AUTH

SEND, VERIFY = f"{AUTH}/send-otp", f"{AUTH}/verify-otp"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (SEND, {"channel": "EMAIL"}, "email"),
        (SEND, {"email": "a@b.example", "phoneNumber": "+12125550123", "channel": "EMAIL"}, "email"),
        (SEND, {"email": "a@b.example"}, "channel"),
        (SEND, {"email": "a@b.example", "channel": "email"}, "channel"),
        (SEND, {"email": "a@b.example", "channel": "SMS"}, "phoneNumber"),
        (SEND, {"phoneNumber": "+12125550123", "channel": "EMAIL"}, "email"),
        (SEND, {"phoneNumber": "2125550123", "channel": "SMS"}, "phoneNumber"),
        (SEND, {"email": "nonsense", "channel": "EMAIL"}, "email"),
        (SEND, {"email": 7, "channel": "EMAIL"}, "email"),
        (VERIFY, {"email": "a@b.example"}, "code"),
        (VERIFY, {"email": "a@b.example", "code": "12345"}, "code"),
        (VERIFY, {"email": "a@b.example", "code": "12345a"}, "code"),
        (VERIFY, {"email": "a@b.example", "code": "\uff11\uff12\uff13\uff14\uff15\uff16"}, "code"),
        (VERIFY, {"email": "a@b.example", "code": 123456}, "code"),
        (VERIFY, {"code": "123456"}, "email"),
        (f"{AUTH}/refresh-token", {}, "refresh_token"),
        (f"{AUTH}/logout", {"refresh_token": ""}, "refresh_token"),
    ],
)
async def test_a_bad_body_is_400_and_names_the_field(client, own, path, body, field):
    answer = await client.post(path, json=body, headers=own.key)
    assert answer.status_code == 400, answer.text
    told = answer.json()
    assert (told["status"], told["success"], told["code"]) == (400, False, "VALIDATION_ERROR")
    assert field in {problem["field"] for problem in told["errors"]}


@pytest.mark.parametrize("path", [SEND, VERIFY, f"{AUTH}/refresh-token", f"{AUTH}/logout"])
async def test_who_has_no_key_or_another_is_refused(client, own, path):
    without = await client.post(path, json={})
    assert (without.status_code, without.json()["code"]) == (400, "VALIDATION_ERROR")
    wrong = await client.post(path, json={}, headers={"cv-api-key": "cvk_wrong"})
    assert wrong.status_code == 404
    assert (wrong.json()["error"], wrong.json()["code"]) == ("Organization not found", "NOT_FOUND")
    lacking = await client.post(
        path,
        json={"email": "a@b.example", "channel": "EMAIL", "code": "123456", "refresh_token": "x"},
        headers=own.catalog_only,
    )
    assert lacking.status_code == 403
