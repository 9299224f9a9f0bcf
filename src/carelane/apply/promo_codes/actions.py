"""Promo codes of a file: compared with what is there, and handed to their own action."""

from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal
from uuid import UUID

from carelane.apply.places.schemas import read_percentage
from carelane.apply.promo_codes.schemas import PromoCodeEntry
from carelane.apply.states import Comparison
from carelane.apply.views import Change
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.money import read_amount
from carelane.permissions import CATALOG_WRITE, requires
from carelane.promo_codes.actions import save_promo_codes
from carelane.promo_codes.queries import PromoCode, lock_promo_codes

# As the database keeps percentages.
_STEP = Decimal("0.000001")


@requires(CATALOG_WRITE)
async def apply_promo_codes(
    conn: Connection,
    actor: Actor,
    entries: list[PromoCodeEntry],
    bundle_ids: Mapping[str, UUID],
    comparison: Comparison,
) -> list[Change]:
    """`bundle_ids` are those of the file's bundles by name. How often a code was used stays as it is."""
    there = await lock_promo_codes(conn, actor.organization_id, *comparison.candidates("promo code", entries))
    ids = comparison.ids_of("promo code", entries, there)
    wanted = [_promo_code(ids[entry.code.lower()], entry, bundle_ids) for entry in entries]
    rows, changes = comparison.merge_rows("promo code", wanted, there)
    await save_promo_codes(conn, actor, rows)
    return changes


def _promo_code(code_id: UUID, entry: PromoCodeEntry, bundle_ids: Mapping[str, UUID]) -> PromoCode:
    percentage, amount = entry.discount_percentage, entry.discount_amount
    return PromoCode(
        id=code_id,
        code=entry.code,
        label=entry.label,
        description=entry.description,
        discount_percentage=None if percentage is None else (read_percentage(percentage) or Decimal(0)).quantize(_STEP),
        discount_amount_cents=None if amount is None else read_amount(amount, entry.currency),
        currency=entry.currency,
        bundle_ids=sorted({bundle_ids[name] for name in entry.bundles}),
        starts_at=entry.starts_at and entry.starts_at.astimezone(UTC),
        ends_at=entry.ends_at and entry.ends_at.astimezone(UTC),
        max_uses=entry.max_uses,
        is_active=entry.is_active,
        is_visible=entry.is_visible,
    )
