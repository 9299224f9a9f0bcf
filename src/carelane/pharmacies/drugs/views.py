"""Drugs between their rows and the wire."""

import msgspec

from carelane.pharmacies.drugs.schemas import DrugOut
from carelane.pharmacies.queries import Drug
from carelane.web.versions import version_of


def show_drug(row: Drug) -> DrugOut:
    members = msgspec.structs.asdict(row)
    del members["organization_id"]
    return DrugOut(**members, version=version_of(row))
