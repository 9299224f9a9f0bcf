"""From a member to the wire."""

import hashlib

from carelane.clinic.people.schemas import MemberLicenseIn, MemberSettingsOut
from carelane.staff.queries import Member


def member_out(member: Member) -> MemberSettingsOut:
    same = {name: getattr(member, name) for name in MemberSettingsOut.__struct_fields__ if hasattr(member, name)}
    own = {
        "is_active": not member.is_deactivated,
        "licenses": [
            MemberLicenseIn(state=one.state, number=one.number, expires_on=one.expires_on) for one in member.licenses
        ],
        "version": version_of(member),
    }
    return MemberSettingsOut(**(same | own))


def version_of(member: Member) -> str:
    """Of everything but whether the account is locked just now."""
    told = [getattr(member, name) for name in member.__struct_fields__ if name not in {"unlocks_at", "licenses"}]
    licenses = [(one.state, one.number, one.expires_on.isoformat()) for one in member.licenses]
    return hashlib.sha256(repr((told, licenses)).encode()).hexdigest()[:16]
