"""The tenant walk's part about promo codes and products, and about the catalog as administrators keep it."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID

from carelane.forms.catalog.actions import create_form
from carelane.forms.catalog.schemas import AskedFormIn, AskedQuestionIn
from carelane.kit.auth import system_actor
from carelane.locations.desk.actions import create_location
from carelane.locations.desk.schemas import PlaceIn
from carelane.pharmacies.drugs.actions import create_drug
from carelane.pharmacies.drugs.schemas import DrugIn
from carelane.promo_codes.desk.actions import create_promo_code
from carelane.promo_codes.desk.schemas import PromoCodeIn
from carelane.services import Services
from carelane.taxes.desk.actions import create_tax
from carelane.taxes.desk.schemas import RaisedTaxIn
from tests.pictures import png
from tests.safety.walk.victim import Ask, Victim

CODES = "/api/v1/promo-codes"
PRODUCTS = "/api/v1/organization/products"


def walk_catalog(
    product_id: str, bundle_id: str, code: str, key: dict[str, Any]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: the victim's names, the other's credentials in `key`."""
    for query in ({"code": code}, {"code": code.upper(), "product_bundle_id": bundle_id}):
        yield f"GET {CODES}", ("GET", CODES, key | {"params": query})
    for visible in ({}, {"isVisible": "true"}, {"isVisible": "false"}):
        yield f"GET {PRODUCTS}", ("GET", PRODUCTS, key | {"params": visible})
    forms = {"includeFollowupForm": "true", "includeOptionalFollowupForm": "true"}
    yield f"GET {PRODUCTS}/{{product_id}}", ("GET", f"{PRODUCTS}/{product_id}", key | {"params": forms})


DESK = "/api/staff/catalog"


class KeptCatalog(NamedTuple):
    """The victim's records that the file does not name by their ids."""

    form_id: UUID
    promo_code_id: UUID
    tax_id: UUID
    location_id: UUID
    drug_id: UUID


async def keep_marked_catalog(services: Services, organization_id: UUID, mark: str) -> KeptCatalog:
    here = services, system_actor(organization_id)
    asked = AskedFormIn(name=f"{mark} more", questions=[AskedQuestionIn(text=f"{mark}?", type="TEXT")])
    code = PromoCodeIn(code=f"more-{mark}", discount_percentage="5")
    return KeptCatalog(
        (await create_form(*here, asked, None)).id,
        (await create_promo_code(*here, code, None)).id,
        (await create_tax(*here, RaisedTaxIn(name=mark, percentage="5"), None)).id,
        (await create_location(*here, PlaceIn(name=mark), None)).id,
        (await create_drug(*here, DrugIn(code=mark, name=mark), None)).id,
    )


def walk_kept_catalog(victim: Victim, kept: KeptCatalog, mark: str, admin: dict[str, str]) -> Iterator[tuple[str, Ask]]:
    """What the other clinic's administrator may try on what the victim sells and asks."""
    seen = {"headers": admin}
    yield f"GET {DESK}/parts", Ask("GET", f"{DESK}/parts", seen)
    yield f"GET {DESK}/branding", Ask("GET", f"{DESK}/branding", seen)
    logo = {"file": ("logo.png", png())}
    for used_on in ("pages", "receipts"):
        one = f"{DESK}/branding/logos/{used_on}"
        yield f"PUT {DESK}/branding/logos/{{used_on}}", Ask("PUT", one, seen | {"files": logo})
        yield f"DELETE {DESK}/branding/logos/{{used_on}}", Ask("DELETE", one, seen)
    own: dict[str, Any] = {"name": "Walker", "linkName": f"walk-{mark[:20]}"}
    for more in ({"formId": str(kept.form_id)}, {"defaultBundleId": victim.bundle_id}, {}):
        yield f"PUT {DESK}/branding", Ask("PUT", f"{DESK}/branding", seen | {"json": own | more})
    question = {"text": "Why?", "type": "TEXT"}
    priced: dict[str, Any] = {"name": "Walk", "price": "1.00"}
    stolen = {"productIds": [victim.product_id], "intakeFormId": str(kept.form_id)}
    bodies: list[tuple[str, str, str, list[dict[str, Any]]]] = [
        ("products", "product_id", victim.product_id, [priced, priced | {"exemptedTaxIds": [str(kept.tax_id)]}]),
        ("bundles", "bundle_id", victim.bundle_id, [priced, priced | stolen]),
        ("forms", "form_id", str(kept.form_id), [{"name": "Walk", "questions": [question]}]),
        (
            "promo-codes",
            "promo_code_id",
            str(kept.promo_code_id),
            [{"code": mark, "discountPercentage": "5", "bundleIds": [victim.bundle_id]}],
        ),
        (
            "taxes",
            "tax_id",
            str(kept.tax_id),
            [{"name": "Walk", "percentage": "5", "locationIds": [str(kept.location_id)]}],
        ),
        ("locations", "location_id", str(kept.location_id), [{"name": "Walk"}]),
        ("drugs", "drug_id", str(kept.drug_id), [{"code": "walk", "name": "Walk", "productId": victim.product_id}]),
    ]
    for kind, name, one, wanted in bodies:
        url = f"{DESK}/{kind}"
        for query in ({}, {"q": mark}):
            yield f"GET {url}", Ask("GET", url, seen | {"params": query})
        yield f"GET {url}/{{{name}}}", Ask("GET", f"{url}/{one}", seen)
        for body in wanted:
            yield f"POST {url}", Ask("POST", url, seen | {"json": body})
            yield f"PUT {url}/{{{name}}}", Ask("PUT", f"{url}/{one}", seen | {"json": body})
    form = f"{DESK}/forms/{kept.form_id}"
    yield f"GET {DESK}/forms/{{form_id}}/versions", Ask("GET", f"{form}/versions", seen)
    both = seen | {"params": {"before": 1, "now": 1}}
    yield f"GET {DESK}/forms/{{form_id}}/compared", Ask("GET", f"{form}/compared", both)
