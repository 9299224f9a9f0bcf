"""POST /admin/locations/update-or-create as a form."""

import base64
from uuid import uuid4

import pytest

from carelane.kit.errors import InvalidRequestError
from carelane.locations.schemas import LocationIn
from carelane.web.multipart import MAX_PARTS, form_as_json
from tests.locations.test_locations import SAVE, URL, WHOLE, problems

FORM = "multipart/form-data; boundary=frontier"


def form(**fields):
    """Each field as httpx sends it when it has no file name."""
    return {name: (None, text) for name, text in fields.items()}


def raw(*parts):
    return b"".join(b"--frontier\r\n" + part + b"\r\n" for part in parts) + b"--frontier--\r\n"


def field(name, text):
    return b'Content-Disposition: form-data; name="' + name + b'"\r\n\r\n' + text


async def test_a_form_and_json_say_the_same(client, office):
    fields = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in WHOLE.items()}
    sent = await client.post(SAVE, files=form(id="loc_form", **fields), headers=office.billing)
    assert sent.status_code == 200, sent.text
    as_json = (await client.post(SAVE, json={"id": "loc_json"} | WHOLE, headers=office.billing)).json()
    own = {"id", "createdDate", "updatedDate"}
    assert {name: value for name, value in sent.json().items() if name not in own} == {
        name: value for name, value in as_json.items() if name not in own
    }


async def test_a_form_may_use_snake_case_and_leave_fields_empty(client, office):
    fields = form(name="Harbor", is_virtual="true", zip_code="04101", city="", address_line_one="Süd 1", other="x")
    saved = (await client.post(SAVE, files=fields, headers=office.billing)).json()
    shown = {name: saved[name] for name in ("name", "isVirtual", "zipCode", "city", "addressLineOne")}
    assert shown == {
        "name": "Harbor", "isVirtual": True, "zipCode": "04101", "city": None, "addressLineOne": "Süd 1",
    }  # fmt: skip


async def test_a_bad_form_is_refused_with_all_its_faults(client, office):
    fields = form(isVirtual="maybe", latitude="91", name=" ")
    answer = await client.post(SAVE, files=fields, headers=office.billing)
    assert set(problems(answer)) == {("body", "isVirtual"), ("body", "latitude"), ("body", "name")}
    answer = await client.post(SAVE, files={"photoUrl": ("a.png", b"\x89PNG")}, headers=office.billing)
    assert problems(answer) == {("body", "photoUrl"): "expected a value, not a file"}
    assert (await client.get(f"{URL}/list", headers=office.billing)).json()["total"] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"name=Harbor",
        raw(field(b"name", b"Harbor"))[:-8],
        raw(field(b"name", b"\xff\xfe")),
        raw(b"\r\n\r\nHarbor"),
        raw(*(field(b"a%d" % number, b"1") for number in range(MAX_PARTS + 1))),
    ],
)
async def test_what_is_no_form_is_a_422(client, office, body):
    answer = await client.post(SAVE, content=body, headers=office.billing | {"content-type": FORM})
    assert set(problems(answer)) == {("body",)}


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=other"])
async def test_a_form_needs_its_boundary(client, office, boundary):
    headers = office.billing | {"content-type": f"multipart/form-data{boundary}"}
    answer = await client.post(SAVE, content=raw(field(b"name", b"Harbor")), headers=headers)
    assert set(problems(answer)) == {("body",)}


async def test_a_field_is_there_once_and_without_nul(client, office):
    headers = office.billing | {"content-type": FORM}
    answer = await client.post(SAVE, content=raw(field(b"name", b"A"), field(b"name", b"B")), headers=headers)
    assert problems(answer) == {("body", "name"): "expected once"}
    answer = await client.post(SAVE, content=raw(field(b"name", b"A\0B")), headers=headers)
    assert set(problems(answer)) == {("body", "name")}


async def test_a_form_sent_again_is_answered_again_whatever_its_boundary(client, office):
    headers = office.billing | {"Idempotency-Key": str(uuid4())}
    answers = [await client.post(SAVE, files=form(name="Harbor"), headers=headers) for _ in range(2)]
    assert answers[0].request.headers["content-type"] != answers[1].request.headers["content-type"]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotent-replayed"] == "true"


def test_a_part_without_end_is_no_form():
    with pytest.raises(InvalidRequestError):
        form_as_json(raw(field(b"name", b"Harbor"))[:-12], "frontier", LocationIn)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def test_a_photo_is_kept_and_shown_to_whoever_has_its_link(client, office):
    saved = await client.post(
        SAVE, files=form(id="loc_photo", name="Harbor") | {"photo": ("a.png", PNG)}, headers=office.billing
    )
    url = saved.json()["photoUrl"]
    shown = await client.get(url)
    assert (shown.status_code, shown.headers["content-type"], shown.content) == (200, "image/png", PNG)
    # Another photo under the same link, and one sent as JSON.
    jpeg = b"\xff\xd8\xff" + bytes(100)
    body = {"id": "loc_photo", "photo": base64.b64encode(jpeg).decode()}
    assert (await client.post(SAVE, json=body, headers=office.billing)).json()["photoUrl"] == url
    assert (await client.get(url)).content == jpeg
    for token in (url.rpartition("/")[2][:-1], "x", url.rpartition("/")[2] + "A"):
        assert (await client.get(f"/location-photos/{token}")).status_code == 404


async def test_what_is_no_photo_is_refused(client, office):
    for content in (b"%PDF-1.7", b"<svg/>", b"GIF"):
        files = form(name="Harbor") | {"photo": ("a.png", content)}
        answer = await client.post(SAVE, files=files, headers=office.billing)
        assert problems(answer) == {("body", "photo"): "expected an image: JPEG, PNG, WebP or GIF"}
    files = form(name="Harbor") | {"photo": ("a.png", PNG + bytes(1_000_000))}
    assert set(problems(await client.post(SAVE, files=files, headers=office.billing))) == {("body", "photo")}
    # Nobody chose a file.
    files = form(name="Harbor") | {"photo": ("", b"")}
    assert (await client.post(SAVE, files=files, headers=office.billing)).json()["photoUrl"] is None


async def test_ids_at_partners_are_kept(client, office):
    ids = {"dosespotClinicId": "123", "spakinectLocationId": "s-9"}
    saved = (await client.post(SAVE, json={"name": "Harbor", **ids}, headers=office.billing)).json()
    assert ids.items() <= saved.items()
    assert (
        ids.items()
        <= (await client.post(SAVE, json={"id": saved["id"], "city": "X"}, headers=office.billing)).json().items()
    )
