"""What callers may write otherwise than the types say, as the vendor's server reads it; and what only looks like it."""

from uuid import uuid4

import pytest

from tests.own_clinic import make_clinic

CART, ITEMS, PATIENTS = "/billing/cart", "/inventory/items", "/user/patient"


@pytest.fixture(scope="module")
async def seller(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("reading"))


@pytest.fixture
def ask(client, seller):
    async def one(method, path, body=None, **params):
        content = {} if body is None else {"json": body}
        return await client.request(method, path, headers=seller.billing, params=params or None, **content)

    return one


@pytest.fixture
def good(ask):
    async def one(method, path, body=None, **params):
        answer = await ask(method, path, body, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return one


def wrong(answer):
    assert answer.status_code == 422, answer.text
    return [problem["loc"] for problem in answer.json()["detail"]]


async def test_a_cart_written_loosely_is_the_cart_written_strictly(good, seller):
    loose = {
        "patientId": seller.patient_id, "creatorId": "", "id": "", "status": "draft", "notes": "", "expiresDate": "2027-03-01",
        "discountAmount": 500.0, "discountPercentage": "33.333333333333336",
        "items": [{"itemId": seller.item_id, "packageId": "", "quantity": "2", "unitPrice": "15900", "notes": ""}],
    }  # fmt: skip
    strict = {
        "patientId": seller.patient_id, "expiresDate": "2027-03-01T00:00:00Z", "discountAmount": 500,
        "discountPercentage": 33.333333, "items": [{"itemId": seller.item_id, "quantity": 2, "unitPrice": 15_900}],
    }  # fmt: skip
    made = [await good("POST", CART, body) for body in (loose, strict)]
    for cart in made:
        for record in (cart, *cart["items"]):
            for name in ("id", "cartId", "createdDate", "updatedDate"):
                record.pop(name, None)
    assert made[0] == made[1]
    assert (made[0]["expiresDate"], made[0]["discountPercentage"]) == ("2027-03-01T00:00:00Z", 33.333333)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2027-03-01", "2027-03-01T00:00:00Z"),
        ("2027-03-01T10:30", "2027-03-01T10:30:00Z"),
        ("2027-03-01 10:30:05", "2027-03-01T10:30:05Z"),
        ("2027-03-01T10:30-05:00", "2027-03-01T15:30:00Z"),
        ("2027-03-01T10:30:00", "2027-03-01T10:30:00Z"),
        ("", None),
    ],
)
async def test_a_moment_may_be_a_day_or_lack_its_seconds(good, seller, moment, shown):
    for name in ("expiresDate", "expires_date"):
        assert (await good("POST", CART, {"patientId": seller.patient_id, name: moment}))["expiresDate"] == shown


@pytest.mark.parametrize(
    "moment",
    [
        "2027-3-1",
        "01.03.2027",
        "2027-02-30",
        "\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT ZERO}\N{FULLWIDTH DIGIT TWO}\N{FULLWIDTH DIGIT SEVEN}-03-01",
        "20270301",
        "1803902400",
        "2027-03-01T",
    ],
)
async def test_what_is_no_moment_is_refused(ask, seller, moment):
    body = {"patientId": seller.patient_id, "expiresDate": moment}
    assert wrong(await ask("POST", CART, body)) == [["body", "expiresDate"]]


async def test_a_birth_date_may_be_sent_as_its_midnight(good, ask):
    for spelled in ("1990-05-01", "1990-05-01T00:00:00.000Z", "1990-05-01T00:00:00", "1990-05-01 00:00"):
        assert (await good("POST", f"{PATIENTS}/create", {"dateOfBirth": spelled}))["dateOfBirth"] == "1990-05-01"
    answer = await ask("POST", f"{PATIENTS}/create", {"dateOfBirth": "1990-05-01T05:00:00Z"})
    assert wrong(answer) == [["body", "dateOfBirth"]]


