"""From a patient's row to what the patient sees of it."""

from datetime import UTC, datetime, time

from carelane.kit.phi import DataKey
from carelane.patients.profiles.queries import ProfileRow
from carelane.patients.profiles.views import health_texts
from carelane.portal.profile.schemas import OwnProfileOut, ProfileAnswerOut, ProfileDataOut


def show_profile(data_key: DataKey, row: ProfileRow) -> ProfileAnswerOut:
    health = health_texts(data_key, row)
    born = row.date_of_birth
    profile = OwnProfileOut(
        id=row.id,
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        phone_number=row.phone_number,
        # A moment, as the vendor has it: the midnight of UTC at which the day began.
        dob=datetime.combine(born, time(), UTC) if born is not None else None,
        gender=row.gender,
        address=row.address_line1,
        address2=row.address_line2,
        city=row.city,
        state=row.state,
        country=row.country,
        postal_code=row.postal_code,
        allergies=health.allergies,
        health_conditions=health.health_conditions,
        current_medications=health.current_medications,
        created_at=row.created_at,
    )
    return ProfileAnswerOut(data=ProfileDataOut(profile=profile))
