"""People as the care dialect shows them."""

from uuid import UUID

import msgspec

from carelane.kit.phi import Phi


class BasicUserOut(Phi, msgspec.Struct, rename="camel", frozen=True):
    """The dialect's "Basic User": staff or a patient, by name."""

    id: UUID
    first_name: str
    last_name: str
