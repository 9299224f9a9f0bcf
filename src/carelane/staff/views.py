"""Members of staff as the staff API shows them."""

from datetime import datetime

from carelane.staff.queries import Member
from carelane.staff.schemas import LicenseOut, MemberOut


def show_member(member: Member, now: datetime) -> MemberOut:
    locked_until = member.unlocks_at if member.unlocks_at and member.unlocks_at > now else None
    shown = {name: getattr(member, name) for name in MemberOut.__struct_fields__ if hasattr(member, name)}
    licenses = [
        LicenseOut(state=held.state, number=held.number, expires_on=held.expires_on) for held in member.licenses
    ]
    own = {"is_active": not member.is_deactivated, "locked_until": locked_until, "licenses": licenses}
    return MemberOut(**(shown | own))
