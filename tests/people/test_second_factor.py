"""The second factor: set up by its owner, who alone sees the secret; recovery codes; taken away by an administrator."""

import asyncio
from datetime import timedelta

import pyotp
import pytest

from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.permissions import OF_ROLE
from carelane.sessions import actions as sessions
from carelane.sessions.actions import WithoutSecondFactor, enter
from carelane.sessions.errors import PasswordWrongError, SignInRefusedError
from carelane.sessions.schemas import SignInIn
from carelane.sessions.second_factor.access import TICKET_SECONDS, issue_ticket, read_ticket
from carelane.sessions.second_factor.actions import (
    begin_first,
    begin_renewal,
    finish_first,
    finish_renewal,
    renew_codes,
)
from carelane.sessions.second_factor.errors import CodeWrongError, NothingPendingError
from carelane.sessions.second_factor.reads import get_first_set_up, get_protection, get_set_up
from tests.factories.accounts import sign_in
from tests.factories.rows import update_row
from tests.people.cast import MEMBERS, caller, code_of

ME = "/api/staff/me"


@pytest.fixture
async def account(house):
    return await house.member()


async def begun(house, account):
    """The ticket of a member without a second factor whose password was right."""
    await update_row(house.services, house.organization_id, "staff", account.id, totp_secret_sealed=None)
    entered = await enter(house.services, SignInIn(**account.body(totp=None)), caller())
    assert isinstance(entered, WithoutSecondFactor)
    return await begin_first(house.services, entered.organization_id, entered.account)


async def protected(house, account):
    """The recovery codes of a member who has set up another second factor, and its secret."""
    ticket = await begun(house, account)
    set_up = await get_first_set_up(house.services, ticket)
    made = await finish_first(house.services, ticket, code_of(set_up.secret), caller())
    return made, set_up.secret


def actor_of(account, role="CASEWORKER"):
    return Actor(account.organization_id, "staff", account.id, OF_ROLE[role])


async def test_the_first_sign_in_sets_it_up_and_opens_a_session(house, account):
    made, secret = await protected(house, account)
    assert pyotp.parse_uri(f"otpauth://totp/x?secret={secret}").secret == secret
    me = await house.world.client.get(ME, headers={"Authorization": f"Bearer {made.signed_in.session.token}"})
    assert me.status_code == 200
    # The code that set it up is used.
    again = {"totp": code_of(secret)}
    assert (await sign_in(house.world.client, account, **again)).status_code == 401
    assert (await sign_in(house.world.client, account, totp=code_of(secret, 1))).status_code == 200
    assert await house.changes(account.id) == ["SECOND_FACTOR_SET"]


async def test_the_secret_is_shown_while_it_is_pending_and_never_again(house, account):
    ticket = await begun(house, account)
    first, second = [await get_first_set_up(house.services, ticket) for _ in range(2)]
    assert first == second
    assert first.uri.startswith("otpauth://totp/Harbor%20Health:")
    assert repr(first) == "SetUp(***)"
    await finish_first(house.services, ticket, code_of(first.secret), caller())
    with pytest.raises(NothingPendingError):
        await get_first_set_up(house.services, ticket)
    with pytest.raises(NothingPendingError):
        await get_set_up(house.services, actor_of(account))


async def test_a_wrong_code_sets_nothing_up(house, account):
    ticket = await begun(house, account)
    secret = (await get_first_set_up(house.services, ticket)).secret
    for wrong in ("", "000000", "abcdef", code_of(secret, 5), "١٢٣٤٥٦"):
        with pytest.raises(CodeWrongError):
            await finish_first(house.services, ticket, wrong, caller())
    assert await finish_first(house.services, ticket, f" {code_of(secret)[:3]} {code_of(secret)[3:]} ", caller())


