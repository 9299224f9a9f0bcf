"""A row in each table that reading a whole case does not fill."""

from contextlib import suppress
from hashlib import sha256
from uuid import UUID

from psycopg.errors import UniqueViolation

from carelane.kit.auth import digest, new_secret
from carelane.kit.ids import uuid7
from carelane.services import Services
from tests.factories.orders import place_order
from tests.factories.pharmacies import add_drug, add_pharmacy, license_member
from tests.factories.rows import insert_link, insert_row
from tests.factories.staff import hire
from tests.safety.money_tables import fill_books, fill_desk, fill_money


async def fill(services: Services, organization_id: UUID, case_id: UUID, event_id: UUID) -> None:
    here = (services, organization_id)
    member = await hire(*here, "Row", "Everywhere")
    await license_member(*here, member, "NY", "2030-01-01")
    # Over, and not so long ago that the job of old sessions takes it away in the middle of a test.
    ended = {"token_digest": digest(new_secret("cvt")), "expires_at": "2199-01-01", "revoked_at": "2020-01-01"}
    session = await insert_row(*here, "sessions", staff_id=member, **ended)
    await insert_link(*here, "refresh_tokens", session_id=session, token_digest=digest(new_secret("cvr")))
    await insert_row(*here, "staff_devices", staff_id=member, token_digest=digest(new_secret("cvd")))
    over = {"kind": "RESET", "created_at": "2199-01-01", "expires_at": "2199-01-02", "revoked_at": "2020-01-01"}
    await insert_row(*here, "staff_links", staff_id=member, **over)
    with suppress(UniqueViolation):
        words = {"subject": "Row", "text": "{link}"}
        await insert_link(*here, "mail_templates", kind="QUOTE", language="en", **words)
    await insert_row(*here, "saved_views", staff_id=member, name="Row", query="state=NY")
    # One of each for the organization, whoever was here before, the worker too.
    with suppress(UniqueViolation):
        await insert_link(*here, "daily_figures", day="2020-01-01", kind="CASES", numbers="{}")
    with suppress(UniqueViolation):
        await insert_link(*here, "figure_marks", seen_at="2020-01-01")
    with suppress(UniqueViolation):
        await insert_link(*here, "report_figures", day="2020-01-01", span="DAY", numbers="{}")
    with suppress(UniqueViolation):
        await insert_link(*here, "report_marks", seen_at="2020-01-01", timezone="UTC", currency="USD")
    await insert_link(*here, "case_pauses", case_id=case_id, asked_at="2020-01-01", ended_at="2020-01-01")
    await insert_link(*here, "recovery_codes", staff_id=member, code_digest=b"row")
    named = {"record_kind": "cases", "record_id": case_id, "form": "reply"}
    await insert_row(*here, "drafts", staff_id=member, sealed=b"x", **named)
    pharmacy = await add_pharmacy(*here, code=f"row-{uuid7()}", is_active=False)
    await add_drug(*here, code=f"row-{uuid7()}", is_active=False)
    order = await place_order(*here, case_id, status="DELIVERED", pharmacy_id=pharmacy)
    await insert_row(*here, "order_attempts", order_id=order, call="new_rx", outcome="done", duration_milliseconds=1)
    times = {"starts_at": "2020-01-01T15:00:00Z", "ends_at": "2020-01-01T15:30:00Z", "timezone": "UTC"}
    appointment = await insert_row(*here, "calendar_events", case_id=case_id, **times)
    await insert_link(*here, "calendar_slots", staff_id=member, starts_at=times["starts_at"], event_id=appointment)
    told = {"pharmacy_id": pharmacy, "message_id": f"{uuid7()}", "status": "APPLIED", "sealed": b"x"}
    await insert_row(*here, "pharmacy_callbacks", **told)
    answer = {"key_digest": uuid7().bytes, "request_digest": b"x", "status": 200, "answer_sealed": b"x"}
    await insert_row(*here, "idempotency_keys", **answer)
    endpoint = {"name": f"{uuid7()}", "url": "https://x.example", "secret_sealed": b"x", "disabled_at": "2020-01-01"}
    endpoint_id = await insert_row(*here, "webhook_endpoints", **endpoint, disabled_reason="BY_STAFF")
    await insert_row(*here, "notifications", event_id=event_id, recipient="x@x.example", status="SENT")
    settled = {"endpoint_id": endpoint_id, "event_id": event_id, "status": "CANCELED", "next_attempt_at": None}
    delivery = await insert_row(*here, "webhook_deliveries", **settled)
    await insert_row(*here, "webhook_attempts", delivery_id=delivery, number=1, duration_milliseconds=1)
    code = await insert_row(
        *here, "promo_codes", code=f"{uuid7()}", discount_percentage=5, currency="USD", is_active=False
    )
    held = {"status": "UNDONE", "body_sealed": b"x", "ended_at": "2020-01-01"}
    held |= {"due_at": "2199-01-01", "next_at": "2199-01-01"}
    await insert_row(*here, "pending_decisions", case_id=case_id, staff_id=member, **held)
    await insert_row(*here, "templates", staff_id=member, kind="REPLY", name=f"{uuid7()}", content="{}")
    await insert_link(*here, "promo_code_uses", promo_code_id=code, case_id=case_id)
    await _fill_billing(here, member)
    await fill_money(services, organization_id, case_id, member)


