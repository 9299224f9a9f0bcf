"""The cases that case detail is measured on: many alike, each with something in every part of the answer."""

from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql

from bench.server import Server
from carelane.documents.queries import FILE_NAME
from carelane.forms.actions import want_version
from carelane.forms.queries import Question
from carelane.kit.db import Sealed, to_json
from carelane.kit.ids import uuid7
from carelane.kit.keyring import read_master_key
from carelane.kit.phi import DataKey
from carelane.orders.queries import ITEM, PARCEL_LOCATION, PARCEL_MESSAGE
from carelane.pharmacies.schemas import RxItem

CASES = 2_000
FIRST = 10_000_000
LAST = FIRST + CASES - 1
_QUESTIONS = 15
_TABLES = (
    "staff", "forms", "form_versions", "form_questions", "patients", "cases", "case_assignees", "case_products",
    "form_responses", "form_answers", "case_product_requests", "decisions", "decision_medications", "comments",
    "attachments", "payments", "payment_sub_fees", "calendar_events", "orders", "order_items", "order_shipping_logs", "events",
)  # fmt: skip

Row = dict[str, Any]
_NOW = datetime.now(UTC)


def case_id(number: int | str) -> str:
    """Case ids of this sample are numbered, so that wrk and pgbench can ask for any of them."""
    return f"{number}-0000-7000-8000-000000000000"


def insert(server: Server) -> None:
    """As the tables' owner, past the application: the writers of most of these rows come with later issues."""
    with psycopg.connect(server.database.owner_url) as conn:
        for start in range(FIRST, LAST + 1, 250):
            sample = _Sample(
                UUID(server.clinic.organization_id), UUID(server.clinic.product_id), data_key(conn, server)
            )
            if start == FIRST:
                sample.shared()
            for number in range(start, min(start + 250, LAST + 1)):
                sample.case(number)
            for table in _TABLES:
                _insert(conn, table, sample.rows.get(table, []))
        conn.commit()
        conn.autocommit = True
        conn.execute("VACUUM ANALYZE")


def _insert(conn: psycopg.Connection, table: str, rows: list[Row]) -> None:
    if not rows:
        return
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    statement: LiteralString = "INSERT INTO {0} ({1}) SELECT {1} FROM json_populate_recordset(null::{0}, %s)"
    conn.execute(sql.SQL(statement).format(sql.Identifier(table), columns), (to_json(rows),))


def data_key(conn: psycopg.Connection, server: Server) -> DataKey:
    """The key of the demo clinic."""
    organization_id = UUID(server.clinic.organization_id)
    row = conn.execute(
        "SELECT wrapped FROM organization_data_keys WHERE organization_id = %s", (organization_id,)
    ).fetchone()
    assert row is not None
    return DataKey(organization_id, read_master_key(server.data_dir, None).unwrap(organization_id, bytes(row[0])))


# Of all cases alike; made once in each run.
_STAFF, _FORM, _VERSION = uuid7(), uuid7(), uuid7()
_QUESTION_IDS = [uuid7() for _ in range(_QUESTIONS)]


