"""Cases: what a storefront sends, and what happens to a case afterwards that no route does yet."""

from typing import Any
from uuid import UUID, uuid4

from carelane.services import Services
from tests.factories.rows import insert_link, insert_row, update_row


def case_body(product_id: str, email: str | None = None, **members: Any) -> dict[str, Any]:
    """A small body for POST /api/v1/cases with one sealed and one open answer, from a patient nobody else uses."""
    questions = [
        {"question": "How much do you weigh?", "answer": "138 lbs", "phi": True, "type": "TEXT"},
        {"question": "What is your goal?", "answer": "Less", "type": "SINGLESELECT", "options": ["Less", "More"]},
    ]
    return {
        "user": {
            "firstName": "Iris",
            "lastName": "Marker",
            "email": email or f"{uuid4().hex}@patient.example",
            "gender": "FEMALE",
            "phoneNumber": "+12125550142",
            "dob": "1988-02-29",
            "shippingAddress": {
                "addressLine1": "1 Pier Street",
                "addressLine2": "Apt 2",
                "city": "New York",
                "state": "NY",
                "country": "US",
                "postalCode": "10004",
            },
        },
        "payment": {
            "amount": 159,
            "currency": "USD",
            "description": "Monthly Plan",
            "providerReference": {"type": "SETUP_INTENT", "id": f"seti_{uuid4().hex}"},
        },
        "products": [{"id": product_id, "form": {"title": "Intake of the factory", "questions": questions}}],
    } | members


async def change_case(services: Services, organization_id: UUID, case_id: UUID, **values: Any) -> None:
    """Sets columns of the case: who has it, why it was archived, when it moved."""
    await update_row(services, organization_id, "cases", case_id, **values)


async def add_assignee(services: Services, organization_id: UUID, case_id: UUID, staff_id: UUID, **values: Any) -> None:
    await insert_link(services, organization_id, "case_assignees", case_id=case_id, staff_id=staff_id, **values)


async def add_request(services: Services, organization_id: UUID, case_product_id: UUID, **values: Any) -> UUID:
    """A further request for the product of a case, such as a refill."""
    return await insert_row(
        services, organization_id, "case_product_requests", case_product_id=case_product_id, **values
    )
