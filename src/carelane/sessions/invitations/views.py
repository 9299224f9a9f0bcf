"""Invitations as the staff API shows them."""

from datetime import datetime

from carelane.sessions.invitations.schemas import InvitationOut, Status
from carelane.sessions.links.queries import Invitation


def show_invitation(invitation: Invitation, now: datetime) -> InvitationOut:
    return InvitationOut(
        id=invitation.id,
        member_id=invitation.staff_id,
        email=invitation.email,
        first_name=invitation.first_name,
        last_name=invitation.last_name,
        status=status_of(invitation, now),
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        accepted_at=invitation.used_at,
    )


def status_of(invitation: Invitation, now: datetime) -> Status:
    if invitation.used_at is not None:
        return "ACCEPTED"
    if invitation.revoked_at is not None:
        return "REVOKED"
    return "OPEN" if now < invitation.expires_at else "EXPIRED"
