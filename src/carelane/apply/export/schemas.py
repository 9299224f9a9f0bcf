"""The organization's current state on the wire."""

from typing import Literal

import msgspec

# Whether secrets are named as variables, or left out.
SecretsMode = Literal["variables", "none"]


class LeftOutRecordOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A record that the file cannot say. Applying the file leaves it as it is; a new installation lacks it."""

    section: str
    name: str
    why: str


class OrganizationFileOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`text` is the file. `variables` must be set, to the secrets that they stand for, where it is applied."""

    tenant: str
    text: str
    variables: list[str]
    left_out: list[LeftOutRecordOut]