async def test_of_many_at_once_one_sets_it_up(house, account):
    ticket = await begun(house, account)
    secret = (await get_first_set_up(house.services, ticket)).secret
    tries = [finish_first(house.services, ticket, code_of(secret), caller()) for _ in range(4)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["NothingPendingError"] * 3 + ["Protected"]
    assert await house.fetch("SELECT count(*) FROM recovery_codes") == [(10,)]


async def test_a_ticket_is_worthless_with_another_password_and_after_a_while(house, account):
    ticket = await begun(house, account)
    key = house.services.staff_link_key
    token = issue_ticket(key, ticket)
    assert read_ticket(key, token) == ticket
    assert read_ticket(key, None) is None
    assert read_ticket(key, token[:-2]) is None
    assert read_ticket(b"another key", token) is None
    with clock.moved(timedelta(seconds=TICKET_SECONDS)):
        assert read_ticket(key, token) is None
    await update_row(house.services, house.organization_id, "staff", account.id, password_hash="another")
    with pytest.raises(NothingPendingError):
        await get_first_set_up(house.services, ticket)


async def test_the_api_lets_nobody_in_who_has_to_set_it_up(house, account):
    await update_row(house.services, house.organization_id, "staff", account.id, totp_secret_sealed=None)
    assert (await sign_in(house.world.client, account, totp=None)).status_code == 401
    assert (await sign_in(house.world.client, account, recoveryCode="K7P2M-9QXWB")).status_code == 401


async def test_recovery_codes_are_ten_and_only_digests_are_kept(house, account):
    made, _ = await protected(house, account)
    assert len(set(made.recovery_codes)) == 10
    assert repr(made) == "Protected(***)"
    kept = [row[0] for row in await house.fetch("SELECT code_digest FROM recovery_codes")]
    assert len(kept) == 10
    assert not {code.encode() for code in made.recovery_codes} & {bytes(one) for one in kept}


@pytest.mark.parametrize("spell", [str, str.lower, lambda code: code.replace("-", ""), lambda code: f" {code} "])
async def test_a_recovery_code_signs_in_once_however_it_is_spelt(house, account, spell):
    made, _ = await protected(house, account)
    code, client = spell(made.recovery_codes[0]), house.world.client
    assert (await sign_in(client, account, totp=None, recoveryCode=code)).status_code == 200
    assert (await sign_in(client, account, totp=None, recoveryCode=code)).status_code == 401
    assert "RECOVERY_CODE_USED" in await house.changes(account.id)
    protection = await get_protection(house.services, actor_of(account))
    assert (protection.has_second_factor, protection.codes_left) == (True, 9)


async def test_of_many_at_once_with_one_recovery_code_one_gets_in(house, account):
    made, _ = await protected(house, account)
    sent = SignInIn(
        tenant=account.tenant,
        email=account.email,
        password=account.password,
        recovery_code=made.recovery_codes[3],
    )
    tries = [sessions.sign_in(house.services, sent, caller(f"192.0.2.{n}")) for n in range(4)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["SignInRefusedError"] * 3 + ["SignedIn"]


async def test_guesses_at_recovery_codes_are_counted_as_tries(house, account):
    made, _ = await protected(house, account)
    for _ in range(sessions.LOCKOUT.most_failures):
        answer = await sign_in(house.world.client, account, totp=None, recoveryCode="AAAAA-AAAAA")
        assert answer.status_code == 401
    answer = await sign_in(house.world.client, account, totp=None, recoveryCode=made.recovery_codes[0])
    assert answer.status_code == 401


async def test_a_recovery_code_is_of_no_use_without_the_password_or_to_another(house, account):
    made, _ = await protected(house, account)
    other = await house.member()
    client, code = house.world.client, made.recovery_codes[0]
    assert (
        await sign_in(client, account, totp=None, recoveryCode=code, password="not the password")
    ).status_code == 401
    assert (await sign_in(client, other, totp=None, recoveryCode=code)).status_code == 401
    assert (await sign_in(client, account, totp=None, recoveryCode=code)).status_code == 200


async def test_it_is_renewed_with_the_password_and_ends_other_sessions(house, account):
    here, elsewhere = await house.bearer(account), await house.bearer(account)
    token = here["Authorization"].removeprefix("Bearer ")
    actor = actor_of(account)
    with pytest.raises(PasswordWrongError):
        await begin_renewal(house.services, actor, "not the password", caller())
    await begin_renewal(house.services, actor, account.password, caller())
    secret = (await get_set_up(house.services, actor)).secret
    # The old one is good until a code of the new one was shown.
    assert (await sign_in(house.world.client, account)).status_code == 200
    with pytest.raises(CodeWrongError):
        await finish_renewal(house.services, actor, token, "000000")
    made = await finish_renewal(house.services, actor, token, code_of(secret))
    assert len(made.recovery_codes) == 10
    client = house.world.client
    assert (await client.get(ME, headers=here)).status_code == 200
    assert (await client.get(ME, headers=elsewhere)).status_code == 401
    assert (await sign_in(client, account, steps=1)).status_code == 401
    assert (await sign_in(client, account, totp=code_of(secret, 1))).status_code == 200


async def test_new_recovery_codes_end_the_old_ones(house, account):
    made, _ = await protected(house, account)
    actor = actor_of(account)
    with pytest.raises(PasswordWrongError):
        await renew_codes(house.services, actor, "not the password", caller())
    new = await renew_codes(house.services, actor, account.password, caller())
    client = house.world.client
    assert (await sign_in(client, account, totp=None, recoveryCode=made.recovery_codes[0])).status_code == 401
    assert (await sign_in(client, account, totp=None, recoveryCode=new.recovery_codes[0])).status_code == 200
    assert "RECOVERY_CODES_RENEWED" in await house.changes(account.id)


async def test_an_administrator_takes_it_away_and_sees_nothing_of_it(house, account):
    headers = await house.bearer(account)
    client = house.world.client
    path = f"{MEMBERS}/{account.id}/second-factor"
    answer = await client.delete(path, headers=house.headers)
    assert answer.status_code == 200
    assert account.totp_secret not in answer.text
    assert (await client.get(ME, headers=headers)).status_code == 401
    assert (await sign_in(client, account)).status_code == 401
    entered = await enter(house.services, SignInIn(**account.body(totp=None)), caller())
    assert isinstance(entered, WithoutSecondFactor)
    assert await house.changes(account.id) == ["SECOND_FACTOR_RESET"]


@pytest.mark.parametrize("role", ["CASEMANAGER", "CASEWORKER", "SUPPORT"])
async def test_only_administrators_take_it_away(house, account, role):
    headers = await house.bearer(await house.member(role))
    path = f"{MEMBERS}/{account.id}/second-factor"
    assert (await house.world.client.delete(path, headers=headers)).status_code == 403
    assert (await house.world.client.delete(path)).status_code == 401
    nobody = f"{MEMBERS}/{house.organization_id}/second-factor"
    assert (await house.world.client.delete(nobody, headers=house.headers)).status_code == 404


async def test_who_needs_none_may_have_one(house):
    support = await house.member("SUPPORT")
    actor = actor_of(support, "SUPPORT")
    headers = await house.bearer(support)
    await begin_renewal(house.services, actor, support.password, caller())
    secret = (await get_set_up(house.services, actor)).secret
    token = headers["Authorization"].removeprefix("Bearer ")
    await finish_renewal(house.services, actor, token, code_of(secret))
    sent = SignInIn(tenant=support.tenant, email=support.email, password=support.password)
    with pytest.raises(SignInRefusedError):
        await sessions.sign_in(house.services, sent, caller())