async def _fill_billing(here: tuple[Services, UUID], member: UUID) -> None:
    """What the billing side has beside the care side's tables; its drafts are archived, so that no job takes them up."""
    archived = {"archived_at": "2020-01-01"}
    location = await insert_row(*here, "locations", name="Row", **archived)
    await insert_link(*here, "location_photos", location_id=location, media_type="image/png", content=b"Row")
    patient = await insert_row(*here, "patients", first_name="Row", **archived)
    await insert_row(*here, "payment_mediums", name="Row", name_key=f"{uuid7()}", **archived)
    noted = {"note_sealed": b"Row", "creator_id": member}
    await insert_row(*here, "quick_notes", patient_id=patient, **noted, **archived)
    tag = await insert_row(*here, "patient_tags", name=f"{uuid7()}")
    await insert_link(*here, "patient_tag_assignments", patient_id=patient, tag_id=tag)
    kept = await insert_row(*here, "patients", first_name="Row", **archived)
    merge = await insert_row(*here, "patient_merges", kept_id=kept, merged_id=patient, was_archived=True)
    await insert_link(*here, "patient_merge_moves", merge_id=merge, kind="case", record_id=uuid7())
    digests = dict.fromkeys(("identifier_digest", "address_digest", "code_digest"), b"row")
    asked_for = dict.fromkeys(("created_at", "expires_at"), "2199-01-01")
    await insert_row(*here, "portal_codes", patient_id=patient, **digests, **asked_for)
    tax = await insert_row(*here, "taxes", name="Row", percentage=1, **archived)
    await insert_link(*here, "tax_locations", tax_id=tax, location_id=location)
    product = await insert_row(*here, "products", name="Row", price_cents=1, currency="USD", is_active=False)
    await insert_link(*here, "product_tax_exemptions", product_id=product, tax_id=tax)
    amounts = dict.fromkeys(("subtotal_cents", "discount_cents", "tax_cents", "total_cents"), 0)
    priced = amounts | {"patient_id": patient, "currency": "USD"}
    cart = await insert_row(*here, "carts", **priced, **archived)
    line = {
        "position": 0,
        "product_id": product,
        "quantity": 1,
        "unit_price_cents": 0,
        "tax_cents": 0,
        "total_cents": 0,
    }
    await insert_row(*here, "cart_lines", cart_id=cart, **line)
    quote = await insert_row(*here, "quotes", cart_id=cart, creator_id=member, **priced)
    await insert_row(*here, "quote_lines", quote_id=quote, **line)
    settled = {"status": "CANCELED", "next_attempt_at": None}
    await insert_row(*here, "quote_messages", quote_id=quote, method="email", **settled)
    message = {"kind": "QUOTE_LINK", "channel": "MAIL", "record_kind": "quote", "record_id": quote, "status": "SENT"}
    await insert_row(*here, "messages", **message, due_at=None, settled_at="2199-01-01")
    asked = {"discount_amount_cents": 0, "discount_percentage": 0}
    code = await insert_row(
        *here, "promo_codes", code=f"{uuid7()}", discount_percentage=5, currency="USD", is_active=False
    )
    bundle = await insert_row(*here, "bundles", name="Row", price_cents=1, currency="USD", **archived)
    await insert_link(*here, "promo_code_bundles", promo_code_id=code, bundle_id=bundle)
    charge = await insert_row(*here, "charges", cart_id=cart, outstanding_cents=0, **priced, **asked)
    await insert_link(*here, "bill_pages", patient_id=patient)
    invoice = await insert_row(
        *here,
        "invoices",
        patient_id=patient,
        method="EMAIL",
        status="SENT",
        amount_cents=1,
        currency="USD",
        is_test=True,
    )
    await insert_link(*here, "invoice_charges", invoice_id=invoice, charge_id=charge, amount_cents=1)
    await insert_row(*here, "charge_lines", charge_id=charge, name="Row", **line, **asked)
    adjustment = {"kind": "WRITE_OFF", "amount_cents": 0, "reason_sealed": b"Row"}
    await insert_row(*here, "charge_adjustments", charge_id=charge, created_by_staff_id=member, **adjustment)
    tip = await insert_row(
        *here, "charge_tips", charge_id=charge, staff_id=member, amount_cents=1, removed_at="2020-01-01"
    )
    await insert_row(*here, "tip_changes", tip_id=tip, staff_id=member, amount_cents=1)
    await fill_desk(here, patient, charge)
    await fill_books(here)
    with suppress(UniqueViolation):
        await insert_link(*here, "branding", id=uuid7(), link_name=f"row-{uuid7()}", content="{}")
    with suppress(UniqueViolation):
        row = {
            "media_type": "image/png",
            "width": 1,
            "height": 1,
            "content": b"Row",
            "digest": sha256(b"Row").hexdigest(),
        }
        await insert_link(*here, "logos", used_on="pages", **row)
    calendar = {"staff_id": member, "timezone": "UTC", "appointment_minutes": 30, "hours": "[]", "exceptions": "[]"}
    await insert_link(*here, "staff_availability", **calendar)
    window = {"began_at": "2020-01-01", "taken": 0}
    with suppress(UniqueViolation):
        await insert_link(*here, "request_windows", **window)
    with suppress(UniqueViolation):
        await insert_link(*here, "request_counts", kind="billing", **window)
