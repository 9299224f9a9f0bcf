"""What the page of the clinic's people shows."""

from datetime import datetime

import msgspec

from carelane.console.times import words
from carelane.kit import clock
from carelane.kit.languages import N_, _
from carelane.kit.phi import Phi
from carelane.permissions import Role
from carelane.sessions.invitations.views import status_of
from carelane.sessions.links.queries import Invitation
from carelane.staff.queries import Member

ROLES: dict[Role, str] = {
    "ADMIN": N_("Administrator"),
    "CASEMANAGER": N_("Case manager"),
    "CASEWORKER": N_("Clinician"),
    "SUPPORT": N_("Support, sees no health information"),
}
# News of `?done=`.
NOTES = {
    "invited": N_("The invitation is on its way."),
    "revoked": N_("The invitation is taken back; its link is over."),
    "unlocked": N_("The account is unlocked."),
    "ended": N_("That member is signed out everywhere."),
    "reset": N_("The second factor is gone; the next sign-in sets up another one."),
}


class Row(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A member, and the invitation that is open or ran out."""

    member: Member
    role: str
    state: str
    is_locked: bool
    invitation: Invitation | None
    # Who has accepted none and has no password: another one can be sent.
    is_invited: bool
    can_revoke: bool


def people(members: list[Member], invitations: list[Invitation]) -> dict[str, object]:
    now = clock.now()
    # The newest come first, and the newest counts.
    newest = {invitation.staff_id: invitation for invitation in reversed(invitations)}
    return {
        "people": [_row(member, newest.get(member.id), now) for member in members],
        "roles": [(role, _(name)) for role, name in ROLES.items()],
    }


def _row(member: Member, invitation: Invitation | None, now: datetime) -> Row:
    status = status_of(invitation, now) if invitation else "ACCEPTED"
    return Row(
        member=member,
        role=_(ROLES[member.role]),
        state=_state(member, invitation, now),
        is_locked=_is_locked(member, now),
        invitation=invitation,
        is_invited=status != "ACCEPTED",
        can_revoke=status == "OPEN",
    )


def _state(member: Member, invitation: Invitation | None, now: datetime) -> str:
    status = status_of(invitation, now) if invitation else "ACCEPTED"
    if member.is_deactivated:
        return _("Inactive")
    if _is_locked(member, now) and member.unlocks_at is not None:
        return _("Locked until %(time)s") % {"time": words(member.unlocks_at)}
    if status == "OPEN" and invitation is not None:
        return _("Invited, until %(time)s") % {"time": words(invitation.expires_at)}
    return _("Active") if status == "ACCEPTED" else _("Invitation is over")


def _is_locked(member: Member, now: datetime) -> bool:
    return member.unlocks_at is not None and member.unlocks_at > now
