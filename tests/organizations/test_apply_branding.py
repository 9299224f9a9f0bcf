"""`branding` of an organization file: what may stand in it, whose link name it is, and what was changed elsewhere."""

import asyncio
from uuid import uuid4

import pytest

from carelane.apply.errors import ChangedElsewhereError, InvalidFileError
from tests.organizations.conftest import OwnFile


@pytest.fixture
def branded(file):
    file.content |= {
        "forms": [{"name": "Intake", "questions": [{"text": "Well?", "type": "TEXT"}]}],
        "bundles": [{"name": "Plan", "price": "10.00"}],
        "branding": {
            "linkName": f"moss-{uuid4().hex[:12]}",
            "tagline": "Moss grows",
            "form": "Intake",
            "defaultBundle": "Plan",
            "faq": [{"question": "When?", "answer": "Now"}],
            "testimonials": [{"customerName": "D", "content": "Good", "rating": 5, "createdAt": "2026-01-31"}],
        },
    }
    return file


async def test_it_is_made_once_and_then_unchanged(branded):
    name = branded.content["branding"]["linkName"]
    assert ("create", "branding", name) in await branded.done()
    assert await branded.done() == []


async def test_it_is_changed_with_one_event(branded):
    await branded.apply()
    count = "SELECT count(*) FROM events WHERE type = 'ORGANIZATION_CHANGED'"
    [(before,)] = await branded.fetch(count)
    branded.content["branding"] |= {"tagline": "Moss has grown", "faq": []}
    name = branded.content["branding"]["linkName"]
    assert await branded.done() == [("update", "branding", name)]
    assert await branded.fetch(count) == [(before + 1,)]
    assert await branded.fetch("SELECT content ->> 'tagline', content -> 'faq' FROM branding") == [
        ("Moss has grown", [])
    ]


async def test_a_file_without_it_leaves_it_as_it_is(branded):
    await branded.apply()
    kept = branded.content.pop("branding")
    assert await branded.done() == []
    assert await branded.fetch("SELECT link_name FROM branding") == [(kept["linkName"],)]


async def test_a_dry_run_writes_nothing(branded):
    changes = await branded.apply(dry_run=True)
    assert ("create", "branding") in [(change.action, change.what) for change in changes]
    await branded.apply()
    branded.content["branding"]["tagline"] = "Dry"
    await branded.apply(dry_run=True)
    assert await branded.fetch("SELECT content ->> 'tagline' FROM branding") == [("Moss grows",)]


async def test_what_was_changed_elsewhere_stays_or_is_a_conflict(branded):
    await branded.apply()
    await branded.execute("""UPDATE branding SET content = content || '{"tagline": "Console"}'""")
    branded.content["branding"]["homeLink"] = "https://moss.example"
    changes = await branded.apply()
    [change] = [change for change in changes if change.what == "branding"]
    assert [kept.field for kept in change.kept] == ["tagline"]
    assert await branded.fetch("SELECT content ->> 'tagline', content ->> 'homeLink' FROM branding") == [
        ("Console", "https://moss.example")
    ]
    branded.content["branding"]["tagline"] = "File"
    with pytest.raises(ChangedElsewhereError) as raised:
        await branded.apply()
    assert "tagline" in str(raised.value)
    await branded.apply(overwrite=True)
    assert await branded.fetch("SELECT content ->> 'tagline' FROM branding") == [("File",)]


async def test_flags_with_unusual_names_are_compared_too(branded):
    await branded.apply()
    await branded.execute("""UPDATE branding SET content = content || '{"showGDPRLogo": true}'""")
    [change] = [change for change in await branded.apply() if change.what == "branding"]
    assert [kept.field for kept in change.kept] == ["showGDPRLogo"]
    assert await branded.fetch("SELECT content -> 'showGDPRLogo' FROM branding") == [(True,)]


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"linkName": "A B"}, "branding.linkName"),
        ({"linkName": "UPPER"}, "branding.linkName"),
        ({"linkName": "x" * 64}, "branding.linkName"),
        ({"linkName": "moss\n"}, "branding.linkName"),
        ({"linkName": None}, "branding.linkName"),
        ({"taglin": "x"}, "branding.taglin"),
        ({"homeLink": "javascript:alert(1)"}, "branding.homeLink"),
        ({"homeLink": "data:text/html,x"}, "branding.homeLink"),
        ({"colorPrimary": "red; background: url(x)"}, "branding.colorPrimary"),
        ({"contactEmail": "nobody"}, "branding.contactEmail"),
        ({"monthlyCost": "9.999"}, "branding.monthlyCost"),
        ({"paymentProvider": "Cash"}, "branding.paymentProvider"),
        ({"showLogos": "yes"}, "branding.showLogos"),
        ({"form": "Unknown"}, "branding.form"),
        ({"defaultBundle": "Unknown"}, "branding.defaultBundle"),
        ({"faq": [{"question": "When?"}]}, "branding.faq[0].answer"),
        ({"faq": [{"question": "When?", "answer": "x"}] * 2}, "branding.faq[1]"),
        ({"faq": [{"question": f"{n}", "answer": "x"} for n in range(201)]}, "branding.faq"),
        ({"testimonials": [{"customerName": "D", "content": "x", "rating": 6, "createdAt": "2026-01-31"}]}, "branding.testimonials[0].rating"),
        ({"testimonials": [{"customerName": "D", "content": "x", "rating": 5, "createdAt": "2026-02-31"}]}, "branding.testimonials[0].createdAt"),
    ],
)  # fmt: skip
async def test_what_it_may_not_say_is_named(branded, members, field):
    branded.content["branding"] |= members
    with pytest.raises(InvalidFileError) as raised:
        await branded.apply()
    assert field in [problem.field for problem in raised.value.problems]


async def test_two_organizations_cannot_have_one_link_name(branded, services, tmp_path):
    await branded.apply()
    other = OwnFile(services, tmp_path / "fern.yaml")
    other.content["branding"] = {"linkName": branded.content["branding"]["linkName"]}
    with pytest.raises(InvalidFileError) as raised:
        await other.apply()
    assert [problem.field for problem in raised.value.problems] == ["branding.linkName"]
    other.content["branding"]["linkName"] += "-2"
    await other.apply()


async def test_of_many_who_want_a_link_name_at_once_one_gets_it(services, tmp_path):
    wanted = f"moss-{uuid4().hex[:12]}"
    files = [OwnFile(services, tmp_path / f"{number}.yaml") for number in range(4)]
    for file in files:
        file.content["branding"] = {"linkName": wanted}
    results = await asyncio.gather(*(file.apply() for file in files), return_exceptions=True)
    refused = [result for result in results if isinstance(result, InvalidFileError)]
    assert len(refused) == 3
    assert [result for result in results if not isinstance(result, (InvalidFileError, list))] == []


async def test_nor_two_of_one_file(branded, services, tmp_path):
    first = {"organization": branded.content["organization"], "branding": {"linkName": "twice"}}
    second = {
        "organization": first["organization"] | {"tenant": f"fern-{uuid4().hex[:12]}"},
        "branding": {"linkName": "twice"},
    }
    branded.content = {"organizations": [first, second]}
    with pytest.raises(InvalidFileError) as raised:
        await branded.apply()
    assert [problem.field for problem in raised.value.problems] == ["organizations[1].branding.linkName"]
