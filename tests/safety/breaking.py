"""Breaking one constraint of the schema at a time, with every other one of its table out of the way; all of it is undone."""

import re
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
from psycopg import sql

CONSTRAINTS = """
SELECT conrelid::regclass::text AS on_table, conname AS name, contype::text AS kind, pg_get_constraintdef(oid) AS definition,
       ARRAY(SELECT a.attname FROM unnest(conkey) k JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k) AS columns
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text, 'i', pg_get_indexdef(i.indexrelid),
       ARRAY(SELECT a.attname FROM unnest(i.indkey) k JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT tgrelid::regclass::text, tgname, 't', pg_get_triggerdef(oid), '{}' FROM pg_trigger
WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
ORDER BY 1, 3, 2
"""
_COLUMNS = """
SELECT attname, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a'
"""
_TRIGGERS = "SELECT t.tgname FROM pg_trigger t JOIN pg_constraint c ON c.oid = t.tgconstraint WHERE c.conname = %s AND t.tgrelid = %s::regclass"
_VALUES = {
    "uuid": "gen_random_uuid()",
    "text": "gen_random_uuid()::text",
    "bytea": "sha256(gen_random_uuid()::text::bytea)",
    "integer": "1000000",
    "bigint": "1000000",
    "smallint": "1000",
    "boolean": "true",
    "date": "current_date",
    "timestamp with time zone": "now()",
}

