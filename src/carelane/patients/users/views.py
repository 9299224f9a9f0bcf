"""From a patient's row to a user of the care dialect."""

from typing import Any

from carelane.kit.phi import DataKey
from carelane.patients.profiles.queries import ProfileRow
from carelane.patients.profiles.views import health_texts
from carelane.patients.users.schemas import CommunicationOut, ListedUserOut, SavedUserOut


def show_changed(row: ProfileRow) -> SavedUserOut:
    return SavedUserOut(**_members(row))


def show_created(row: ProfileRow) -> SavedUserOut:
    return SavedUserOut(id=row.id, **_members(row))


def show_listed(data_key: DataKey, row: ProfileRow) -> ListedUserOut:
    health = health_texts(data_key, row)
    return ListedUserOut(
        allergies=health.allergies,
        current_medications=health.current_medications,
        health_conditions=health.health_conditions,
        language_preferences=row.language_preferences,
        communication_preferences=CommunicationOut(
            sms_notifications_disabled=row.sms_notifications_disabled,
            notifications_disabled=row.email_notifications_disabled,
        ),
        **_members(row),
    )


def _members(row: ProfileRow) -> dict[str, Any]:
    return {
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "dob": row.date_of_birth,
        "phone_number": row.phone_number,
        "gender": row.gender,
        "address": row.address_line1,
        "address2": row.address_line2,
        "city": row.city,
        "state": row.state,
        "country": row.country,
        "postal_code": row.postal_code,
    }
