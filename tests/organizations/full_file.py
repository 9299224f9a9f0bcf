"""An organization file with everything that one can say, and texts that YAML could take for something else."""

from base64 import b64encode

from carelane.apply.logos.schemas import write_picture
from tests.pictures import JPEG, png

LONG = "a-secret-of-more-than-thirty-two-characters"
HOSTILE = [
    "yes", "No", "null", "~", "", "1e3", "0x10", "010", "1_000", "12:30", "2027-01-01", "2027-01-01T00:00:00Z", "=", "<<",
    "- a", "a: b", "a #b", "#", "&x", "*x", "!tag", "%x", "@x", "`x`", "|", ">", "'", '"', "\\", "{a}", "[a]", ", ",
    " leading", "trailing ", "tab\there", "two\nlines", "line\r\nends\r", "\n", "next\x85line", "sep\u2028arated\u2029", "\ufeffbom",
    "bell\x07", "del\x7f", "é ü 漢字", "👩🏽‍⚕️ 🧪", "${HOME}", "${X} in a text", "$${Y}", "true", "False", "---", "...", ".inf", "x" * 4000,
]  # fmt: skip


def full_content(tenant: str) -> dict:
    """Each section, each field that is not what is usual."""
    return {
        "organization": {
            "tenant": tenant, "name": "Moss & Fern: care", "casePrefix": "MOS", "caseType": "GLP_2", "validationProfile": "strict",
            "assignmentPolicy": "least_loaded", "notificationEmails": ["a@moss.example"], "currency": "EUR",
            "requestsPerMinute": 77, "storefrontOrigins": ["https://moss.example"], "answerWithinHours": 12,
        },
        "payments": {
            "policy": "hold", "orderRequiresPayment": False,
            "fees": [{"kind": "syringeKit", "amount": "20.00"}, {"kind": "other", "label": "Lab: kit", "amount": "5"}],
            "gateways": {"stripe": {
                "test": {"secretKey": "${TK}", "webhookSecret": "${TW}", "previousWebhookSecret": "${TP}"},
                "live": {"secretKey": "${LK}", "isActive": False}}},
        },
        "branding": {
            "linkName": tenant[:60], "tagline": "yes", "form": "Intake", "defaultBundle": "Plan", "monthlyCost": "99.99",
            "showGDPRLogo": True, "isPartner": False, "selfSignUpProfileFields": ["firstName", "no"],
            "faq": [{"question": "1e3", "answer": "two\nlines"}],
            "testimonials": [{"customerName": "D", "content": "${X}", "rating": 5, "createdAt": "2026-03-14", "isVerified": True}],
        },
        "keys": [{"name": "Desk", "scopes": ["catalog:read", "cases:read"], "secret": "${KEY}"}],
        "clients": [{"name": "Desk", "scopes": ["cases:write"], "secret": "${CLIENT}"}],
        "products": [
            {"name": "Tablets", "price": "24.00", "currency": "EUR", "description": "- one\n- two", "imageUrl": "https://x.example/a",
             "type": "MEDICATION", "category": "no", "brandName": "1e3", "internalNotes": "# ours", "exemptedTaxes": ["Some", "State"]},
            {"name": "Drops", "price": 7, "isActive": False}, {"name": "Yen", "price": "700", "currency": "JPY"},
        ],
        "forms": [{
            "name": "Intake", "description": "#", "showStepsIndividually": True, "isActive": False, "questions": [
                {"text": "Do you?", "type": "SINGLESELECT", "options": ["Yes", "No", "010"], "isPHI": True, "required": True,
                 "optionFlags": {"Yes": "Look: here"}, "hint": "~", "placeholder": "null", "renderMode": "cards"},
                {"text": "Which?", "type": "TEXT", "condition": {"questionIndex": 0, "response": ["Yes", "010"]}, "flag": "Any", "carry": True},
                {"text": "Sign", "type": "STATEMENT", "organizationDocument":
                 {"id": "01a21af9-a122-7379-a227-166de81b0e54", "fileName": "a.pdf", "isGlobal": True}},
            ]}],
        "bundles": [
            {"name": "Plan", "price": "99", "products": ["Tablets", "Drops"], "intakeForm": "Intake", "followupForm": "Intake",
             "initialDiscount": "1.50", "isSoldOut": True, "isVisible": False, "linkName": "plan", "tag": "off", "priceUnit": "EUR",
             "soldOutListText": "Gone", "soldOutListColor": "#fff", "soldOutModalText": "Soon", "soldOutModalColor": "red"},
            {"name": "Old", "price": "1", "isArchived": True},
        ],
        "locations": [{"name": "Main", "addressLine1": "1 A", "addressLine2": "B", "city": "C", "state": "NY", "postalCode": "01234",
                       "country": "US", "timezone": "America/New_York"}, {"name": "Gone", "isActive": False, "isVirtual": True}],
        "taxes": [{"name": "State", "percentage": "8.265", "locations": ["Main", "Gone"]},
                  {"name": "Some", "percentage": 0, "scope": "SPECIFIC_CATEGORIES", "categories": ["no"], "isActive": False}],
        "promoCodes": [
            {"code": "TEN", "discountPercentage": "12.5", "bundles": ["Old", "Plan"], "startsAt": "2027-03-01T00:00:00-05:00",
             "endsAt": "2027-04-01T00:00:00Z", "maxUses": 0, "isVisible": True, "label": "yes", "description": "1e3"},
            {"code": "1e3", "discountAmount": "10.00", "currency": "EUR", "isActive": False},
        ],
        "staff": [
            {"email": "A@moss.example", "firstName": "Ada", "lastName": "O'Brien", "role": "CASEWORKER", "title": "Dr.",
             "titleSuffix": "MD", "npi": "1234567893", "dea": "AB1234563", "phoneNumber": "+12125550123", "addressLine1": "1 A",
             "city": "C", "state": "NY", "postalCode": "01234", "country": "US", "takesCases": False,
             "licenses": [{"state": "NY", "number": "0042", "expiresOn": "2031-06-30"}, {"state": "CA", "number": 7, "expiresOn": "2030-01-01"}],
             "availability": {"timezone": "America/New_York", "appointmentMinutes": 45, "meetingLink": "https://m.example/x",
                              "hours": [{"days": ["mon", "tue"], "from": "09:00", "to": "24:00"}],
                              "exceptions": [{"date": "2027-07-05"}, {"date": "2027-07-10", "hours": [{"from": "10:00", "to": "12:00"}]}]}},
            {"email": "b@moss.example", "firstName": "B", "lastName": "B", "role": "ADMIN", "givenId": "member 7", "isActive": False},
        ],
        "pharmacies": [{"code": "box", "name": "Box", "adapter": "simulator"}, {"code": "BOX", "name": "Box", "adapter": "http",
                       "url": "https://rx.example/in", "secret": "${PHARMACY}", "isActive": False},
                       {"code": "fhir", "name": "F", "adapter": "simulator-fhir", "secret": "${OWN_SIMULATOR}"}],
        "drugs": [{"code": "d1", "name": "One", "product": "Tablets", "ndc": "0169-4525-14"}, {"code": "d2", "name": "Two",
                   "schedule": "IV", "isActive": False}],
        "webhooks": [
            {"name": "Shop", "url": "https://shop.example/hook", "secret": "${HOOK}", "events": ["ORDER_STATUS_CHANGED", "CHANGE_CASE_STATUS"],
             "documentFormat": "BASE64", "payload": "EVENT_ONLY", "secretHeader": "X-Secret"},
            {"name": "Off", "url": "https://shop.example/off", "secret": "${OFF}", "enabled": False},
        ],
        "mailTemplates": [
            {"kind": "RECEIPT", "language": "es", "subject": "Gracias de {clinic}", "text": "Hola {firstName}:\n\n{link}\n  - yes\n# no"},
            {"kind": "QUOTE", "language": "en", "subject": "yes", "text": "{link}\t\n{message}",
             "html": '<p style="color: red" lang=en>A &amp; B <b>{link}</b><br/></p>'},
        ],
        "logos": {"pages": b64encode(png()).decode(), "receipts": write_picture(JPEG)},
    }  # fmt: skip


SECRETS = {
    "TK": "sk_test_1", "TW": "whsec_1", "TP": "whsec_0", "LK": "sk_live_1", "KEY": LONG + "k", "CLIENT": LONG + "c",
    "PHARMACY": LONG + "p", "OWN_SIMULATOR": LONG + "s", "HOOK": LONG + "h", "OFF": LONG + "o",
}  # fmt: skip
# The same secrets by the variables of the export.
EXPORTED = {
    "STRIPE_TEST_KEY": "TK", "STRIPE_TEST_WEBHOOK_SECRET": "TW", "STRIPE_TEST_PREVIOUS_WEBHOOK_SECRET": "TP", "STRIPE_LIVE_KEY": "LK",
    "KEY_DESK_SECRET": "KEY", "CLIENT_DESK_SECRET": "CLIENT", "PHARMACY_BOX_SECRET": "PHARMACY", "PHARMACY_FHIR_SECRET": "OWN_SIMULATOR",
    "WEBHOOK_SHOP_SECRET": "HOOK", "WEBHOOK_OFF_SECRET": "OFF",
}  # fmt: skip
