"""Comments and notes."""

from typing import Any
from uuid import UUID

from carelane.kit.ids import uuid7
from carelane.services import Services
from tests.factories.rows import insert_row


async def comment(services: Services, organization_id: UUID, case_id: UUID, text: str, **values: Any) -> UUID:
    """A comment; with `is_restricted=True` a note. Its text is sealed."""
    comment_id = uuid7()
    key = await services.keyring.data_key(organization_id)
    sealed = key.seal(text.encode(), "comments.text_sealed", comment_id)
    return await insert_row(
        services, organization_id, "comments", id=comment_id, case_id=case_id, text_sealed=sealed, **values
    )
