"""customer-latest-case-id on the wire."""

from uuid import UUID

import msgspec


class LatestCaseOut(msgspec.Struct, frozen=True):
    id: UUID


class LatestCaseAnswerOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    case: LatestCaseOut