async def test_an_empty_text_is_not_given_where_none_need_be(good, ask):
    words = ("firstName", "email", "phoneNumber", "gender", "externalId", "dateOfBirth", "patientSource", "primaryLocationId",
             "creditBalance", "addressValid", "id", "zipCode", "leadSource")  # fmt: skip
    made = await good("POST", f"{PATIENTS}/create", dict.fromkeys(words, "") | {"lastName": "Lee"})
    assert (made["lastName"], made["creditBalance"]) == ("Lee", 0)
    assert {made[name] for name in words if name not in ("id", "creditBalance")} == {None}
    kept = await good("PUT", f"{PATIENTS}/{made['id']}", {"lastName": "", "city": "Albany"})
    assert (kept["lastName"], kept["city"]) == ("Lee", "Albany")
    # Where something must be said, nothing was.
    assert wrong(await ask("POST", f"{ITEMS}/create", {"name": "", "price": ""})) == [
        ["body", "name"],
        ["body", "price"],
    ]


async def test_whole_numbers_may_have_a_point_and_words_any_case(good, ask):
    body = {
        "name": "Vial",
        "price": 500.0,
        "cost": "300",
        "sortOrder": 3.0,
        "type": "medication",
        "unit": "ml",
        "isPhysical": "true",
    }
    made = await good("POST", f"{ITEMS}/create", body)
    assert {name: made[name] for name in body} == {
        "name": "Vial", "price": 500, "cost": 300, "sortOrder": 3, "type": "MEDICATION", "unit": "ML", "isPhysical": True,
    }  # fmt: skip
    body = {"name": "Vial", "price": 500.5, "cost": "3e2", "sortOrder": "1_0", "type": "medicine", "unit": "m l"}
    assert sorted(place[1] for place in wrong(await ask("POST", f"{ITEMS}/create", body))) == [
        "cost", "price", "sortOrder", "type", "unit"]  # fmt: skip


async def test_a_query_is_read_in_any_case_and_its_empty_values_not_at_all(good, seller):
    carts = [(await good("POST", CART, {"patientId": seller.patient_id}))["id"] for _ in range(2)]

    async def found(**params):
        return [cart["id"] for cart in (await good("GET", CART, **params))["data"]]

    newest = await found(size=2)
    assert newest == carts[::-1]
    assert await found(size=2, page=0) == newest
    assert (
        await found(size=2, sort_direction="DESC", statuses="draft", patient_id="", search="", creator_id="") == newest
    )
    assert (
        await found(size=2, sort_by="CreatedDate", sort_direction="Desc", statuses=["Draft", "EXPIRED"], page="")
        == newest
    )
    assert await found(size=2, statuses="converted") == []
    items = await good("GET", f"{ITEMS}/list", per_page=1000, page=0, sort_by="sortOrder", item_type="product", name="")
    assert items["total"] >= 1


@pytest.mark.parametrize(
    ("path", "params", "named"),
    [
        (CART, {"page": "-1"}, "page"),
        (CART, {"page": "1_0"}, "page"),
        (CART, {"page": "\N{FULLWIDTH DIGIT ONE}"}, "page"),
        (CART, {"page": "+1"}, "page"),
        (CART, {"page": "1e0"}, "page"),
        (CART, {"size": "101"}, "size"),
        (f"{ITEMS}/list", {"per_page": "1001"}, "per_page"),
        (f"{ITEMS}/list", {"per_page": "0"}, "per_page"),
        (f"{ITEMS}/list", {"price_range": ["1_0", "20"]}, "price_range"),
        (CART, {"statuses": "drafts"}, "statuses"),
    ],
)
async def test_a_query_that_only_looks_right_is_refused(ask, path, params, named):
    assert wrong(await ask("GET", path, **params))[0][:2] == ["query", named]


async def test_stocks_of_an_item_are_kept(good):
    stocks = [{"itemId": "item_1", "stockId": "stock_1", "quantityUsed": 0.5}]
    made = await good("POST", f"{ITEMS}/create", {"name": f"Stocked {uuid4()}", "price": 1, "stocks": stocks})
    assert made["stocks"] == stocks
    path = f"{ITEMS}/update/{made['id']}"
    assert (await good("PUT", path, {"price": 2}))["stocks"] == stocks
    assert (await good("PUT", path, {"stocks": []}))["stocks"] == []
    listed = (await good("GET", f"{ITEMS}/list", ids=made["id"]))["data"]
    assert [item["stocks"] for item in listed] == [[]]


