"""A case to which everything happened that the detail can show; `expected` is what must then be read.

Each part is written and told side by side, so that a difference is found in one place.
"""

import base64
from typing import Any
from uuid import UUID

import msgspec

from carelane.cases.queries import ARCHIVE_NOTE
from carelane.cases.schemas import MedicationIn
from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.detail.asking import create_case
from tests.detail.matching import A_MOMENT, AN_ID, person
from tests.detail.whole_commerce import add_calendar, add_orders, add_payments
from tests.detail.whole_subject import EVENING, MORNING, NOON, WholeCase, ask_one, named
from tests.factories.cases import add_assignee, add_request, case_body, change_case
from tests.factories.conversations import comment
from tests.factories.decisions import decide, prescribe
from tests.factories.documents import attach
from tests.factories.rows import insert_row
from tests.factories.staff import hire

SCAN, LETTER, PICTURE = b"%PDF-scan", "Grüße".encode(), b"\x89PNG-picture"


async def build(client: CheckedClient, services: Services, clinic: Clinic) -> WholeCase:
    organization_id = UUID(clinic.organization_id)
    body = case_body(clinic.product_id)
    del body["payment"]
    body["promoCodes"] = {"Promo": "LOSE10"}
    first = body["products"][0]
    first["visitType"] = "SYNC_VIDEO"
    first["subscription"] = {"interval": "month", "intervalCount": 3}
    first["form"]["description"] = "Asked once"
    file = {"name": "scan.pdf", "data": base64.b64encode(SCAN).decode(), "contentType": "application/pdf"}
    first["form"]["questions"].append({"question": "A scan", "type": "FILE", "required": True, "answer": [file]})
    second = await insert_row(services, organization_id, "products", name="Tablets", price_cents=1, currency="USD")
    body["products"].append({"id": str(second)})
    case = WholeCase(
        services=services,
        clinic=clinic,
        id=await create_case(client, clinic, body),
        ada=await hire(services, organization_id, "Ada", "Berg", **ADAS_COLUMNS),
        ben=await hire(services, organization_id, "Ben", "Cole", email=f"ben-{second}@staff.example"),
    )
    await _basics(case, body["user"])
    await _products(case, first, second)
    await _responses(case, first["form"])
    for add in (_decisions, _comments, add_payments, add_calendar, add_orders):
        await add(case)
    return case


ADAS_COLUMNS = {
    "title": "Dr.", "title_suffix": "MD", "npi": "1234567893", "dea": "AB1234563", "phone_number": "+12125550100",
    "address_line1": "9 Quay", "address_line2": "Suite 1", "city": "Boston", "state": "MA", "postal_code": "02110",
    "country": "US",
}  # fmt: skip


async def _basics(case: WholeCase, user: dict[str, Any]) -> None:
    key = await case.services.keyring.data_key(case.organization_id)
    await change_case(
        *case.here, status="APPROVED", is_archived=True, is_escalated=True, is_imported=True, referral_code="FRIEND",
        archive_reason="DUPLICATE", archive_note_sealed=key.seal(b"Seen twice", ARCHIVE_NOTE, case.id),
        bundle_id=case.clinic.bundle_id, warnings=["mind"],
        assigned_to_id=case.ada, assigned_by_id=case.ben, hr_rep_id=case.ben, in_progress_by_id=case.ada,
        closed_by_id=case.ada, assigned_at=MORNING, in_progress_at=NOON, closed_at=EVENING,
    )  # fmt: skip
    await add_assignee(*case.here, case.ben, created_at=NOON)
    await add_assignee(*case.here, case.ada, created_at=MORNING)
    patient_id, title, short_id = await ask_one(
        case, "SELECT patient_id, title, short_id FROM cases WHERE id = %s", case.id
    )
    (bundle_name,) = await ask_one(case, "SELECT name FROM bundles WHERE id = %s", case.clinic.bundle_id)
    ada, ben = person(case.ada, "Ada", "Berg"), person(case.ben, "Ben", "Cole")
    case.patient = person(patient_id, user["firstName"], user["lastName"])
    address = user["shippingAddress"]
    case.expected |= {
        "id": str(case.id), "type": "GLP", "title": title, "status": "APPROVED", "shortId": short_id,
        "createdAt": A_MOMENT, "updatedAt": A_MOMENT, "assignedAt": MORNING, "inProgressAt": NOON,
        "closedAt": EVENING, "isArchived": True, "isEscalated": True, "isImported": True, "isTest": False,
        "warnings": ["mind"], "referralCode": "FRIEND", "promoCodes": {"Promo": "LOSE10"}, "closedBy": str(case.ada), "inProgressBy": str(case.ada),
        "archiveReason": "DUPLICATE", "archiveNote": "Seen twice", "productBundleId": case.clinic.bundle_id,
        "productBundle": {"id": case.clinic.bundle_id, "name": bundle_name}, "assignedTo": ada, "hrRep": ben,
        "assignedBy": ben, "assignees": [{"assignee": ada}, {"assignee": ben}],
        "submitter": case.patient | {
            "email": user["email"], "dob": "1988-02-29", "gender": "FEMALE", "phoneNumber": "+12125550142",
            "address": address["addressLine1"], "address2": address["addressLine2"], "city": "New York",
            "state": "NY", "postalCode": "10004",
        },
        "activity": [{
            "id": AN_ID, "type": "CREATE_CASE", "isPHI": False, "isRestricted": False, "timestamp": A_MOMENT,
            "valueBefore": None, "valueAfter": None,
        }],
    }  # fmt: skip


