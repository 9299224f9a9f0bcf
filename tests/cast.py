"""The people and clinics that appear in the tests, by name."""

import msgspec


class Clinic(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One of the two demo organizations, with its credentials and catalogue (what `carelane demo-data` prints)."""

    organization_id: str
    tenant: str
    api_key: str
    catalog_only_key: str
    client_id: str
    client_secret: str
    product_id: str
    bundle_id: str

    @property
    def key(self) -> dict[str, str]:
        """Headers of a caller who holds the clinic's key."""
        return {"cv-api-key": self.api_key}

    @property
    def catalog_only(self) -> dict[str, str]:
        return {"cv-api-key": self.catalog_only_key}