# What a check of a shape of its own does not allow.
CHECKS = {
    "attachments_check": "uploaded_by_staff_id = id, uploaded_by_patient_id = id",
    "attachments_owner_check": "case_id = NULL, uploaded_by_patient_id = NULL",
    "branding_link_name_check": "link_name = 'Upper'",
    "calendar_events_check": "ends_at = starts_at - interval '1 second'",
    "cart_lines_check": "product_id = NULL, bundle_id = NULL",
    "carts_check": "discount_cents = subtotal_cents + 1",
    "carts_check1": "total_cents = total_cents + 1",
    "carts_check2": "status = 'CONVERTED', charge_id = NULL",
    "charge_lines_check": "product_id = id, bundle_id = id",
    "charges_check": "discount_cents = -1",
    "charges_check1": "total_cents = subtotal_cents + discount_cents + tax_cents + 1",
    "comments_check": "author_staff_id = id, author_patient_id = id",
    "comments_check1": "author_staff_id = id, author_patient_id = NULL, author_sealed = 'x'",
    "form_answers_check": "text = NULL, sealed = NULL",
    "drafts_form_check": "form = 'Upper'",
    "form_questions_flags_check": "flags = '[]'",
    "gateway_accounts_provider_check": "provider = 'x'",
    "invoices_check": "canceled_at = now(), paid_at = now()",
    "ledger_postings_check": "credit_id = debit_id",
    "locations_latitude_check": "latitude = 90.5",
    "locations_longitude_check": "longitude = -180.5",
    "master_key_fingerprint_check": "fingerprint = 'x'",
    "master_key_is_only_check": "is_only = false",
    "messages_check": "status = 'QUEUED', due_at = NULL",
    "messages_check1": "status = 'SENT', settled_at = NULL",
    "payin_configs_plan_check": "plan = '1'",
    "payin_configs_shares_check": "shares = '1'",
    "payment_plans_installments_check": "installments = 0",
    "payment_plans_installment_cents_check": "installment_cents = 0",
    "planned_payments_amount_cents_check": "amount_cents = 0",
    "planned_payments_agreed_cents_check": "agreed_cents = 0",
    "planned_payments_taken_or_canceled_check": "payment_id = id, canceled_at = now()",
    "payment_mediums_name_check": "name = ''",
    "patient_merges_check": "kept_id = merged_id",
    "logos_check": "digest = 'x'",
    "logos_content_check": "content = '', digest = encode(sha256(''), 'hex')",
    "logos_height_check": "height = 2001",
    "logos_width_check": "width = 0",
    "mail_templates_check": "text = NULL",
    "mail_templates_kind_check": "kind = 'lower'",
    "mail_templates_language_check": "language = 'Not one'",
    "mail_templates_subject_check": "subject = ''",
    "mail_templates_text_check": "text = ''",
    "organizations_language_check": "language = 'Not one'",
    "patients_language_check": "language = 'Not one'",
    "patients_merged_check": "merged_into_id = id",
    "payments_check": "created_by_staff_id = id, created_by_patient_id = id",
    "tip_changes_amount_cents_check": "amount_cents = 0",
    "credit_changes_amount_cents_check": "amount_cents = 0",
    "credit_spends_returned_cents_check": "returned_cents = amount_cents + 1",
    "credit_spends_check": "returned_cents = amount_cents + 1",
    "patient_credits_never_below_zero_check": "spent_cents = amount_cents + 1",
    "payments_medium_check": "medium = ''",
    "payments_for_check": "case_id = NULL, charge_id = NULL, patient_id = NULL",
    "payments_gateway_check": "method = 'GATEWAY', gateway_account_id = NULL",
    "payments_returned_check": "refunded_cents = captured_cents + 1",
    "pharmacies_check": "adapter = 'http', url = NULL",
    "promo_codes_check": "discount_percentage = NULL, discount_amount_cents = NULL",
    "promo_codes_check1": "starts_at = now(), ends_at = now()",
    "promo_codes_discount_amount_cents_check": "discount_amount_cents = 0",
    "promo_codes_discount_percentage_check": "discount_percentage = 100.5",
    "refund_lines_quantity_check": "quantity = 0",
    "refund_lines_amount_cents_check": "amount_cents = -1",
    "quote_lines_check": "product_id = id, bundle_id = id",
    "quote_messages_check": "status = 'PENDING', next_attempt_at = NULL",
    "quotes_check": "discount_cents = subtotal_cents + 1",
    "quotes_check1": "total_cents = total_cents - 1",
    "quotes_link_version_check": "link_version = 0",
    "quotes_check2": "status = 'SENT', charge_id = id",
    "sessions_agent_check": "agent = repeat('x', 101)",
    "sessions_check": "staff_id = NULL, patient_id = NULL",
    "sessions_check1": "idle_seconds = 600, idle_ends_at = NULL",
    "cases_lease_check": "lease_staff_id = NULL, lease_ends_at = now()",
    "organizations_answer_within_hours_check": "answer_within_hours = 0",
    "case_pauses_check": "ended_at = asked_at - interval '1 second'",
    "daily_figures_numbers_check": "numbers = '[]'",
    "report_figures_numbers_check": "numbers = '[]'",
    "saved_views_name_check": "name = ''",
    "saved_views_query_check": "query = repeat('x', 501)",
    "search_tokens_token_check": "token = 'x:'",
    "staff_language_check": "language = 'Not one'",
    "staff_links_check": "expires_at = created_at",
    "staff_links_check1": "used_at = now(), revoked_at = now()",
    "pending_decisions_check": "due_at = created_at",
    "pending_decisions_check1": "ended_at = NULL",
    # A worker may have taken it by now.
    "pending_decisions_check2": "body_sealed = CASE WHEN status = 'TAKEN' THEN 'x'::bytea END",
    "pending_decisions_check3": "failure_code = 'X'",
    "templates_name_check": "name = ''",
    "templates_content_check": "content = '[]'",
    "sessions_idle_seconds_check": "idle_seconds = 119",
    "staff_availability_appointment_minutes_check": "appointment_minutes = 7",
    "webhook_endpoints_check": "disabled_at = NULL, disabled_reason = NULL, archived_at = now()",
}
# Which rows a key that is not about all rows is about.
ONLY_WHERE = {
    "credentials_name_key": "revoked_at = NULL",
    "orders_idempotency_key": "idempotency_key = 'twice'",
    "orders_replaces_key": "replaces_order_id = id",
    "patient_merges_merged_key": "undone_at = NULL",
    "patients_organization_id_email_key_key": "email = 'twice@patient.example'",
    "payment_attempts_open_key": "status = 'SENT', kind = 'CHARGE'",
    "payments_reference_key": "method = 'GATEWAY', canceled_at = NULL",
    "quotes_accepted_key": "status = 'ACCEPTED'",
    "pending_decisions_case_key": "status = 'PENDING', ended_at = NULL",
    "templates_name_key": "archived_at = NULL",
    "staff_links_invitation_key": "kind = 'INVITATION', used_at = NULL, revoked_at = NULL",
    "refresh_tokens_good_index": "replaced_at = NULL",
    "webhook_deliveries_event_key": "replay_of_id = NULL",
    "webhook_endpoints_name_key": "disabled_at = NULL, disabled_reason = NULL",
}
# By the table: what makes its record one that is held, and what is held then.
HELD: dict[str, tuple[str, str]] = {
    "hold_person": ("SELECT 1", "UPDATE cases SET patient_first_name = patient_first_name || 'x'"),
    "hold_cart": ("UPDATE carts SET status = 'EXPIRED'", "UPDATE carts SET status = 'DRAFT'"),
    "hold_quote": ("UPDATE quotes SET status = 'DECLINED'", "UPDATE quotes SET discount_percentage = 7"),
}
_MADE_HELD = {
    "cart_lines": "UPDATE carts SET status = 'EXPIRED'",
    "quote_lines": "UPDATE quotes SET status = 'DECLINED'",
}
_LINE_ACTS = {
    "hold_new_lines": "INSERT",
    "hold_changed_lines": "UPDATE {} SET quantity = quantity",
    "hold_removed_lines": "DELETE FROM {}",
}


class Constraint(msgspec.Struct, frozen=True):
    on_table: str
    name: str
    kind: str
    definition: str
    columns: list[str]

    def __str__(self) -> str:
        return f"{self.on_table}: {self.name}: {self.definition}"


def list_constraints(conn: psycopg.Connection) -> list[Constraint]:
    return [Constraint(*row) for row in conn.execute(CONSTRAINTS)]