async def _products(case: WholeCase, first: dict[str, Any], second: UUID) -> None:
    """The first product has been asked for twice: only the refill is shown."""
    (name,) = await ask_one(case, "SELECT name FROM products WHERE id = %s", first["id"])
    (case_product_id,) = await ask_one(
        case, "SELECT id FROM case_products WHERE case_id = %s AND position = 0", case.id
    )
    request_id = await add_request(
        case.services, case.organization_id, case_product_id, status="SHIPPED", visit_type="SYNC_PHONE",
        created_at="2040-01-01T00:00:00Z", updated_at="2040-01-02T00:00:00Z",
    )  # fmt: skip
    case.expected["caseProducts"] = [
        {
            "id": str(case_product_id),
            "createdAt": A_MOMENT,
            "organizationProduct": {"id": first["id"], "name": name},
            "subscription": {"interval": "month", "intervalCount": 3},
            "caseProductRequests": [{
                "id": str(request_id), "status": "SHIPPED", "formResponseId": None, "visitType": "SYNC_PHONE",
                "createdAt": "2040-01-01T00:00:00Z", "updatedAt": "2040-01-02T00:00:00Z",
            }],
        },
        {
            "id": AN_ID,
            "createdAt": A_MOMENT,
            "organizationProduct": {"id": str(second), "name": "Tablets"},
            "subscription": None,
            "caseProductRequests": [{
                "id": AN_ID, "status": "PENDING", "formResponseId": None, "visitType": None,
                "createdAt": A_MOMENT, "updatedAt": A_MOMENT,
            }],
        },
    ]  # fmt: skip


async def _responses(case: WholeCase, form: dict[str, Any]) -> None:
    texts = ["138 lbs", "Less", '["scan.pdf"]']
    case.expected["responses"] = [{
        "id": AN_ID,
        "isDraft": False,
        "form": {"id": AN_ID, "name": form["title"], "description": "Asked once"},
        "responses": [
            {
                "id": AN_ID,
                "isArchived": False,
                "text": text,
                "createdAt": A_MOMENT,
                "question": {
                    "index": index, "type": asked["type"], "text": asked["question"],
                    "isPHI": asked.get("phi", False), "options": asked.get("options", []),
                    "required": asked.get("required", False),
                },
                "respondent": case.patient,
            }
            for index, (asked, text) in enumerate(zip(form["questions"], texts, strict=True))
        ],
    }]  # fmt: skip
    deleted = await attach(
        *case.here, PICTURE, "gone.png", is_restricted=True, is_phi=True, uploaded_by_staff_id=case.ben,
        created_at="2040-01-01T00:00:00Z", deleted_at="2040-01-02T00:00:00Z",
    )  # fmt: skip
    case.expected["attachments"] = [
        _document(AN_ID, "scan.pdf", A_MOMENT, case.patient, SCAN),
        _document(str(deleted), "gone.png", "2040-01-01T00:00:00Z", person(case.ben, "Ben", "Cole"), None)
        | {"isRestricted": True, "isPHI": True},
    ]


