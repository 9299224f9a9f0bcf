"""From a member to the wire, and the words of the mail about another address."""

import msgspec

from carelane.clinic.people.schemas import MemberAddressIn, MemberLicenseIn, MemberSettingsOut
from carelane.kit.emails import deliverable
from carelane.kit.languages import _
from carelane.kit.texts import one_line
from carelane.messages.schemas import Content, NewMessage
from carelane.staff.queries import Member, SignedInMember
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


def mail_of_move(member: Member, by: SignedInMember, *, is_former: bool) -> NewMessage:
    """To the address of `member`: the former one, or the new one."""
    names = {"clinic": one_line(by.clinic), "who": one_line(by.name)}
    hello = _("Hello %(name)s,") % {"name": one_line(member.first_name)}
    content = Content(
        deliverable(member.email),
        _("Your e-mail address at %(clinic)s was changed") % names,
        "\n\n".join([hello, *_of_move(is_own=by.id == member.id, is_former=is_former, names=names)]) + "\n",
    )
    return NewMessage(kind="EMAIL_CHANGED", channel="MAIL", record_kind="staff", record_id=member.id, content=content)


def _of_move(*, is_own: bool, is_former: bool, names: dict[str, str]) -> list[str]:
    who = _("%(who)s changed the e-mail address with which you sign in at %(clinic)s.") % names
    is_one = _("It is not this one any more.") if is_former else _("It is this one from now on.")
    if is_own:
        then = _("You are signed out everywhere. The password stays as it is.")
    elif is_former:
        then = _("You are signed out everywhere, and the password of before is good no more.")
    else:
        then = _("The password of before is good no more: another mail brings you a link to choose one.")
    turn = _("Was this not wanted? Turn to %(who)s, or to another administrator of %(clinic)s, at once.") % names
    return [f"{who} {is_one}", then, turn]
