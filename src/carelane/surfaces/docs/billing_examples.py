"""Request bodies of the billing dialect shown in the documentation; that of a new cart is seed 004's."""

from typing import Any

Example = dict[str, Any]

CREATE_CART: Example = {
    "patientId": "<string>",
    "id": "<string>",
    "creatorId": "<string>",
    "status": "DRAFT",
    "notes": "<string>",
    "expiresDate": "2023-11-07T05:31:56Z",
    "discountAmount": 0,
    "discountPercentage": 0,
    "items": [],
}
_LINES: list[Example] = [
    {"itemId": "itm_consultation", "quantity": 1.5, "unitPrice": 12_000},
    {"packageId": "pkg_starter", "quantity": 1, "discountPercentage": 10, "notes": "Welcome offer"},
]
CART_WITH_LINES: Example = {
    "patientId": "pat_jane",
    "id": "cart_1",
    "creatorId": "prov_ada",
    "expiresDate": "2030-01-31T00:00:00Z",
    "discountAmount": 500,
    "discountPercentage": 0,
    "items": _LINES,
}
CREATE_PATIENT: Example = {
    "id": "pat_jane",
    "firstName": "Jane",
    "lastName": "Roe",
    "email": "jane.roe@example.com",
    "phoneNumber": "+12125550123",
    "dateOfBirth": "1990-05-15",
    "address": "1 Main Street",
    "city": "New York",
    "state": "NY",
    "zipCode": "10001",
    "country": "US",
    "patientSource": "FORM",
    "meta": {"campaign": "spring"},
}
CREATE_QUOTE: Example = {
    "id": "quo_1",
    "patientId": "pat_jane",
    "cartId": "cart_1",
    "creatorId": "prov_ada",
    "title": "Your treatment plan",
    "validUntilDate": "2030-01-31T00:00:00Z",
    "terms": "Payable within 14 days.",
    "requiresPatientVerification": True,
}
CREATE_ITEM: Example = {
    "id": "itm_consultation",
    "name": "Consultation",
    "price": 12_000,
    "type": "SERVICE",
    "isPhysical": False,
    "category": "Visits",
    "exemptedTaxIds": [],
}
CREATE_PACKAGE: Example = {
    "id": "pkg_starter",
    "name": "Starter",
    "price": 30_000,
    "items": [{"itemId": "itm_consultation", "quantity": 3, "price": 10_000}],
}
_CONVERSION: Example = {"description": "First visit", "externalId": "shop-4711", "locationId": "loc_main"}

_LISTENER: Example = {
    "subscriptions": ["PATIENT_CREATED", "CHARGE_CREATED"],
    "url": "https://shop.example/decoda",
    "notificationEmail": "ops@shop.example",
}
_CONFIG: Example = {
    "webhookUrl": "https://shop.example/decoda",
    "webhookEnabled": True,
    "webhookSubscriptions": ["PATIENT_CREATED"],
}

# Of 24 by 8 pixels, in one color.
_PICTURE = "iVBORw0KGgoAAAANSUhEUgAAABgAAAAICAIAAABsw6g0AAAAFElEQVR4nGPgjimhCmIYNWgkGwQAF32kQVcP3zAAAAAASUVORK5CYII="

BILLING_EXAMPLES: dict[str, dict[str, Any]] = {
    "createWebhook": {"listener": _LISTENER},
    "updateWebhook": {"fewer": {"subscriptions": ["CHARGE_CREATED"]}},
    "updateWebhookConfig": {"config": _CONFIG},
    "createPatient": {"patient": CREATE_PATIENT, "snakeCase": {"first_name": "Jane", "last_name": "Roe"}},
    "updatePatient": {"medications": {"patientMedications": ["Lisinopril 10 mg"], "allergies": ["Penicillin"]}},
    "archivePatients": {"archive": {"patientIds": ["pat_jane"], "isArchived": True}},
    "createPatientTag": {"tag": {"name": "VIP", "emoji": "⭐", "color": "#ffcc00"}},
    "updatePatientTag": {"rename": {"name": "Regular"}},
    "assignPatientTags": {"tags": {"patientId": "pat_jane", "tagIds": ["2f1c1d9e-9b0a-4a53-9d0e-0f1a2b3c4d5e"]}},
    "uploadTenantLogo": {"logo": {"file": _PICTURE}},
    "uploadTenantReceiptLogo": {"logo": {"file": _PICTURE}},
    "updateOrCreateLocation": {"location": {"id": "loc_main", "name": "Main Street", "timezone": "America/New_York"}},
    "createTax": {"tax": {"name": "State sales tax", "percentage": 8.25, "scope": "PRODUCTS_ONLY"}},
    "updateTax": {"rate": {"percentage": 8.5}},
    "createItem": {"item": CREATE_ITEM},
    "updateItem": {"price": {"price": 12_500}},
    "bulkUpdateItemTaxes": {"exempt": {"updates": [{"itemId": "itm_consultation", "exemptedTaxIds": []}]}},
    "createPackage": {"package": CREATE_PACKAGE},
    "updatePackage": {"package": CREATE_PACKAGE | {"price": 28_000}},
    "createCart": {"cart": CREATE_CART, "lines": CART_WITH_LINES},
    "replaceCart": {"cart": CART_WITH_LINES},
    "addCartItem": {"item": _LINES[0], "package": _LINES[1]},
    "changeCartItem": {"change": {"quantity": 3, "discountPercentage": 20}},
    "convertCartToCharge": {"conversion": {"cartId": "cart_1"} | _CONVERSION},
    "createQuote": {"quote": CREATE_QUOTE},
    "updateQuote": {"terms": {"validUntilDate": "2030-02-28T00:00:00Z", "discountPercentage": 5}},
    "addQuoteItem": {
        "item": {"itemId": "itm_consultation", "quantity": 1, "unitPrice": 9_000, "description": "Check-up"}
    },
    "updateQuoteItem": {"change": {"quantity": 2}},
    "sendQuote": {
        "now": {"quoteId": "quo_1", "method": "email", "message": "As we discussed."},
        "later": {"quoteId": "quo_1", "method": "sms", "scheduleSendDate": "2030-01-02T09:00:00Z"},
    },
    "respondToQuote": {
        "accept": {"quoteId": "quo_1", "response": "accept", "preferredPaymentMethodId": "pm_1"},
        "decline": {"quoteId": "quo_1", "response": "decline", "message": "Not this year."},
    },
    "convertQuoteToCharge": {"conversion": {"quoteId": "quo_1"} | _CONVERSION},
    "sendReceipt": {"mail": {"paymentId": "0190f000-0000-7000-8000-000000000000", "useEmail": True}},
    "verifyPaymentLinkPatient": {
        "patient": {
            "patientId": "pat_1",
            "lastName": "Vale",
            "phoneNumber": "+12125550100",
            "dateOfBirth": "1985-03-27",
        }
    },
    "createInvoice": {"mail": {"patientId": "pat_1", "message": "Thank you for coming.", "invoiceMethod": "EMAIL"}},
    "retryInvoiceMethod": {"text": {"invoiceSetId": "0190f000-0000-7000-8000-000000000000", "method": "SMS"}},
}
