"""Every SQL statement about patients in the billing dialect."""

from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi
from carelane.patients.records.schemas import PatientSource
from carelane.patients.tags.schemas import TagOut

# The place a sealed chart is bound to.
CHART = "patients.chart_sealed"

# A patient `p` with its tags as JSON that reads as a PatientRow: a part of every statement that shows one.
PATIENT: LiteralString = """
json_build_object('id', p.id, 'given_id', p.given_id, 'created_at', p.created_at, 'first_name', p.first_name,
  'last_name', p.last_name, 'phone_number', p.phone_number, 'email', p.email, 'external_id', p.external_id,
  'address_line1', p.address_line1, 'address_line2', p.address_line2, 'city', p.city, 'state', p.state,
  'postal_code', p.postal_code, 'country', p.country, 'address_valid', p.address_valid, 'archived_at', p.archived_at,
  'gender', p.gender, 'date_of_birth', p.date_of_birth, 'on_scheduling_blacklist', p.on_scheduling_blacklist,
  'surcharge_disabled', p.surcharge_disabled, 'credit_balance_cents', p.credit_balance_cents,
  'patient_source', p.patient_source, 'lead_source', p.lead_source, 'chart', encode(p.chart_sealed, 'hex'),
  'location_id', (SELECT coalesce(l.given_id, l.id::text) FROM locations l
    WHERE l.organization_id = p.organization_id AND l.id = p.primary_location_id),
  'provider_id', (SELECT coalesce(s.given_id, s.id::text) FROM staff s
    WHERE s.organization_id = p.organization_id AND s.id = p.preferred_provider_id),
  'tags', coalesce((
    SELECT json_agg(json_build_object('id', t.id, 'name', t.name, 'isActive', t.is_active, 'createdDate', t.created_at,
      'emoji', t.emoji, 'color', t.color, 'updatedDate', t.updated_at) ORDER BY t.name)
    FROM patient_tag_assignments a JOIN patient_tags t ON t.organization_id = a.organization_id AND t.id = a.tag_id
    WHERE a.organization_id = p.organization_id AND a.patient_id = p.id), '[]'))
"""


class PatientRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A patient as PATIENT gives it; `chart` is still sealed, in hex."""

    id: UUID
    given_id: str | None
    created_at: datetime
    first_name: str | None
    last_name: str | None
    phone_number: str | None
    email: str | None
    external_id: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    address_valid: bool | None
    archived_at: datetime | None
    gender: str | None
    date_of_birth: date | None
    on_scheduling_blacklist: bool
    surcharge_disabled: bool
    credit_balance_cents: int
    patient_source: PatientSource | None
    lead_source: str | None
    chart: str | None
    location_id: str | None
    provider_id: str | None
    tags: list[TagOut]
