"""From the organization's row to the wire, and what is kept how long."""

from collections.abc import Iterator

import msgspec

from carelane.clinic.organization.queries import DatedOrganization
from carelane.clinic.organization.schemas import OrganizationSettingsOut, RetentionOut
from carelane.settings import Settings
from carelane.web.versions import version_of

_KEPT = "keep_"


def settings_out(row: DatedOrganization, settings: Settings) -> OrganizationSettingsOut:
    return OrganizationSettingsOut(
        **msgspec.structs.asdict(row), version=version_of(row.plain()), retention=list(_retention(settings))
    )


def _retention(settings: Settings) -> Iterator[RetentionOut]:
    shape = msgspec.inspect.type_info(Settings)
    assert isinstance(shape, msgspec.inspect.StructType)
    for field in shape.fields:
        if field.name.startswith(_KEPT):
            meta = getattr(field.type, "extra_json_schema", None) or {}
            yield RetentionOut(
                setting=f"CARELANE_{field.name.upper()}",
                days=getattr(settings, field.name),
                what=str(meta.get("description", "")),
            )
