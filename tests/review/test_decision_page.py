"""The decision's part of a case's page, over HTTP: filled in, decided, undone, and what becomes of it when somebody was faster."""

import re
from uuid import uuid4

from carelane.kit import clock
from carelane.kit.us_zones import day_in
from tests.review.people import decision


def typed(product_id, version, **over):
    usual = {
        "version": version,
        "decisions[0].productId": product_id,
        "decisions[0].outcome": "APPROVED",
        "decisions[0].medInfo[0].medicine": "Zephyrol",
        "decisions[0].medInfo[0].refillCount": "2",
        "startDate": "2026-11-01",
        "endDate": "2199-11-01",
        "decisionText": "Take it with food & water",
    }
    return usual | over


def version_of(html):
    return re.search(r'name="version" value="(\d+)"', html)[1]


def seen_of(html):
    return re.search(r'name="seen" value="(\d+)"', html)[1]


async def test_decided_undone_and_decided_again(pier, started, ada, reading):
    page = await reading(started, ada)
    version = version_of(await page.open())
    # A row without a word in it closes up.
    blank = {"decisions[0].medInfo[1].medicine": " ", "decisions[0].medInfo[2].medicine": "Aquanol"}
    answer = await page.press("decide", **typed(pier.product_id, version, **blank))
    assert (answer.status_code, answer.headers.get("Location")) == (303, f"{page.path}?done=decided"), answer.text
    held = (await started.done(ada, "comment", {"text": "x", "isRestricted": True})) and await started.why(ada)
    assert held["code"] == "DECISION_HELD"
    html = await page.open("?done=decided")
    assert "You can undo it for 30 seconds" in html
    assert f'action="{page.path}/undo"' in html
    assert f'action="{page.path}/decide"' not in html
    answer = await page.press("undo")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{page.path}?done=undone")
    html = await page.open("?done=undone")
    assert 'value="Zephyrol"' in html
    assert 'value="Aquanol"' in html
    assert "Take it with food &amp; water" in html
    assert (await started.read(ada))["decisions"] == []
    answer = await page.press("undo")
    assert answer.status_code == 409
    assert "no decision waits to be taken" in answer.text


async def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(pier, started, ada, reading):
    page = await reading(started, ada)
    wrong = {"decisions[0].medInfo[0].refillCount": "100", "endDate": "2020-01-01"}
    answer = await page.press("decide", **typed(pier.product_id, version_of(await page.open()), **wrong))
    assert answer.status_code == 422
    for name in ("decisions[0].medInfo[0].refillCount", "endDate"):
        assert f'id="e-{name}"' in answer.text
    assert "2 things to put right" in answer.text
    assert 'value="Zephyrol"' in answer.text
    none = typed(pier.product_id, version_of(answer.text), **{"decisions[0].outcome": ""})
    answer = await page.press("decide", **none)
    assert (answer.status_code, 'id="e-decisions[0].outcome"' in answer.text) == (422, True)


async def test_a_stale_form_tells_what_was_added_and_keeps_what_was_typed(pier, started, ada, ben, reading):
    page = await reading(started, ada)
    html = await page.open()
    version, seen = version_of(html), seen_of(html)
    await started.done(ben, "comment", {"text": "Look at the allergies", "isRestricted": True})
    answer = await page.press("decide", seen=seen, **typed(pier.product_id, version))
    assert answer.status_code == 409
    assert "Something was added to the case since you opened it" in answer.text
    assert "Since you opened it" in answer.text
    assert "wrote a note" in answer.text
    assert 'value="Zephyrol"' in answer.text
    now = version_of(answer.text)
    assert int(now) > int(version)
    assert (await page.press("decide", **typed(pier.product_id, now))).status_code == 303
    # The other one is told, too.
    answer = await (await reading(started, ben)).press("decide", **typed(pier.product_id, now))
    assert answer.status_code == 409
    assert "Ada Berg has decided on the case" in answer.text


async def test_a_template_fills_the_form_in_and_decides_nothing(client, pier, started, ada, reading):
    medicine = {"medicine": "Borealin", "refillCount": 3, "pharmacyInstructions": "For {firstName}"}
    content = {"outcome": "APPROVED", "text": "Dear {firstName}", "validDays": 90, "medInfo": [medicine, medicine]}
    body = {"kind": "DECISION", "name": f"Keep {uuid4()}", "content": content}
    template = (await client.post("/api/staff/templates", json=body, headers=ada.headers)).json()
    page = await reading(started, ada)
    html = await page.open()
    assert body["name"] in html
    mine = {
        "template": template["id"],
        "act": "fill",
        "decisions[0].productId": pier.product_id,
        "decisions[0].medInfo[0].medicine": "Old",
    }
    answer = await page.press("decide", version=version_of(html), **mine)
    assert answer.status_code == 200, answer.text
    assert answer.text.count('value="Borealin"') == 2
    assert 'value="Old"' not in answer.text
    assert "Dear {firstName}" not in answer.text
    assert "Nothing is decided yet" in answer.text
    assert (await started.read(ada))["status"] == "IN_PROGRESS"
    answer = await page.press("decide", **mine | {"template": str(uuid4())})
    assert (answer.status_code, 'id="e-template"' in answer.text) == (422, True)
    answer = await page.press("decide", **mine | {"act": "add:0"})
    assert 'name="decisions[0].medInfo[1].medicine"' in answer.text


async def test_what_failed_when_it_was_due_comes_first(services, pier, desk, ada, reading, owner_run):
    await desk.done(ada, "start")
    await desk.done(ada, "decide", {"decisions": [decision(pier.product_id)], "graceSeconds": 300})
    await owner_run(
        "UPDATE pending_decisions SET status = 'FAILED', failure_code = 'RULE_BROKEN', failure = 'no licence',"
        " ended_at = now() WHERE case_id = %s",
        desk.case_id,
    )
    html = await (await reading(desk, ada)).open()
    assert "This was not decided." in html
    assert "no licence" in html
    assert 'value="Zephyrol"' in html


async def test_the_case_is_taken_in_hand_on_the_page(desk, ada, ben, cleo, reading):
    page = await reading(desk, ada)
    assert f'action="{page.path}/start"' in await page.open()
    assert f'action="{page.path}/start"' not in await (await reading(desk, cleo)).open()
    assert (await page.press("start")).status_code == 303
    answer = await (await reading(desk, ben)).press("start")
    assert answer.status_code == 409
    assert "Ada Berg" in await (await reading(desk, ben)).open()
    assert (await (await reading(desk, cleo)).press("start")).status_code == 403


async def test_a_decision_begins_with_the_patients_day(started, ada, reading, owner_run):
    """Not with the reader's, on which nothing could be ordered yet: 25 hours lie between these two, always another day."""
    await owner_run(
        "UPDATE patients SET state = 'AS' WHERE id = (SELECT patient_id FROM cases WHERE id = %s)", started.case_id
    )
    page = await reading(started, ada)
    page.client.cookies.set("carelane_zone", "Pacific/Kiritimati")
    html = await page.open()
    assert re.search(r'name="startDate" type="date" value="([0-9-]+)"', html)[1] == str(day_in("AS", clock.now()))