class Breaker:
    """Breaks constraints on a connection as the tables' owner. The table must have a row."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn
        self._all = list_constraints(conn)

    def breaks(self, one: Constraint) -> str | None:
        """The name of the constraint that refused it, or None when nothing did."""
        try:
            with self._conn.transaction(force_rollback=True):
                self._leave_only(one)
                {"c": self._check, "f": self._reference, "t": self._trigger}.get(one.kind, self._unique)(one)
        except psycopg.errors.IntegrityError as error:
            return error.diag.constraint_name
        return None

    def _leave_only(self, one: Constraint) -> None:
        table = sql.Identifier(one.on_table)
        for other in self._all:
            if other.on_table == one.on_table and other != one and other.kind in "cui":
                drop = "DROP INDEX {1}" if other.kind == "i" else "ALTER TABLE {0} DROP CONSTRAINT {1} CASCADE"
                self._run(drop, table, sql.Identifier(other.name))
        self._run("ALTER TABLE {} DISABLE TRIGGER ALL", table)
        names = (
            [one.name]
            if one.kind == "t"
            else [row[0] for row in self._conn.execute(_TRIGGERS, (one.name, one.on_table))]
        )
        for name in names:
            self._run("ALTER TABLE {} ENABLE TRIGGER {}", table, sql.Identifier(name))

    def _check(self, one: Constraint) -> None:
        self._set(one, CHECKS.get(one.name) or _usual_fault(one.definition))

    def _reference(self, one: Constraint) -> None:
        types = dict(self._conn.execute(_COLUMNS, (one.on_table,)).fetchall())
        ids = [name for name in one.columns if types[name] == "uuid"]
        self._set(one, f"{(ids or one.columns)[-1]} = '{uuid4()}'")

    def _unique(self, one: Constraint) -> None:
        """The same once more, as far as the key goes."""
        types = dict(self._conn.execute(_COLUMNS, (one.on_table,)).fetchall())
        where = ONLY_WHERE.get(one.name, "")
        filled = [
            f"{name} = coalesce({name}, {_VALUES[types[name]]})"
            for name in one.columns
            if name in types and not where.startswith(f"{name} =")
        ]
        changed = self._set(one, ", ".join(filter(None, [*filled, where])))
        # The primary key must not be in the way, if it is not what is looked at.
        (primary,) = [each for each in self._all if each.on_table == one.on_table and each.kind == "p"]
        apart = [name for name in primary.columns if one.kind != "p" and name not in one.columns]
        if one.kind != "p" and not apart:
            self._run(
                "ALTER TABLE {} DROP CONSTRAINT {} CASCADE", sql.Identifier(one.on_table), sql.Identifier(primary.name)
            )
        new = {name: _VALUES[types[name]] for name in apart}
        values = sql.SQL(", ").join(sql.SQL(new[name]) if name in new else sql.Identifier(name) for name in types)
        names = sql.SQL(", ").join(map(sql.Identifier, types))
        table = sql.Identifier(one.on_table)
        self._run("INSERT INTO {0} ({1}) SELECT {2} FROM {0} WHERE ctid = {3}", table, names, values, changed)

    def _trigger(self, one: Constraint) -> None:
        table = sql.Identifier(one.on_table)
        if one.name in HELD:
            first, then = HELD[one.name]
            self._conn.execute(first.encode())
            self._conn.execute(then.encode())
            return
        self._conn.execute(_MADE_HELD[one.on_table].encode())
        act = _LINE_ACTS[one.name]
        if act == "INSERT":
            self._unique(msgspec.structs.replace(one, columns=["organization_id"]))
        else:
            self._run(act, table)

    def _set(self, one: Constraint, assignments: str) -> sql.Literal:
        """Where the changed row stands now: anywhere in the table, as soon as there is room in front of the last one."""
        statement = "UPDATE {0} SET " + assignments + " WHERE ctid = (SELECT ctid FROM {0} ORDER BY ctid DESC LIMIT 1)"
        changed = self._run(statement + " RETURNING ctid::text", sql.Identifier(one.on_table)).fetchone()
        assert changed, f"{one.on_table} has no row"
        return sql.Literal(changed[0])

    def _run(self, statement: str, *names: Any) -> psycopg.Cursor:
        return self._conn.execute(sql.SQL(statement).format(*names))


def _usual_fault(definition: str) -> str:
    """What a check of a usual shape does not allow: one of several words, at least nothing, a percentage."""
    of_words = re.fullmatch(r"CHECK \(\((\w+) = ANY \(ARRAY\[.*\]\)\)\)", definition)
    if of_words:
        return f"{of_words[1]} = 'NO SUCH WORD'"
    at_least = re.match(r"CHECK \(\(+(\w+) >=? \(?0\)?", definition)
    if at_least:
        return f"{at_least[1]} = -1"
    raise AssertionError(f"tests.safety.breaking.CHECKS must say how to break this: {definition}")
