"""From a member to the wire."""

import msgspec

from carelane.clinic.people.schemas import MemberAddressIn, MemberLicenseIn, MemberSettingsOut
from carelane.staff.queries import Member
from carelane.web.versions import version_of


def member_out(member: Member) -> MemberSettingsOut:
    same = {name: getattr(member, name) for name in MemberSettingsOut.__struct_fields__ if hasattr(member, name)}
    own = {
        "address": MemberAddressIn(**{name: getattr(member, name) for name in MemberAddressIn.__struct_fields__}),
        "is_active": not member.is_deactivated,
        "licenses": [
            MemberLicenseIn(state=one.state, number=one.number, expires_on=one.expires_on) for one in member.licenses
        ],
        # Whether the account is locked just now is no change.
        "version": version_of(msgspec.structs.replace(member, unlocks_at=None)),
    }
    return MemberSettingsOut(**(same | own))