async def test_taxes_that_are_null_are_none(good, seller):
    tax = await good(
        "POST", "/admin/taxes", {"name": "State", "percentage": "8.25", "locationIds": [seller.location_id]}
    )
    assert tax["percentage"] == 8.25
    for sent, kept in (([tax["id"]], [tax["id"]]), (None, [])):
        updates = [{"itemId": seller.item_id, "exemptedTaxIds": sent}]
        (item,) = await good("POST", f"{ITEMS}/bulk-update-taxes", {"updates": updates})
        assert item["exemptedTaxIds"] == kept


async def test_providers_have_roles_and_the_identifier(client, services, tmp_path, seller, good):
    (provider,) = await good("GET", "/admin/providers/list")
    assert [set(role) for role in provider["roles"]] == [{"id", "name", "userType", "createdDate", "updatedDate"}]
    assert provider["roles"][0]["userType"] in {"ADMIN", "PROVIDER", "USER"}
    assert provider["nationalProviderIdentifier"] == provider["npi"]
    assert await good("GET", f"/admin/providers/{provider['id']}") == provider


async def test_the_clinic_is_shown_to_its_own(client, seller, good, other_clinic):
    shown = await good("GET", "/tenant/public")
    assert (shown["name"], shown["subDomain"]) == ("Own Clinic", seller.tenant)
    for headers, status in (
        ({}, 401),
        (seller.billing | {"TENANT": other_clinic.tenant}, 401),
        ({"API-KEY": seller.catalog_only_key, "TENANT": seller.tenant}, 200),
    ):
        answer = await client.get("/tenant/public", headers=headers)
        assert (answer.status_code, "detail" in answer.json()) == (status, status != 200)


@pytest.mark.parametrize("prefix", ["/tenant", "/webhook", "/billing", "/inventory", "/user", "/admin"])
async def test_what_no_route_takes_is_answered_in_the_dialect(client, prefix):
    for method, path, status in (("GET", f"{prefix}/nothing/at/all", 404), ("POST", f"{prefix}", 404)):
        answer = await client.request(method, path)
        assert (answer.status_code, list(answer.json())) == (status, ["detail"])


async def test_a_wrong_method_is_answered_in_the_dialect(client):
    for path in ("/tenant/public", CART, f"{ITEMS}/list", "/admin/taxes", f"{PATIENTS}/table"):
        answer = await client.patch(path)
        assert (answer.status_code, list(answer.json())) == (405, ["detail"])


async def test_the_table_of_patients_counts_and_sorts(good, ask, services, seller):
    table = (await good("GET", f"{PATIENTS}/table", id=seller.patient_id))["data"]
    assert [
        (row["appointmentCount"], row["totalSpent"], row["memberships"], row["optedOutOfSms"]) for row in table
    ] == [(0, 0, [], False)]
    assert {"primaryLocationName", "lastAppointmentDate", "goalWeight", "measurements", "medications"} <= table[
        0
    ].keys()
    for name in ("appointmentCount", "totalSpent", "appointment_count", "total_spent"):
        for direction in ("asc", "DESC"):
            shown = await good("GET", f"{PATIENTS}/table", sort_by=name, sort_direction=direction)
            assert shown["total"] == len(shown["data"])
            assert (await ask("GET", f"{PATIENTS}/ids", sort_by=name, sort_direction=direction)).status_code == 200


async def test_a_patient_is_found_by_the_date_of_birth(good):
    made = await good("POST", f"{PATIENTS}/create", {"firstName": "Quilla", "dateOfBirth": "1971-03-09"})
    for term in ("1971-03-09", "3/9/1971", "03/09/1971", "quilla 1971-03-09", "3-9-1971 Quilla"):
        found = await good("GET", f"{PATIENTS}/search", search_term=term)
        assert [patient["id"] for patient in found] == [made["id"]], term
    assert await good("GET", f"{PATIENTS}/search", search_term="1971-03-10") == []
