"""What is answered to what cannot be right: `{"detail": …}`, and for 422 the list of all that is wrong."""

import httpx
import pytest

from carelane.surfaces.billing import PREFIXES

CREATE = "/user/patient/create"
CART = "/billing/cart"
CARTS = "/billing/cart"
KEY = "Idempotency-Key"


async def problems(client, clinic, path, body, **headers):
    """The problems of a refused body, as (place, type)."""
    options = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = await client.post(path, headers=clinic.billing | headers, **options)
    assert answer.status_code == 422, answer.text
    return [(tuple(problem["loc"]), problem["type"]) for problem in answer.json()["detail"]]


# ---- bodies


async def test_all_that_is_wrong_is_listed_in_its_place(client, clinic):
    line = {"itemId": 5, "quantity": "many", "unitPrice": 1.5, "discountAmount": -1, "discountPercentage": 101}
    body = {"status": "NEW", "notes": [], "expiresDate": "soon", "discountAmount": True, "items": [line, "x"]}
    found = await problems(client, clinic, CART, body)
    assert set(found) >= {
        (("body", "patientId"), "missing"),
        (("body", "status"), "enum"),
        (("body", "notes"), "string_type"),
        (("body", "expiresDate"), "value_error"),
        (("body", "discountAmount"), "int_type"),
        (("body", "items", 0, "itemId"), "string_type"),
        (("body", "items", 0, "unitPrice"), "int_type"),
        (("body", "items", 1), "dict_type"),
    }
    assert {place for place, _ in found} == {
        ("body", "patientId"), ("body", "status"), ("body", "notes"), ("body", "expiresDate"), ("body", "discountAmount"),
        ("body", "items", 0, "itemId"), ("body", "items", 0, "quantity"), ("body", "items", 0, "unitPrice"),
        ("body", "items", 0, "discountAmount"), ("body", "items", 0, "discountPercentage"), ("body", "items", 1),
    }  # fmt: skip


async def test_a_place_in_a_list_is_a_number_that_can_be_one(client, clinic):
    long = "9" * 5_000
    found = await problems(client, clinic, CREATE, {f"[{long}]\0": 1, "meta": {"a[3]": ["\0"]}})
    # Names that a caller made up are cut.
    assert [place for place, _ in found] == [("body", long[:79] + "…"), ("body", "meta", "a", 3, 0)]


@pytest.mark.parametrize(
    ("member", "value", "kind"),
    [
        ("firstName", 5, "string_type"),
        ("firstName", ["Ann"], "string_type"),
        ("creditBalance", "5_0", "int_type"),
        ("creditBalance", 1.5, "int_type"),
        ("creditBalance", True, "int_type"),
        ("creditBalance", -1, "value_error"),
        ("addressValid", "yes", "bool_type"),
        ("meta", [], "dict_type"),
        ("dateOfBirth", 5, "date_type"),
        ("dateOfBirth", "yesterday", "value_error"),
        ("patientSource", "PARENTS", "enum"),
        ("patientMedications", "aspirin", "list_type"),
        ("firstName", "x" * 201, "value_error"),
    ],
)
@pytest.mark.parametrize("is_snake", [False, True])
async def test_each_fault_has_its_type_and_its_name_on_the_wire(client, clinic, member, value, kind, is_snake):
    sent = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in member) if is_snake else member
    assert await problems(client, clinic, CREATE, {"lastName": "Lee", sent: value}) == [(("body", member), kind)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"no json",
        b"\xff\xfe",
        b'{"firstName": "\xff"}',
        b'{"firstName": NaN}',
        b"[" * 5_000,
        b'{"a":' * 5_000,
    ],
    ids=["nothing", "half", "words", "bytes", "bad UTF-8", "no number", "lists in lists", "objects in objects"],
)
async def test_what_is_no_json_is_one_problem_of_the_whole(client, clinic, body):
    assert await problems(client, clinic, CREATE, body) == [(("body",), "json_invalid")]


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"5", b"null"])
async def test_what_is_json_and_no_object_is_one_problem_of_the_whole(client, clinic, body):
    assert await problems(client, clinic, CREATE, body) == [(("body",), "dict_type")]


async def test_nul_is_found_wherever_it_stands(client, clinic):
    body = {"first_name": "A\0", "meta": {"some_text": ["\0"]}, "lastName": "Lee"}
    found = await problems(client, clinic, CREATE, body)
    assert found == [(("body", "firstName"), "value_error"), (("body", "meta", "some_text", 0), "value_error")]


async def test_the_answer_names_what_would_be_accepted_and_not_what_was_sent(client, clinic):
    body = {"lastName": "Lee", "patientSource": "SECRET-VALUE", "email": "SECRET-VALUE", "dateOfBirth": "SECRET-VALUE"}
    answer = await client.post(CREATE, json=body, headers=clinic.billing)
    assert answer.status_code == 422
    assert "SECRET-VALUE" not in answer.text
    assert "SELF_SCHEDULING" in answer.text


async def test_the_media_type_of_a_body_does_not_matter(client, clinic):
    headers = clinic.billing | {"content-type": "text/plain"}
    answer = await client.post(CREATE, content=b'{"firstName": "Ann"}', headers=headers)
    assert answer.status_code == 200


# ---- names


