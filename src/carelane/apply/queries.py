"""The SQL statements by which `carelane apply` writes an organization's catalogue and forms, and their row types."""

from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json


class ProductRow(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    name: str
    description: str | None
    image_url: str | None
    price_cents: int
    currency: str
    is_active: bool


class FormRow(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    name: str
    description: str | None
    is_active: bool


class LatestVersion(msgspec.Struct, frozen=True):
    """The newest version of a form, and the digests of all its versions."""

    form_id: UUID
    number: int
    questions_digest: bytes
    digests: list[bytes]


class VersionRow(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    form_id: UUID
    number: int
    questions_digest: bytes


class QuestionRow(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    form_version_id: UUID
    index: int
    text: str
    type: str
    required: bool
    is_phi: bool
    options: list[str]
    hint: str | None
    placeholder: str | None
    render_mode: str | None
    condition: dict[str, Any] | None
    organization_document: dict[str, Any] | None


class BundleRow(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    name: str
    description: str | None
    image_url: str | None
    price_cents: int
    initial_discount_cents: int
    currency: str
    is_sold_out: bool
    is_visible: bool
    intake_form_id: UUID | None
    followup_form_id: UUID | None
    product_ids: list[UUID]
    # What a file names is there: applying it brings back what the billing dialect archived.
    is_archived: bool = False


async def get_wrapped_data_key(conn: Connection, organization_id: UUID) -> bytes:
    """Every organization has one from its first day."""
    cursor = await conn.execute(
        "SELECT wrapped FROM organization_data_keys WHERE organization_id = %s AND version = 1", (organization_id,)
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError("the organization has no data key")
    return bytes(row[0])


async def list_products(conn: Connection, organization_id: UUID) -> list[ProductRow]:
    async with conn.cursor(row_factory=class_row(ProductRow)) as cursor:
        await cursor.execute(
            """
            SELECT organization_id, id, name, description, image_url, price_cents, currency, is_active
            FROM products WHERE organization_id = %s
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def save_products(conn: Connection, products: list[ProductRow]) -> None:
    await conn.execute(
        """
        INSERT INTO products (organization_id, id, name, description, image_url, price_cents, currency, is_active)
        SELECT organization_id, id, name, description, image_url, price_cents, currency, is_active
        FROM json_populate_recordset(null::products, %s)
        ON CONFLICT (organization_id, id) DO UPDATE SET
          name = excluded.name, description = excluded.description, image_url = excluded.image_url,
          price_cents = excluded.price_cents, currency = excluded.currency, is_active = excluded.is_active,
          updated_at = now()
        """,
        (to_json(products),),
    )


async def list_forms(conn: Connection, organization_id: UUID) -> list[FormRow]:
    """The forms that belong to no product."""
    async with conn.cursor(row_factory=class_row(FormRow)) as cursor:
        await cursor.execute(
            """
            SELECT organization_id, id, name, description, is_active
            FROM forms WHERE organization_id = %s AND product_id IS NULL
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def save_forms(conn: Connection, forms: list[FormRow]) -> None:
    await conn.execute(
        """
        INSERT INTO forms (organization_id, id, name, description, is_active)
        SELECT organization_id, id, name, description, is_active FROM json_populate_recordset(null::forms, %s)
        ON CONFLICT (organization_id, id) DO UPDATE SET
          name = excluded.name, description = excluded.description, is_active = excluded.is_active
        """,
        (to_json(forms),),
    )


async def list_latest_versions(conn: Connection, organization_id: UUID) -> list[LatestVersion]:
    async with conn.cursor(row_factory=class_row(LatestVersion)) as cursor:
        await cursor.execute(
            """
            SELECT v.form_id, max(v.number) AS number, array_agg(v.questions_digest) AS digests,
                   (array_agg(v.questions_digest ORDER BY v.number DESC))[1] AS questions_digest
            FROM form_versions v JOIN forms f ON f.organization_id = v.organization_id AND f.id = v.form_id
            WHERE v.organization_id = %s AND f.product_id IS NULL
            GROUP BY v.form_id
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def insert_version(conn: Connection, version: VersionRow, questions: list[QuestionRow]) -> None:
    await conn.execute(
        """
        INSERT INTO form_versions (organization_id, id, form_id, number, questions_digest) VALUES (%s, %s, %s, %s, %s)
        """,
        msgspec.structs.astuple(version),
    )
    await conn.execute(
        """
        INSERT INTO form_questions (organization_id, id, form_version_id, index, text, type, required, is_phi, options,
                                    hint, placeholder, render_mode, condition, organization_document)
        SELECT organization_id, id, form_version_id, index, text, type, required, is_phi, options,
               hint, placeholder, render_mode, condition, organization_document
        FROM json_populate_recordset(null::form_questions, %s)
        """,
        (to_json(questions),),
    )


async def list_bundles(conn: Connection, organization_id: UUID) -> list[BundleRow]:
    async with conn.cursor(row_factory=class_row(BundleRow)) as cursor:
        await cursor.execute(
            """
            SELECT b.organization_id, b.id, b.name, b.description, b.image_url, b.price_cents, b.initial_discount_cents,
                   b.currency, b.is_sold_out, b.is_visible, b.intake_form_id, b.followup_form_id,
                   ARRAY(SELECT p.product_id FROM bundle_products p
                         WHERE p.organization_id = b.organization_id AND p.bundle_id = b.id
                         ORDER BY p.product_id) AS product_ids,
                   b.archived_at IS NOT NULL AS is_archived
            FROM bundles b WHERE b.organization_id = %s
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def save_bundles(conn: Connection, bundles: list[BundleRow]) -> None:
    """Saves them, and makes their products exactly those in `product_ids`.

    New ones are made a microsecond apart, so that bundles are listed in the order of the file.
    """
    await conn.execute(
        """
        INSERT INTO bundles (organization_id, id, name, description, image_url, price_cents, initial_discount_cents,
                             currency, is_sold_out, is_visible, intake_form_id, followup_form_id, created_at)
        SELECT organization_id, id, name, description, image_url, price_cents, initial_discount_cents,
               currency, is_sold_out, is_visible, intake_form_id, followup_form_id,
               now() + ordinality * interval '1 microsecond'
        FROM json_populate_recordset(null::bundles, %s) WITH ORDINALITY
        ON CONFLICT (organization_id, id) DO UPDATE SET
          name = excluded.name, description = excluded.description, image_url = excluded.image_url,
          price_cents = excluded.price_cents, initial_discount_cents = excluded.initial_discount_cents,
          currency = excluded.currency, is_sold_out = excluded.is_sold_out, is_visible = excluded.is_visible,
          intake_form_id = excluded.intake_form_id, followup_form_id = excluded.followup_form_id,
          archived_at = NULL, updated_at = now()
        """,
        (to_json(bundles),),
    )
    for bundle in bundles:
        await _save_bundle_products(conn, bundle)


async def _save_bundle_products(conn: Connection, bundle: BundleRow) -> None:
    await conn.execute(
        """
        DELETE FROM bundle_products
        WHERE organization_id = %s AND bundle_id = %s AND NOT product_id = ANY (%s::uuid[])
        """,
        (bundle.organization_id, bundle.id, bundle.product_ids),
    )
    await conn.execute(
        """
        INSERT INTO bundle_products (organization_id, bundle_id, product_id)
        SELECT %s, %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING
        """,
        (bundle.organization_id, bundle.id, bundle.product_ids),
    )
