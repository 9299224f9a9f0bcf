"""Signing in by a link of the demo."""

from carelane.kit.auth import system_actor
from carelane.kit.errors import RouteNotFoundError
from carelane.services import Services
from carelane.sessions.access import Caller
from carelane.sessions.actions import SignedIn, let_in
from carelane.sessions.one_click import queries
from carelane.sessions.one_click.access import read_one_click


async def sign_in_by_click(services: Services, token: str, caller: Caller, *, is_good_here: bool) -> SignedIn:
    """A session of the demo's member. Raises RouteNotFoundError: elsewhere, and for anybody else, there is no such link."""
    link = read_one_click(services.staff_link_key, token) if is_good_here else None
    if link is None:
        raise RouteNotFoundError
    async with services.db.transaction(system_actor(link.organization_id)) as conn:
        account = await queries.find_demo_account(conn, link.organization_id, link.staff_id)
        if account is None:
            raise RouteNotFoundError
        return await let_in(conn, link.organization_id, account, caller)
