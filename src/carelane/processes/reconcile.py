"""`carelane reconcile`: checks the money of one organization or of all, and says what does not fit."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from carelane.kit.auth import system_actor
from carelane.kit.errors import MendableError
from carelane.organizations.queries import find_organization_id, list_organizations
from carelane.payments.gateways.errors import GatewayError
from carelane.payments.invariants.reads import MOST_FINDINGS, check_money
from carelane.payments.invariants.schemas import Finding, Progress
from carelane.services import Services

CLEAN, FOUND = 0, 1


class Checked(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One organization, and what is wrong with its money."""

    tenant: str
    organization_id: UUID
    findings: list[Finding]


async def reconcile(
    services: Services, tenant: str | None, *, asks_gateways: bool, told: Callable[[str, Progress], None]
) -> list[Checked]:
    """Each organization in turn; `tenant` for one alone. Raises MendableError when it cannot be done."""
    checked = []
    for organization_id, name in await named_organizations(services, tenant):

        def tell(progress: Progress, name: str = name) -> None:
            told(name, progress)

        try:
            findings = await check_money(
                services, system_actor(organization_id), asks_gateways=asks_gateways, told=tell
            )
        except GatewayError as error:
            advice = "try again later, or compare the books alone with --books-only"
            raise MendableError(f"the gateway of {name} gave no usable answer ({error}); {advice}") from error
        checked.append(Checked(tenant=name, organization_id=organization_id, findings=findings))
    return checked


async def named_organizations(services: Services, tenant: str | None) -> list[tuple[UUID, str]]:
    """One, or all of them. Raises MendableError when there is no such one."""
    async with services.db.across() as conn:
        if tenant is None:
            return await list_organizations(conn)
        organization_id = await find_organization_id(conn, tenant)
    if organization_id is None:
        raise MendableError(f"--organization: expected the tenant of an organization here, not {tenant}")
    return [(organization_id, tenant)]


def lines(checked: list[Checked], *, as_json: bool) -> Iterator[str]:
    """For people one line a finding and one at the end; for programs one JSON object."""
    count = sum(len(each.findings) for each in checked)
    if as_json:
        told = {"isClean": count == 0, "findingCount": count, "organizations": msgspec.to_builtins(checked)}
        yield json.dumps(told, indent=2)
        return
    for each in checked:
        yield from (f"{each.tenant}: {finding.line()}" for finding in each.findings)
        if len(each.findings) >= MOST_FINDINGS:
            yield f"{each.tenant}: the first {MOST_FINDINGS} findings; there may be more"
    names = "1 organization" if len(checked) == 1 else f"{len(checked)} organizations"
    yield f"{names}: {count} findings" if count else f"{names}: nothing found, the money is in order"


@contextmanager
def showing_progress() -> Iterator[Callable[[str, Progress], None]]:
    """A bar for each kind of record on standard error, where that is a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _name, _progress: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[tuple[str, str], TaskID] = {}

        def tell(name: str, progress: Progress) -> None:
            key = (name, progress.what)
            if key not in tasks:
                tasks[key] = bars.add_task(f"{name}: {progress.what}", total=progress.of)
            bars.update(tasks[key], completed=progress.done)

        yield tell
