"""Values of parameters that the OpenAPI document does not list, by their names: found in the database that is asked.

Where a list may be filtered, a value that many fit, one that few fit, and one that nobody does. A range or a list is written with `|`.
"""

from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg

_NOBODY = str(uuid4())
_DELIVERY: LiteralString = """
SELECT d.{0} FROM webhook_deliveries d JOIN webhook_endpoints w ON w.organization_id = d.organization_id AND w.id = d.endpoint_id
WHERE d.organization_id = %s AND w.dialect = '{1}' ORDER BY d.created_at, d.id OFFSET 50 LIMIT 1
"""
_FIRST: LiteralString = "SELECT {0} FROM {1} WHERE organization_id = %s ORDER BY {2} LIMIT 1"


def known_values(conn: psycopg.Connection, organization_id: UUID) -> dict[str, list[str]]:
    def one(statement: LiteralString) -> str:
        row = conn.execute(statement, (organization_id,)).fetchone()
        return str(row[0]) if row and row[0] is not None else _NOBODY

    case = one(
        "SELECT id FROM cases WHERE organization_id = %s AND status = 'APPROVED' ORDER BY created_at OFFSET 50 LIMIT 1"
    )
    patient = one(
        "SELECT patient_id FROM cases WHERE organization_id = %s AND status = 'APPROVED' ORDER BY created_at OFFSET 50 LIMIT 1"
    )
    staff = one("SELECT id FROM staff WHERE organization_id = %s AND takes_cases ORDER BY email DESC LIMIT 1")
    charge = one("SELECT id FROM charges WHERE organization_id = %s ORDER BY created_at LIMIT 1")
    payable = one(
        "SELECT id FROM charges WHERE organization_id = %s AND status = 'OUTSTANDING' AND case_id IS NULL AND outstanding_cents > 200 LIMIT 1"
    )
    product = one("SELECT id FROM products WHERE organization_id = %s ORDER BY name DESC LIMIT 1")
    pharmacy = one("SELECT id FROM pharmacies WHERE organization_id = %s ORDER BY name DESC LIMIT 1")
    credential = one("SELECT id FROM credentials WHERE organization_id = %s ORDER BY id LIMIT 1")
    order = one("SELECT id FROM orders WHERE organization_id = %s ORDER BY id OFFSET 50 LIMIT 1")
    payment = one("SELECT id FROM payments WHERE organization_id = %s ORDER BY id OFFSET 50 LIMIT 1")
    delivery, attempt = (one(_DELIVERY.format("id", dialect)) for dialect in ("CARE", "BILLING"))
    endpoint, webhook = (one(_DELIVERY.format("endpoint_id", dialect)) for dialect in ("CARE", "BILLING"))
    email = one(
        "SELECT email FROM patients WHERE organization_id = %s AND email IS NOT NULL ORDER BY created_at LIMIT 1"
    )
    last_name = one("SELECT last_name FROM patients WHERE organization_id = %s ORDER BY created_at LIMIT 1")
    external = one(
        "SELECT external_id FROM patients WHERE organization_id = %s AND external_id IS NOT NULL ORDER BY created_at LIMIT 1"
    )
    short_id = one("SELECT short_id FROM cases WHERE organization_id = %s ORDER BY created_at LIMIT 1")
    quote = one("SELECT id FROM quotes WHERE organization_id = %s ORDER BY created_at LIMIT 1")
    cart = one("SELECT cart_id FROM quotes WHERE organization_id = %s ORDER BY created_at LIMIT 1")
    now = datetime.now(UTC) - timedelta(minutes=5)
    days = [(now - timedelta(days=days)).date().isoformat() for days in (30, 3)]
    moments = [(now - timedelta(days=days)).isoformat() for days in (30, 3)]
    parts = [last_name[:3], f"Ada {last_name}", "qqzzqq"]
    people = {
        "patient_id": [patient, _NOBODY], "patient_ids": [patient], "creator_id": [staff, _NOBODY], "provider_id": [staff],
        "assignedTo": [staff, "me", "none", _NOBODY], "email": [email], "user_email": [email], "provider_email": [email],
        "phone_number": ["2120000", "999999"], "phoneNumber": ["+12120000001"], "phone-number": ["+12120000001"], "name": parts,
        "secrets": ["none"], "search": [*parts, "Product 1", "DRAFT", cart], "search_term": [*parts, email, external, "2120000", "1990-05-15"],
        "external_id": [external, "nobody"], "patient_external_id": [external, "nobody"], "date_of_birth": ["1990-05-15", "1950-01-01|1950-02-01"],
        "lead_source": ["web", "nobody"], "tag_ids": [one("SELECT id FROM patient_tags WHERE organization_id = %s LIMIT 1"), _NOBODY],
        "payment_method_id": [one("SELECT id FROM payment_methods WHERE organization_id = %s ORDER BY id LIMIT 1")],
        "payer": parts, "external_patient_id": [external, "nobody"], "creator_name": ["Ada", "qqzzqq"], "last4": ["4242", "0000"],
        "comment": ["visit", "qqzzqq"], "payment_mediums": ["SAVED_PAYMENT_METHOD", "CASH", "Nothing"], "amount": ["1000|2000", "9999|9999"],
        "tags": [one("SELECT id FROM patient_tags WHERE organization_id = %s LIMIT 1"), _NOBODY], "payer_type": ["PATIENT", "INSURANCE"],
        "merchant_account_ids": [one("SELECT id FROM gateway_accounts WHERE organization_id = %s LIMIT 1"), _NOBODY],
        "fields": ["name", "email", "phoneNumber"],
        "note_id": [one("SELECT id FROM quick_notes WHERE organization_id = %s LIMIT 1")],
        "state": ["NY", "WY", "AK"], "provider_states": ["NY,CA"],
    }  # fmt: skip
    records = {
        "case_id": [case], "caseId": [case], "ref": [case], "order_id": [order], "payment_id": [payment], "chargeId": [charge], "charge_id": [charge], "charge_ids": [charge], "tip_id": [_NOBODY],
        "id": [charge, _NOBODY], "ids": [product], "cart_id": [cart, _NOBODY], "quote_id": [quote], "product_id": [product], "product": [product, _NOBODY],
        "productId": [product], "pharmacyId": [pharmacy, _NOBODY], "endpoint_id": [endpoint], "delivery_id": [delivery],
        "webhook_id": [webhook], "webhook_delivery_attempt_id": [attempt], "recordId": [case], "record_id": [case], "record_kind": ["cases"],
        "location_id": [one("SELECT id FROM locations WHERE organization_id = %s ORDER BY name LIMIT 1")],
        "location_ids": [one("SELECT id FROM locations WHERE organization_id = %s ORDER BY name LIMIT 1"), _NOBODY],
        "callback_id": [one("SELECT id FROM pharmacy_callbacks WHERE organization_id = %s ORDER BY id OFFSET 50 LIMIT 1")],
        "bundle_id": [one("SELECT id FROM bundles WHERE organization_id = %s LIMIT 1")],
        "product_bundle_id": [one("SELECT id FROM bundles WHERE organization_id = %s LIMIT 1")],
        "package_id": [one("SELECT id FROM bundles WHERE organization_id = %s LIMIT 1")],
        "form_id": [one("SELECT id FROM forms WHERE organization_id = %s AND product_id IS NULL LIMIT 1")],
        "formId": [one("SELECT id FROM forms WHERE organization_id = %s AND product_id IS NULL LIMIT 1")],
        "promo_code_id": [one("SELECT id FROM promo_codes WHERE organization_id = %s LIMIT 1")],
        "tax_id": [one("SELECT id FROM taxes WHERE organization_id = %s LIMIT 1")],
        "drug_id": [one("SELECT id FROM drugs WHERE organization_id = %s LIMIT 1")],
        "template_id": [one("SELECT id FROM templates WHERE organization_id = %s LIMIT 1")],
        "tag_id": [one("SELECT id FROM patient_tags WHERE organization_id = %s LIMIT 1")],
        "file_id": [one("SELECT id FROM attachments WHERE organization_id = %s LIMIT 1")], "event_type_id": ["async_text"],
        "charge_external_id": ["charge-20", "nobody"], "contains_items": [product], "code": ["WELCOME"],
        "invoice_id": [_NOBODY], "rule_set_id": [_NOBODY],
        "return_url": ["https://nobody.example/"],
    }  # fmt: skip
    ranges = {
        "created_date": ["|".join(moments)], "payment_date": ["|".join(moments)], "created_before": [moments[0]], "created_after": [moments[0]],
        "delivery_date_before": [moments[0]], "delivery_date_after": [moments[0]], "start_date": [days[0]], "end_date": [days[1]], "from": [days[0]],
        "to": [days[1]], "until": [moments[1]], "timezone": ["UTC"], "price": ["1000|2000"], "price_range": ["1000|2000"], "total": ["1000|2000", "9999|9999"],
        "total_outstanding": ["1|2000", "9999|9999"], "send_time": ["|".join(moments)], "number_of_active_patients": ["0|10"],
    }  # fmt: skip
    pages = {
        "page": ["2", "100"], "size": ["100"], "per_page": ["100"], "limit": ["100"], "recordsPerPage": ["100"], "n": ["100"], "offset": ["50", "5000"],
        "after": [case], "before": [delivery], "now": ["1"],
    }  # fmt: skip
    flags = {name: ["true", "false"] for name in (
        "isActive", "isArchived", "isEscalated", "isTest", "isVisible", "needsAttention", "awaitingPatient", "fitsMyLicense", "includeAttachments",
        "includeCalendarEvents", "includeCaseProducts", "includeFollowupForm", "includeIntakeForm", "includeOptionalFollowupForm", "includeOrders",
        "include_expired", "include_used",
    )}  # fmt: skip
    of_audit = {
        "language": ["es", "en"], "mail_kind": ["QUOTE"], "mail_language": ["es"], "member_id": [staff], "pharmacy_id": [pharmacy], "credential_id": [credential],
        "/api/staff/mail-templates/{kind}/{language} kind": ["QUOTE"],
        "actor": [staff, "system", _NOBODY], "record": [case, patient, _NOBODY], "act": ["READ", "ADD_CASE_DECISION", "WEBHOOK_DISABLED"],
        "/api/staff/audit after": [str(uuid4())], "by": ["product", "person", "state"], "measure": ["decisions", "orders", "revenue", "refunds"],
        "key": [product, _NOBODY], "/api/staff/reports/rows after": [f"{int(now.timestamp()) * 1_000_000}-{UUID(case).hex}"],
    } | {f"/api/staff/reports{place} {name}": [month] for place in ("", "/export.csv", "/rows")
         for name, month in (("from", days[0][:7]), ("to", days[1][:7]))}  # fmt: skip
    words = {
        "q": [short_id[:7], "GRO-A", "ZZZ"], "category": ["Category 1"], "city": ["New York"], "description": ["visit"],
        "last_delivery_attempt_error": ["timeout"], "last_delivery_attempt_status": ["200"],
    }  # fmt: skip
    position = int(one("SELECT max(position) FROM events WHERE organization_id = %s"))
    lists, place = ("refunds", "disputes", "credits", "ledger"), int(now.timestamp()) * 1_000_000
    of_path = {
        "/api/staff/cases status": ["OPEN", "APPROVED", "OPEN|ASSIGNED"], "/api/staff/cases/{ref}/visibility status": ["OPEN"],
        "/api/v1/cases status": ["APPROVED", "OPEN"], "/api/v1/events after": ["0", str(position - 100)],
        "/api/staff/webhook-endpoints/{endpoint_id}/deliveries status": ["PENDING", "DELIVERED", "FAILED", "CANCELED"],
        "/api/staff/orders after": [order], "/api/staff/order-board/{column} after": [order], "/api/staff/payments after": [payment],
        "/api/staff/catalog/forms/{form_id}/compared before": ["1"],
        "/api/staff/patients after": [patient], "/api/staff/pharmacy-inbox after": [order], "/api/staff/messages after": [payment],
        "/billing/payment/table id": [payment, _NOBODY], "/billing/payment/table type": ["CARD"],
        "/api/staff/billing/payment/table id": [payment, _NOBODY], "/api/staff/billing/payment/table type": ["CARD"],
        "kind": ["charges", "payments", "refunds", "ledger"], "outstanding": ["1|2000", "9999|9999"], "patientId": [patient, _NOBODY],
        "/api/staff/billing/charges/{charge_id}/payment-plan charge_id": [payable], "installments": ["3"], "also": [payable],
        "frequency": ["MONTHLY"], "initialAmount": ["0", "100"], "startDate": [(now + timedelta(days=30)).date().isoformat()],
        "dispute_id": [_NOBODY], "credit_id": [_NOBODY],
        **{f"/api/staff/billing/{name} until": [days[1]] for name in (*lists, "charges", "exports/{kind}/count", "exports/{kind}/rows.csv")},
        **{f"/api/staff/billing/{name} after": [f"{place}-{UUID(int=0).hex}"] for name in lists},
        "/user/patient/table id": [patient, _NOBODY], "/user/patient/ids id": [patient, _NOBODY],
    }  # fmt: skip
    return people | records | ranges | pages | flags | words | of_audit | of_path | {"began": [moments[0]]}