class _Sample:
    def __init__(self, organization_id: UUID, product_id: UUID, key: DataKey) -> None:
        self.rows: dict[str, list[Row]] = {}
        self._organization_id = organization_id
        self._product_id = product_id
        self._key = key

    def _add(self, table: str, **values: Any) -> UUID:
        row = {"organization_id": self._organization_id, **values}
        self.rows.setdefault(table, []).append(row)
        return row.get("id", self._organization_id)  # type: ignore[no-any-return]

    def _seal(self, text: str, place: str, row_id: UUID) -> Sealed:
        return Sealed(self._key.seal(text.encode(), place, row_id))

    def shared(self) -> None:
        """The clinician, and the form with its questions."""
        self._add(
            "staff", id=_STAFF, email="bench@example.com", first_name="Ada", last_name="Byron", role="CASEWORKER",
            title="Dr.", npi="1234567893", phone_number="+12025550123", address_line1="1 Main Street", city="Boston",
            state="MA", postal_code="02108", country="US", takes_cases=False, created_at=_NOW,
        )  # fmt: skip
        questions = [
            Question(
                text=f"Question {index}: how have you been lately?", type="TEXT", required=True, is_phi=index % 2 == 0
            )
            for index in range(_QUESTIONS)
        ]
        wanted = want_version(self._product_id, "Bench intake form", "Fifteen questions", questions)
        self._add(
            "forms", id=_FORM, product_id=self._product_id, name=wanted.name, description=wanted.description,
            is_active=True, created_at=_NOW,
        )  # fmt: skip
        self._add(
            "form_versions",
            id=_VERSION,
            form_id=_FORM,
            number=1,
            questions_digest=Sealed(wanted.digest),
            created_at=_NOW,
        )
        for index, question in enumerate(questions):
            members = msgspec.structs.asdict(question)
            values = {name: value for name, value in members.items() if value is not msgspec.UNSET}
            self._add("form_questions", id=_QUESTION_IDS[index], form_version_id=_VERSION, index=index, **values)

    def case(self, number: int) -> None:
        patient_id, case_id_ = uuid7(), UUID(case_id(number))
        self._add(
            "patients", id=patient_id, email=f"bench-{number}@example.com", first_name="John", last_name="Doe",
            gender="MALE", phone_number="+12025550123", date_of_birth="1990-05-15", language_preferences=["en"],
            address_line1="2720 Providence Hills Drive", city="New York", state="NY", postal_code="28105", country="US",
            created_at=_NOW, updated_at=_NOW,
        )  # fmt: skip
        self._add(
            "cases", id=case_id_, short_id=f"BENCH-{number}", patient_id=patient_id, type="GLP", title="Semaglutide",
            status="APPROVED", is_test=True, is_archived=False, is_escalated=False, is_imported=False, warnings=[],
            assigned_to_id=_STAFF, assigned_by_id=_STAFF, assigned_at=_NOW, closed_at=_NOW, created_at=_NOW,
            updated_at=_NOW,
        )  # fmt: skip
        self._add("case_assignees", case_id=case_id_, staff_id=_STAFF, created_at=_NOW)
        self._form(case_id_, patient_id)
        self._decision(case_id_)
        self._conversation(case_id_, patient_id)
        self._payment(case_id_, patient_id)
        self._order(case_id_)
        for sequence, type_ in enumerate(("CREATE_CASE", "ADD_CASE_ASSIGNEE", "CHANGE_CASE_STATUS"), start=1):
            self._add(
                "events", id=uuid7(), type=type_, case_id=case_id_, actor_kind="key", is_phi=False, is_restricted=False,
                is_test=True, created_at=_NOW, dispatched_at=_NOW, case_sequence=sequence,
            )  # fmt: skip

    def _form(self, case_id_: UUID, patient_id: UUID) -> None:
        product = self._add(
            "case_products", id=uuid7(), case_id=case_id_, product_id=self._product_id, position=0, status="OPEN",
            subscription_interval="month", subscription_interval_count=3, created_at=_NOW,
        )  # fmt: skip
        response = self._add(
            "form_responses", id=uuid7(), case_id=case_id_, form_version_id=_VERSION, patient_id=patient_id,
            is_draft=False, created_at=_NOW,
        )  # fmt: skip
        self._add(
            "case_product_requests", id=uuid7(), case_product_id=product, status="APPROVED", form_response_id=response,
            visit_type="ASYNC_TEXT_EMAIL", created_at=_NOW, updated_at=_NOW,
        )  # fmt: skip
        for index, question_id in enumerate(_QUESTION_IDS):
            answer_id, text = uuid7(), f"I have been well, thank you; nothing to report under number {index}."
            sealed = self._seal(text, "form_answers.sealed", answer_id) if index % 2 == 0 else None
            self._add(
                "form_answers", id=answer_id, form_response_id=response, question_id=question_id,
                text=None if sealed else text, sealed=sealed, is_archived=False, created_at=_NOW,
            )  # fmt: skip

    def _decision(self, case_id_: UUID) -> None:
        decision_id = uuid7()
        self._add(
            "decisions", id=decision_id, case_id=case_id_, product_id=self._product_id, added_by_id=_STAFF,
            is_approved=True, is_no_decision=False, is_paid=True, start_date="2026-01-01", end_date="2026-04-01",
            decision_text_sealed=self._seal("Approved for three months.", "decisions.decision_text_sealed", decision_id),
            category="GLP", visit_type="ASYNC_TEXT_EMAIL", created_at=_NOW,
        )  # fmt: skip
        for position in range(2):
            medication_id = uuid7()
            text = (
                '{"medicine":"Semaglutide 0.25 mg","dosage":"0.25 mg","refillCount":2,"dosingFrequency":"once a week"}'
            )
            sealed = self._seal(text, "decision_medications.sealed", medication_id)
            self._add(
                "decision_medications", id=medication_id, decision_id=decision_id, position=position, sealed=sealed
            )

    def _conversation(self, case_id_: UUID, patient_id: UUID) -> None:
        """Two comments and a note, and two documents."""
        for is_restricted in (False, False, True):
            comment_id = uuid7()
            text = self._seal("How do you feel after the first week?", "comments.text_sealed", comment_id)
            self._add(
                "comments", id=comment_id, case_id=case_id_, text_sealed=text, is_restricted=is_restricted,
                author_staff_id=_STAFF, created_at=_NOW,
            )  # fmt: skip
        for name in ("identity.jpg", "laboratory.pdf"):
            attachment_id = uuid7()
            file_name_sealed = self._seal(name, FILE_NAME, attachment_id)
            self._add(
                "attachments", id=attachment_id, case_id=case_id_, file_name_sealed=file_name_sealed, content_type="application/pdf",
                size_bytes=120_000, storage_key=f"bench/{attachment_id}", is_restricted=False, is_phi=True,
                uploaded_by_patient_id=patient_id, created_at=_NOW,
            )  # fmt: skip

    def _payment(self, case_id_: UUID, patient_id: UUID) -> None:
        fees = ("consult", "convenience", "payment_processing", "pharmacy", "shipping", "syringe_kit", "tech_platform")
        payment = self._add(
            "payments", id=uuid7(), case_id=case_id_, amount_cents=15_900, currency="USD", description="Monthly plan",
            status="PAID", is_test=True, is_scheduled=False, is_auto_created=False, created_by_patient_id=patient_id,
            due_at=_NOW, paid_at=_NOW, created_at=_NOW, updated_at=_NOW, **{f"{fee}_fee_cents": 500 for fee in fees},
        )  # fmt: skip
        for position, label in enumerate(("Medication", "Supplies")):
            self._add(
                "payment_sub_fees", id=uuid7(), payment_id=payment, position=position, label=label, amount_cents=2_500
            )

    def _order(self, case_id_: UUID) -> None:
        self._add(
            "calendar_events", id=uuid7(), case_id=case_id_, starts_at=_NOW, ends_at=_NOW, timezone="America/New_York",
            meeting_link="https://meet.example.com/abc", meeting_provider="example", provider_name="Ada Byron",
            provider_email="bench@example.com", created_at=_NOW,
        )  # fmt: skip
        order = self._add(
            "orders", id=uuid7(), case_id=case_id_, external_id=uuid7(), pharmacy_order_id="RX-1", status="SHIPPED",
            pharmacy_name="Example Pharmacy", tracking_id="1Z999", tracking_url="https://track.example.com/1Z999",
            carrier_name="UPS", is_test=True, created_at=_NOW,
        )  # fmt: skip
        for position, name in enumerate(("Semaglutide 0.25 mg", "Syringe kit")):
            item_id = uuid7()
            item = RxItem(
                drug_id="drug-456",
                name=name,
                ndc=None,
                direction="Once a week",
                quantity="1",
                refill_count=1,
                supply_days=30,
            )
            sealed = self._seal(msgspec.json.encode(item).decode(), ITEM, item_id)
            self._add("order_items", id=item_id, order_id=order, position=position, sealed=sealed)
        for status in ("PICKED_UP", "IN_TRANSIT", "DELIVERED"):
            log_id = uuid7()
            self._add(
                "order_shipping_logs", id=log_id, order_id=order, status=status, status_updated_at=_NOW,
                location_sealed=self._seal("Boston", PARCEL_LOCATION, log_id),
                message_sealed=self._seal("On its way", PARCEL_MESSAGE, log_id),
            )  # fmt: skip
