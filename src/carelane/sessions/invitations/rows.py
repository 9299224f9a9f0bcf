"""From an invitation to the member that it makes."""

from carelane.kit.ids import uuid7
from carelane.sessions.invitations.schemas import InvitationIn
from carelane.staff.queries import Member


def new_member(body: InvitationIn) -> Member:
    """Without licenses and an address, which administrators add on the member's page or in the organization file."""
    return Member(
        id=uuid7(),
        email=body.email,
        first_name=body.first_name.strip(),
        last_name=body.last_name.strip(),
        role=body.role,
        title=body.title,
        title_suffix=body.title_suffix,
        npi=body.npi,
        dea=None,
        phone_number=None,
        address_line1=None,
        address_line2=None,
        city=None,
        state=None,
        postal_code=None,
        country=None,
        takes_cases=body.takes_cases,
        is_deactivated=False,
        unlocks_at=None,
        licenses=[],
    )
