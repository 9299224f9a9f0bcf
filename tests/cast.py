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
    # What billing asks about; the demo's clinics have all of it, a clinic of one's own what it was given.
    patient_id: str = ""
    creator_id: str = ""
    location_id: str = ""

    @property
    def key(self) -> dict[str, str]:
        """Headers of a caller who holds the clinic's key."""
        return {"cv-api-key": self.api_key}

    @property
    def catalog_only(self) -> dict[str, str]:
        return {"cv-api-key": self.catalog_only_key}

    @property
    def billing(self) -> dict[str, str]:
        """Headers of a caller of the billing dialect."""
        return {"API-KEY": self.api_key, "TENANT": self.tenant}

    @property
    def item_id(self) -> str:
        return self.product_id

    @property
    def package_id(self) -> str:
        return self.bundle_id
