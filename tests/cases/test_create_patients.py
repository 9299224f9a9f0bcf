"""A patient is found by e-mail within the clinic, and what is told of them is brought up to date."""

import pytest

from tests.cases.bodies import case_body, with_payment, with_user

ADDRESS = {
    "addressLine1": "1 First Street",
    "addressLine2": "Floor 2",
    "city": "New York",
    "state": "NY",
    "country": "US",
    "postalCode": "10001",
}
PATIENTS = "SELECT {} FROM patients WHERE organization_id = %s AND lower(email) = lower(%s)"


@pytest.fixture
def patient(rows, clinic):
    """The one patient with an e-mail: the columns asked for."""

    async def read(email, columns="email"):
        (found,) = await rows(PATIENTS.format(columns), clinic.organization_id, email)
        return found

    return read


async def test_an_email_in_other_letters_is_the_same_patient(created, patient, clinic):
    body = case_body(clinic.product_id, forceCreate=True)
    await created(body)
    await created(with_user(body, email=body["user"]["email"].upper(), firstName="Grace Brewster"))
    assert await patient(body["user"]["email"], "first_name") == ("Grace Brewster",)


async def test_details_are_brought_up_to_date(created, patient, clinic):
    body = case_body(clinic.product_id, forceCreate=True)
    await created(body)
    new = {"lastName": "Murray", "phoneNumber": "+13125550123", "gender": "FEMALE"}
    await created(with_user(body, **new, shippingAddress=ADDRESS, languagePreferences=["es"]))

    kept = await patient(
        body["user"]["email"],
        "last_name, phone_number, date_of_birth::text, gender, address_line1, city, postal_code, language_preferences",
    )
    assert kept == (
        "Murray", "+13125550123", "1990-05-15", "FEMALE", "1 First Street", "New York", "10001", ["es"],
    )  # fmt: skip


async def test_what_is_not_sent_stays(created, patient, clinic):
    user = {"gender": "FEMALE", "languagePreferences": ["en", "es"], "shippingAddress": ADDRESS}
    body = with_user(case_body(clinic.product_id), **user)
    await created(body)
    known = {name: body["user"][name] for name in ("firstName", "lastName", "email")}
    await created({"status": "ABANDONED", "user": known, "products": body["products"]})

    columns = "phone_number, date_of_birth::text, gender, language_preferences, address_line2"
    assert await patient(body["user"]["email"], columns) == (
        "+12125550123", "1990-05-15", "FEMALE", ["en", "es"], "Floor 2",
    )  # fmt: skip


async def test_a_new_address_replaces_the_old_one_whole(created, patient, clinic):
    body = with_user(case_body(clinic.product_id, forceCreate=True), shippingAddress=ADDRESS)
    await created(body)
    await created(with_user(body, shippingAddress={"addressLine1": "2 Second Street", "city": "Boston"}))
    kept = await patient(body["user"]["email"], "address_line1, address_line2, city, state, postal_code")
    assert kept == ("2 Second Street", None, "Boston", None, None)


async def test_languages_are_kept_in_their_order(created, patient, clinic):
    body = with_user(case_body(clinic.product_id), languagePreferences=["fr", "en", "pt-BR"])
    await created(body)
    assert await patient(body["user"]["email"], "language_preferences") == (["fr", "en", "pt-BR"],)


@pytest.mark.parametrize("is_test", [True, False])
async def test_is_test_marks_everything_that_follows(created, detail, rows, clinic, is_test):
    case_id = await created(with_payment(case_body(clinic.product_id, isTest=is_test)))

    assert (await detail(case_id))["isTest"] is is_test
    assert await rows("SELECT DISTINCT is_test FROM events WHERE case_id = %s", case_id) == [(is_test,)]
    assert await rows("SELECT is_test FROM payments WHERE case_id = %s", case_id) == [(is_test,)]


async def test_unpaid_needs_no_reference(created, detail, clinic):
    case_id = await created(case_body(clinic.product_id, payment={"amount": 20, "currency": "EUR", "status": "UNPAID"}))
    (payment,) = (await detail(case_id))["payments"]
    assert (payment["amount"], payment["status"]) == ("20.00", "UNPAID")


async def test_a_payment_keeps_its_reference_and_description(created, detail, rows, clinic):
    reference = {"type": "PAYMENT_INTENT", "id": "pi_1"}
    body = with_payment(case_body(clinic.product_id), description="Monthly Plan", providerReference=reference)
    case_id = await created(body)
    kept = await rows("SELECT reference_type, reference_id, currency FROM payments WHERE case_id = %s", case_id)
    assert kept == [("PAYMENT_INTENT", "pi_1", "USD")]
    assert (await detail(case_id))["payments"][0]["description"] == "Monthly Plan"


async def test_an_nmi_token_is_a_payment_token(created, rows, clinic):
    payment = {"amount": 20, "currency": "USD", "nmiPaymentToken": "nmi-1"}
    case_id = await created(case_body(clinic.product_id, payment=payment))
    kept = await rows("SELECT reference_type, reference_id FROM payments WHERE case_id = %s", case_id)
    assert kept == [("PAYMENT_TOKEN", "nmi-1")]


async def test_products_keep_order_visit_type_and_subscription(created, detail, clinic):
    products = [
        {"id": clinic.product_id, "visitType": "SYNC_VIDEO", "subscription": {"interval": "week", "intervalCount": 6}},
        {"id": clinic.product_id, "subscription": {"interval": "year"}},
        {"id": clinic.product_id},
    ]
    case_id = await created(case_body(clinic.product_id, products=products))

    shown = (await detail(case_id, includeCaseProducts="true"))["caseProducts"]

    assert [product["subscription"] for product in shown] == [
        {"interval": "week", "intervalCount": 6},
        {"interval": "year", "intervalCount": None},
        None,
    ]
    assert [product["caseProductRequests"][0]["visitType"] for product in shown] == ["SYNC_VIDEO", None, None]
