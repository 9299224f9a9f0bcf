"""Every page and every form × every role × the other clinic, and whoever is not signed in; generated from the routes."""

import pytest

from carelane.sessions.access import COOKIE
from tests.console.pages import FORMS, PAGES, ROLES, every_form, every_page, may, missing_lines
from tests.console.world import MARKER

EACH_ROLE = pytest.mark.parametrize("role", ROLES)


def cookie(member):
    return {"Cookie": f"{COOKIE.name}={member.token}", "Sec-Fetch-Site": "same-origin"}


def filled(world, member, path):
    fields = {name: text.format(**world.ids) for name, text in FORMS[path].fields.items()}
    return {"form_token": member.form_token, **fields}


def test_every_route_is_looked_at():
    assert list(missing_lines()) == []


@EACH_ROLE
@pytest.mark.parametrize("path", every_page())
async def test_a_page_shows_itself_to_those_who_may(acted_world, ask, path, role):
    example = PAGES[path]
    answer = await ask.get(acted_world.path(path, example.query), headers=cookie(acted_world.staff[role]))
    assert answer.status_code == (example.answer if may(role, example) else 403), answer.text[:2000]
    assert answer.headers["cache-control"] == "no-store"
    if answer.status_code == 403:
        assert MARKER not in answer.text


@EACH_ROLE
@pytest.mark.parametrize("path", every_page())
async def test_a_page_shows_nothing_of_the_other_clinic(acted_world, ask, path, role):
    example = PAGES[path]
    answer = await ask.get(acted_world.path(path, example.query), headers=cookie(acted_world.strangers[role]))
    assert MARKER not in answer.text
    if not may(role, example):
        assert answer.status_code == 403
    elif "{" in path and not example.is_open:
        assert answer.status_code == example.to_strangers
    else:
        assert answer.status_code == example.answer


@pytest.mark.parametrize("path", every_page())
async def test_a_page_wants_a_session(acted_world, ask, path):
    example = PAGES[path]
    address = acted_world.path(path, example.query)
    for headers in (
        {},
        {"Cookie": f"{COOKIE.name}=cvt_unknown"},
        {"Authorization": f"Bearer {acted_world.staff['ADMIN'].token}"},
    ):
        answer = await ask.get(address, headers=headers)
        assert MARKER not in answer.text
        if example.is_open:
            assert answer.status_code == example.answer
        else:
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("/console/sign-in?next=")


@pytest.mark.parametrize("path", every_form())
async def test_a_form_wants_the_token_of_its_own_session(acted_world, ask, path):
    member, other = acted_world.staff["ADMIN"], acted_world.staff["CASEMANAGER"]
    address, fields = acted_world.path(path), filled(acted_world, member, path)
    for token in ({"form_token": ""}, {"form_token": "0" * 64}, {"form_token": "é"}, {"form_token": other.form_token}):
        refused = await ask.post(address, headers=cookie(member), data=fields | token)
        assert refused.status_code == 403, path
    bare = await ask.post(address, headers=cookie(member))
    assert bare.status_code == 403
    for site in ("cross-site", "same-site"):
        foreign = await ask.post(address, headers=cookie(member) | {"Sec-Fetch-Site": site}, data=fields)
        assert foreign.status_code == 403
    as_json = await ask.post(address, headers=cookie(member), json=fields)
    assert as_json.status_code in {400, 403}
    nobody = await ask.post(address, data=fields)
    assert nobody.status_code in {303, 403}
    if nobody.status_code == 303:
        assert nobody.headers["location"].startswith("/console/sign-in?next=")


@EACH_ROLE
@pytest.mark.parametrize("path", every_form())
async def test_a_form_does_nothing_for_those_who_may_not(acted_world, ask, path, role):
    example = FORMS[path]
    if not may(role, example):
        member = acted_world.staff[role]
        answer = await ask.post(acted_world.path(path), headers=cookie(member), data=filled(acted_world, member, path))
        assert answer.status_code == 403, answer.text[:2000]
    if "{" in path and not example.is_open:
        stranger = acted_world.strangers[role]
        answer = await ask.post(
            acted_world.path(path), headers=cookie(stranger), data=filled(acted_world, stranger, path)
        )
        assert answer.status_code == (example.to_strangers if may(role, example) else 403), answer.text[:2000]
        assert MARKER not in answer.text


@EACH_ROLE
@pytest.mark.parametrize("path", every_form())
async def test_a_form_reaches_its_act_for_those_who_may(acted_world, ask, path, role):
    """What comes of it is the noun's to test."""
    example = FORMS[path]
    if may(role, example) and not example.is_final:
        member = acted_world.staff[role]
        answer = await ask.post(acted_world.path(path), headers=cookie(member), data=filled(acted_world, member, path))
        assert answer.status_code in {200, 303, 409, 422}, answer.text[:2000]
