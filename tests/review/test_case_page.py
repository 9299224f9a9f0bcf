"""The acts on a case's page, and what becomes of a form when somebody was faster."""

import asyncio
from uuid import uuid4

import pytest

from tests.review.people import employ
from tests.review.test_decision_page import seen_of, typed, version_of


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_of_two_decisions_at_once_one_is_taken_and_nothing_typed_is_lost(pier, started, ada, reading, look, time):
    """Two windows of whoever has the case in hand, sent at the same moment."""
    windows = [await reading(started, ada), await reading(started, ada)]
    html = await windows[0].open()
    forms = [
        typed(pier.product_id, version_of(html), seen=seen_of(html), decisionText=f"Said in window {number}")
        for number in range(2)
    ]
    answers = await asyncio.gather(*(page.press("decide", **form) for page, form in zip(windows, forms, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    late = next(number for number, answer in enumerate(answers) if answer.status_code == 409)
    text = answers[late].text
    assert "You have decided on the case already" in text
    assert "decided, and can undo it for a moment" in text
    assert f"Said in window {late}" in text
    assert "Zephyrol" in text
    query = "SELECT count(*) FROM pending_decisions WHERE case_id = %s AND status = 'PENDING'"
    assert await look(query, started.case_id) == [(1,)]
    assert f"Said in window {late}" in await windows[late].open()


async def test_of_two_clinicians_the_one_who_lost_the_case_is_told_by_whom(pier, started, ada, ben, cleo, reading):
    page = await reading(started, ada)
    html = await page.open()
    form = typed(pier.product_id, version_of(html), seen=seen_of(html))
    await started.done(cleo, "assign", {"staffId": str(ben.id), "insteadOf": str(ada.id)})
    await started.done(ben, "start")
    other = await reading(started, ben)
    theirs = typed(pier.product_id, version_of(await other.open()))
    mine, taken = await asyncio.gather(page.press("decide", **form), other.press("decide", **theirs))
    assert (mine.status_code, taken.status_code) == (409, 303)
    assert "Ben Berg has" in mine.text
    assert "<b>Cleo Berg</b> gave the case to Ben Berg" in mine.text
    assert "Take it with food &amp; water" in mine.text
    assert "Zephyrol, 2" in mine.text
    again = await page.press("undo")
    assert (again.status_code, "Ben Berg has decided" in again.text) == (409, True)


async def test_what_was_typed_is_there_after_a_sign_out_for_doing_nothing(services, pier, desk, reading, owner_run):
    ida = await employ(services, pier, "Ida")
    page = await reading(desk, ida)
    fields = {"form_token": page.token, "draft": f"cases/{desk.case_id}/reply", "text": "Half an answer"}
    assert (await page.client.post("/console/drafts", data=fields)).status_code == 200
    idle = "UPDATE sessions SET idle_seconds = 600, idle_ends_at = now() - interval '1 second' WHERE staff_id = %s"
    await owner_run(idle, ida.id)
    out = await page.client.get(page.path)
    assert (out.status_code, out.headers["Location"].partition("?")[0]) == (303, "/console/sign-in")
    assert "Half an answer" in await (await reading(desk, ida)).open()


async def test_a_case_is_given_away_taken_back_and_taken_by_nobody_twice(desk, ada, ben, cleo, reading):
    page = await reading(desk, cleo)
    html = await page.open()
    assert f'<option value="{ada.id}">' in html
    assert f'action="{page.path}/unassign"' not in html
    gone = await page.press("assign", staffId=str(ada.id))
    assert gone.headers["Location"] == f"{page.path}?done=assigned"
    late = await page.press("assign", staffId=str(ben.id), seen=seen_of(html))
    assert late.status_code == 409
    assert "The case is assigned to Ada Berg." in late.text
    assert "gave the case to Ada Berg" in late.text
    assert (await page.press("assign", staffId=str(ben.id), insteadOf=str(ada.id))).status_code == 303
    wrong = await page.press("assign", staffId=str(cleo.id), insteadOf=str(ben.id))
    assert (wrong.status_code, 'id="e-staffId"' in wrong.text) == (422, True)
    assert (await page.press("unassign")).status_code == 303
    assert "Nobody has it." in await page.open()
    assert (await page.press("unassign")).status_code == 409


async def test_a_case_is_marked_archived_and_opened_again(desk, ada, reading):
    page = await reading(desk, ada)
    assert (await page.press("escalate", note="The dose is odd")).status_code == 303
    html = await page.open()
    assert "Second look" in html
    assert "The dose is odd" in html
    assert f'action="{page.path}/escalate"' not in html
    assert (await page.press("deescalate")).status_code == 303
    none = await page.press("archive", reason="")
    assert (none.status_code, 'id="e-reason"' in none.text) == (422, True)
    assert (await page.press("archive", reason="RESOLVED", note="Called")).status_code == 303
    html = await page.open()
    for act in ("archive", "assign", "escalate", "reply", "decide"):
        assert f'action="{page.path}/{act}"' not in html
    late = await page.press("archive", reason="RESOLVED", note="Once more")
    assert (late.status_code, "The case was archived." in late.text) == (409, True)
    assert (await page.press("reopen")).status_code == 303
    assert f'action="{page.path}/reply"' in await page.open()


async def test_a_reply_is_begun_with_a_template_and_keeps_what_was_typed(client, desk, ada, reading, look):
    body = {"kind": "REPLY", "name": f"Hello {uuid4()}", "content": {"text": "Dear {firstName},"}}
    made = (await client.post("/api/staff/templates", json=body, headers=ada.headers)).json()
    page = await reading(desk, ada)
    assert body["name"] in await page.open()
    filled = await page.press("reply", act="fill", replyTemplate=made["id"], text="Typed before")
    assert filled.status_code == 200
    assert "Typed before\n\nDear " in filled.text
    assert "{firstName}" not in filled.text
    assert await look("SELECT count(*) FROM comments WHERE case_id = %s", desk.case_id) == [(0,)]
    gone = await page.press("reply", act="fill", replyTemplate=str(uuid4()), text="Typed before")
    assert (gone.status_code, "Typed before" in gone.text) == (422, True)


@pytest.mark.parametrize("query", ["?after=x", "?after=-1"])
async def test_a_page_of_the_timeline_that_is_none(desk, ada, reading, query):
    page = await reading(desk, ada)
    assert (await page.client.get(f"{page.path}/timeline{query}")).status_code == 400


async def test_a_long_case_is_shown_in_part_and_all_of_it_is_found(services, pier, desk, ada, reading, owner_run):
    """200 messages, 100 events more: the page stays small, and what is older is a link away."""
    for number in range(90):
        await desk.done(ada, "comment", {"text": f"Message number {number}.", "isRestricted": True})
    page = await reading(desk, ada)
    answer = await page.client.get(page.path)
    assert len(answer.content) < 100_000
    assert "Message number 89." in answer.text
    assert "Message number 0." not in answer.text
    assert "Show older messages" in answer.text
    assert "Message number 0." in await page.open("?all=1")
    html = answer.text
    assert f"{page.path}/timeline?after=" in html
    before = html.partition(f"{page.path}/timeline?after=")[2].partition('"')[0]
    older = await page.client.get(f"{page.path}/timeline?after={before}")
    assert "opened the case" in older.text
    assert len((await page.client.get(f"{page.path}/timeline")).content) < 100_000