async def test_snake_case_makes_the_same_record(client, clinic):
    camel = {
        "firstName": "Ann",
        "addressLineTwo": "Top floor",
        "zipCode": "94111",
        "meta": {"some_key": {"zip_code": 1}},
    }
    snake = {
        "first_name": "Ann",
        "address_line_two": "Top floor",
        "zip_code": "94111",
        "meta": {"some_key": {"zip_code": 1}},
    }
    made = [(await client.post(CREATE, json=body, headers=clinic.billing)).json() for body in (camel, snake)]
    for one in made:
        one |= {"id": "", "createdDate": ""}
    assert made[0] == made[1]
    assert made[0]["meta"] == camel["meta"]


async def test_camel_case_counts_where_both_are_sent_and_the_unknown_is_ignored(client, clinic):
    body = {"first_name": "Snake", "firstName": "Camel", "nickname": {"first_name": 5}, "first_names": []}
    answer = await client.post(CREATE, json=body, headers=clinic.billing)
    assert (answer.status_code, answer.json()["firstName"]) == (200, "Camel")


# ---- query and headers


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        (CARTS, {"page": "-1", "size": "101"}, [("page", "value_error"), ("size", "value_error")]),
        (CARTS, {"page": "x", "size": "1.5"}, [("page", "int_type"), ("size", "int_type")]),
        (CARTS, {"page": "9" * 30}, [("page", "value_error")]),
        (CARTS, {"search": "a\0b", "patient_id": "\0"}, [("search", "value_error"), ("patient_id", "value_error")]),
        ("/billing/cart/list", {"status": "OPEN"}, [("status", "enum")]),
        ("/billing/quote/list", {"status": "open", "page": "x"}, [("status", "enum"), ("page", "int_type")]),
        ("/billing/charge/list", {"status": "UNPAID"}, [("status", "enum")]),
    ],
)
async def test_all_that_is_wrong_in_a_query_is_listed(client, clinic, path, query, expected):
    answer = await client.get(path, params=query, headers=clinic.billing)
    assert answer.status_code == 422
    found = [(tuple(problem["loc"]), problem["type"]) for problem in answer.json()["detail"]]
    assert sorted(found) == sorted((("query", name), kind) for name, kind in expected)


async def test_a_choice_in_a_query_names_the_choices(client, clinic):
    answer = await client.get("/billing/quote/list", params={"status": "SECRET"}, headers=clinic.billing)
    (problem,) = answer.json()["detail"]
    assert problem["msg"] == "expected one of ACCEPTED, CONVERTED, DECLINED, DRAFT, EXPIRED, SENT, VIEWED"


async def test_days_are_counted_in_the_query_of_a_post(client, clinic):
    for days in ("0", "-1", "x", "1.5"):
        answer = await client.post("/billing/cart/expire-old", params={"days_old": days}, headers=clinic.billing)
        assert answer.status_code == 422
        assert [problem["loc"] for problem in answer.json()["detail"]] == [["query", "days_old"]]


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "schlüssel".encode()])
async def test_a_bad_idempotency_key_is_named_beside_the_bodys_faults(client, clinic, key):
    named = (("header", KEY), "value_error")
    assert await problems(client, clinic, CREATE, {"firstName": "Ann"}, **{KEY: key}) == [named]
    assert await problems(client, clinic, CREATE, {"firstName": 5, "lastName": "Lee"}, **{KEY: key}) == [
        (("body", "firstName"), "string_type"), named,
    ]  # fmt: skip


async def test_a_key_that_was_used_for_another_body_is_named(client, clinic):
    headers = clinic.billing | {KEY: "used-twice"}
    await client.post(CREATE, json={"firstName": "Ann"}, headers=headers)
    assert await problems(client, clinic, CREATE, {"firstName": "Ben"}, **{KEY: "used-twice"}) == [
        (("header", KEY), "value_error")
    ]


# ---- places


@pytest.mark.parametrize(
    "path", [*PREFIXES, *(f"{prefix}/no/such" for prefix in PREFIXES), "/billing/", "/billing/%00"]
)
async def test_a_wrong_url_is_not_found_in_the_dialect(client, clinic, path):
    for headers in ({}, clinic.billing):
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize("path", ["/billings", "/administration", "/users/patient"])
async def test_a_url_beside_the_prefixes_is_no_business_of_the_dialect(client, path):
    answer = await client.get(path)
    assert answer.status_code == 404
    assert list(answer.json()) != ["detail"]


@pytest.mark.parametrize(("method", "path"), [("DELETE", CARTS), ("PATCH", CREATE), ("GET", "/billing/quote/send/")])
async def test_a_wrong_method_names_the_right_ones(client, clinic, method, path):
    answer = await client.request(method, path, headers=clinic.billing)
    if answer.status_code == 405:
        assert list(answer.json()) == ["detail"]
        assert "POST" in answer.headers["allow"]
    else:
        assert path == "/billing/quote/send/"
        assert answer.status_code == 404


async def test_a_body_that_is_too_large_is_refused(server, client, clinic):
    answer = await client.post(CREATE, content=b" " * 1_048_577, headers=clinic.billing)
    assert (answer.status_code, list(answer.json())) == (413, ["detail"])

    async def in_pieces():
        for _ in range(20):
            yield b" " * 100_000

    async with httpx.AsyncClient(base_url=server.url, timeout=30) as streaming:
        answer = await streaming.post(CREATE, content=in_pieces(), headers=clinic.billing)
    assert (answer.status_code, list(answer.json())) == (413, ["detail"])
