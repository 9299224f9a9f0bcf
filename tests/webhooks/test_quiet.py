"""What a storefront asks not to be told of: the comment is there, in the feed too, and no webhook tells of it."""

from tests.detail.asking import create_case, read_case


def saying(text, **more):
    author = {"email": "ann@partner.example", "firstName": "Ann", "lastName": "Lee"}
    said = {"text": text, "isRestricted": False, "author": author, **more}
    return {"action": "ADD_COMMUNICATION", "communication": said}


async def test_a_quiet_comment_is_not_told_and_the_next_one_is(client, clinic, hook):
    hooked = await hook(events=["ADD_CASE_COMMENT"])
    case_id = await create_case(client, clinic)
    for body in (saying("quiet", webhookNotify=False), saying("loud", webhookNotify=True), saying("as usual")):
        answer = await client.post(f"/api/v1/cases/{case_id}", json=body, headers=clinic.key)
        assert answer.status_code == 200, answer.text
    told = await hooked.gets("ADD_CASE_COMMENT", 2)
    assert {one.json["payload"]["comments"]["text"] for one in told} == {"loud", "as usual"}
    case = await read_case(client, clinic, case_id)
    assert {comment["text"] for comment in case["comments"]} == {"quiet", "loud", "as usual"}
    page = (await client.get("/api/v1/events", headers=clinic.key)).json()["data"]
    assert [one["event"] for one in page["events"]].count("ADD_CASE_COMMENT") == 3


async def test_whether_to_tell_is_true_or_false(client, clinic):
    case_id = await create_case(client, clinic)
    body = saying("x", webhookNotify="no")
    answer = await client.post(f"/api/v1/cases/{case_id}", json=body, headers=clinic.key)
    assert answer.status_code == 400
    assert "communication.webhookNotify" in answer.json()["error"]