def _document(document_id: Any, name: str, created_at: Any, by: dict[str, str], content: bytes | None) -> Any:
    shown = {
        "id": document_id, "isRestricted": False, "isPHI": False, "fileName": name, "isDeleted": content is None,
        "createdAt": created_at, "uploadedBy": by,
    }  # fmt: skip
    return shown if content is None else shown | {"content": base64.b64encode(content).decode()}


async def _decisions(case: WholeCase) -> None:
    refused = await decide(*case.here, case.ben, is_no_decision=True, created_at=MORNING)
    approved = await decide(
        *case.here, case.ada, "Fit for treatment", is_approved=True, is_paid=True, start_date="2026-03-01",
        end_date="2026-09-01", category="RENEWAL", visit_type="ORDER_FORM", product_id=case.clinic.product_id,
        created_at=NOON,
    )  # fmt: skip
    told = {
        "externalId": "med-7", "medicine": "Semaglutide", "isRefill": True, "dosage": "0.25 mg", "refillCount": 4,
        "pharmacyInstructions": "Keep cold", "dosingFrequency": "weekly", "treatmentPeriod": "6 months",
        "isPriorAuthRequested": True, "orderNote": "No alcohol swabs",
    }  # fmt: skip
    second = await prescribe(case.services, case.organization_id, approved, MedicationIn(medicine="Ondansetron"), 1)
    first = await prescribe(case.services, case.organization_id, approved, msgspec.convert(told, MedicationIn), 0)
    bare = msgspec.to_builtins(MedicationIn(medicine="Ondansetron"))
    ada = {
        "title": "Dr.", "titleSuffix": "MD", "npi": "1234567893", "dea": "AB1234563", "phoneNumber": "+12125550100",
        "address": "9 Quay", "address2": "Suite 1", "city": "Boston", "state": "MA", "postalCode": "02110",
        "country": "US",
    }  # fmt: skip
    common = {"isApproved": False, "isNoDecision": False, "isPaid": False} | dict.fromkeys(
        ("startDate", "endDate", "decisionText", "category", "visitType", "productId")
    )
    case.expected["decisions"] = [
        common
        | {"id": str(refused), "isNoDecision": True, "createdAt": MORNING, "medInfo": []}
        | {"addedBy": dict.fromkeys(ada) | await named(case, case.ben)},
        common
        | {
            "id": str(approved), "isApproved": True, "isPaid": True, "startDate": "2026-03-01",
            "endDate": "2026-09-01", "decisionText": "Fit for treatment", "category": "RENEWAL",
            "visitType": "ORDER_FORM", "productId": case.clinic.product_id, "createdAt": NOON,
            "medInfo": [told | {"id": str(first)}, bare | {"id": str(second)}],
            "addedBy": ada | await named(case, case.ada),
        },
    ]  # fmt: skip


async def _comments(case: WholeCase) -> None:
    ada = person(case.ada, "Ada", "Berg")
    patient_id = UUID(case.patient["id"])
    later = await comment(*case.here, "Thank you", author_patient_id=patient_id, created_at=EVENING)
    first = await comment(*case.here, "Welcome, Zoë", author_staff_id=case.ada, created_at=MORNING)
    note = await comment(*case.here, "Watch the dose", is_restricted=True, author_staff_id=case.ada, created_at=NOON)
    await comment(*case.here, "Never mind", author_staff_id=case.ada, deleted_at=NOON)
    letter = await attach(
        *case.here, LETTER, "Brief für Zoë.txt", comment_id=first, uploaded_by_staff_id=case.ada, created_at=NOON
    )

    def told(comment_id: UUID, text: str, created_at: str, author: dict[str, str], **members: Any) -> dict[str, Any]:
        usual = {"isRestricted": False, "forms": [], "attachments": []}
        return usual | {"id": str(comment_id), "text": text, "createdAt": created_at, "author": author} | members

    document = _document(str(letter), "Brief für Zoë.txt", NOON, ada, LETTER)
    case.expected["comments"] = [
        told(first, "Welcome, Zoë", MORNING, ada, attachments=[document]),
        told(later, "Thank you", EVENING, case.patient),
    ]
    case.expected["notes"] = [told(note, "Watch the dose", NOON, ada, isRestricted=True)]
