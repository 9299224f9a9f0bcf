"""Request bodies shown in the documentation, and sent by `carelane demo`: those of seeds 000, 001 and 004."""

from typing import Any

from carelane.surfaces.docs.billing_examples import BILLING_EXAMPLES
from carelane.surfaces.docs.desk_examples import DESK_EXAMPLES

PRODUCT_ID = "9fc0d0f5-f211-4bf9-b105-485b1f29eb39"

CREATE_CASE: dict[str, Any] = {
    "isTest": True,
    "forceCreate": False,
    "user": {
        "firstName": "John",
        "lastName": "Doe",
        "email": "john.doe@example.com",
        "gender": "MALE",
        "phoneNumber": "+1987654321",
        "dob": "1990-05-15",
        "languagePreferences": ["en"],
        "shippingAddress": {
            "addressLine1": "2720 Providence Hills Drive",
            "addressLine2": "",
            "city": "New York",
            "state": "NY",
            "country": "US",
            "postalCode": "28105",
        },
    },
    "payment": {
        "amount": 159,
        "currency": "USD",
        "description": "Monthly Plan",
        "providerReference": {"type": "SETUP_INTENT", "id": "seti_1Sk8JiGkkQS2eXzhTHyVTDj9"},
    },
    "products": [
        {
            "id": PRODUCT_ID,
            "visitType": "ASYNC_TEXT_EMAIL",
            "subscription": {"interval": "month", "intervalCount": 3},
            "form": {
                "title": "Healthcare Intake Form",
                "description": "Patient intake form for healthcare services",
                "questions": [
                    {"question": "How much do you weigh?", "answer": "138 lbs", "phi": True, "type": "TEXT"},
                    {
                        "question": "What are your weight loss goals?",
                        "answer": "Lose 1-20lbs for good",
                        "type": "SINGLESELECT",
                        "required": True,
                        "options": [
                            "Lose 1-20lbs for good",
                            "Lose 21-50lbs for good",
                            "Lose over 50 for good",
                            "Maintain my healthy weight",
                        ],
                    },
                ],
            },
        }
    ],
}

ABANDONED_CART: dict[str, Any] = {
    "status": "ABANDONED",
    "user": {"firstName": "Jane", "lastName": "Doe", "email": "abandoned@example.com"},
    "products": [{"id": PRODUCT_ID}],
}

PLACE_ORDER: dict[str, Any] = {
    "action": "PLACE_ORDER",
    "idempotencyKey": "unique-order-key-123",
    "order": {
        "shippingAddress": {
            "addressLine1": "123 Main St",
            "city": "San Francisco",
            "state": "CA",
            "country": "US",
            "postalCode": "94105",
        },
        "patientHealthInfo": {
            "allergies": "Penicillin",
            "healthConditions": "Hypertension",
            "currentMedications": "Lisinopril 10mg daily",
        },
        "prescriber": {
            "firstName": "John",
            "lastName": "Smith",
            "title": "Dr.",
            "titleSuffix": "MD",
            "npi": "1234567890",
            "email": "john.smith@example.com",
            "phoneNumber": "+1234567890",
            "address": {
                "addressLine1": "456 Medical Center Dr",
                "city": "San Francisco",
                "state": "CA",
                "country": "US",
                "postalCode": "94102",
            },
        },
        "diagnosis": "Hypertension",
        "pharmacyId": "pharmacy-123",
        "dateWritten": "2024-01-15",
        "prescriptionItems": [
            {
                "drugId": "drug-456",
                "direction": "Take 1 tablet daily with food",
                "quantity": "30",
                "refillCount": 3,
                "supplyDays": 30,
            }
        ],
    },
}

STOREFRONT_QUERY = """query ($linkName: String) { organizationPartnerIntegrationPublicInfo(linkName: $linkName) {
  organizationName tagline faq { question answer } productBundles { id name price priceUnit tag } } }"""

REQUEST_EXAMPLES = (
    {
        "askGraphql": {"storefront": {"query": STOREFRONT_QUERY, "variables": {"linkName": "harbor-health"}}},
        "createCase": {"case": CREATE_CASE, "abandonedCart": ABANDONED_CART},
        "placeOrder": {"order": PLACE_ORDER},
    }
    | BILLING_EXAMPLES
    | DESK_EXAMPLES
)
