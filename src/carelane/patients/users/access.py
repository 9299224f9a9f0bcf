"""The one door to a user: from an e-mail address to the patient it stands for."""

from uuid import UUID

from msgspec import UNSET

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.emails import mailbox_of
from carelane.kit.names import fold_name
from carelane.patients.users import queries
from carelane.patients.users.errors import UserAmbiguousError, UserNotFoundError
from carelane.patients.users.schemas import ChangedUserIn


async def find_one(conn: Connection, actor: Actor, email: str, said: ChangedUserIn | None) -> UUID:
    """The patient an address stands for; of several the one whom first name and birth date, as they were said, are of."""
    found = await queries.list_sharers(conn, actor.organization_id, mailbox_of(email.strip()))
    if not found:
        raise UserNotFoundError(f"User {email.strip()} does not exist")
    if len(found) > 1 and said is not None and said.first_name is not UNSET and said.dob is not UNSET:
        person = (fold_name(said.first_name), said.dob)
        found = [one for one in found if (one.first_name_key, one.date_of_birth) == person]
    if len(found) != 1:
        expected = (
            "expected firstName and dob as one of them has them" if said is not None else "change it in the portal"
        )
        raise UserAmbiguousError(f"several users have the e-mail address {email.strip()}; {expected}")
    return found[0].id
