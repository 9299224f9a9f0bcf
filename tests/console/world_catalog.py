"""The catalog of the full clinic: what the pages of its records are looked at with."""

from datetime import timedelta
from uuid import UUID

from carelane.catalog.desk.actions import create_bundle, create_product
from carelane.catalog.desk.schemas import OfferedBundleIn, SoldProductIn
from carelane.forms.catalog.actions import change_form, create_form
from carelane.forms.catalog.schemas import AskedFormIn, AskedIfIn, AskedQuestionIn
from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.locations.desk.actions import create_location
from carelane.locations.desk.schemas import PlaceIn
from carelane.organizations.branding.desk.actions import change_branding
from carelane.organizations.branding.desk.reads import get_branding
from carelane.organizations.branding.desk.schemas import BrandingIn
from carelane.organizations.logos.actions import set_logo
from carelane.organizations.logos.schemas import LogoIn
from carelane.pharmacies.drugs.actions import create_drug
from carelane.pharmacies.drugs.schemas import DrugIn
from carelane.promo_codes.desk.actions import create_promo_code
from carelane.promo_codes.desk.schemas import PromoCodeIn
from carelane.services import Services
from carelane.taxes.desk.actions import create_tax
from carelane.taxes.desk.schemas import RaisedTaxIn
from tests.cast import Clinic
from tests.pictures import png

# More than a page shows.
PRODUCTS = 55


async def make_catalog(services: Services, clinic: Clinic, marker: str, count: int = PRODUCTS) -> dict[str, str]:
    """The ids of one record of each kind."""
    here = services, system_actor(UUID(clinic.organization_id))
    made = [
        await create_product(
            *here, SoldProductIn(name=f"{marker} cream {number}", price="24.50", category="Skin"), None
        )
        for number in range(count)
    ]
    ids = [one.id for one in made[:3]]
    body = OfferedBundleIn(name=f"{marker} box", price="60.00", initial_discount="10.00", product_ids=ids, tag="New")
    bundle = await create_bundle(*here, body, None)
    form = await create_form(*here, AskedFormIn(name=f"{marker} intake", questions=_questions(marker)[:4]), None)
    again = AskedFormIn(name=f"{marker} intake", description=f"What {marker} asks first.", questions=_questions(marker))
    await change_form(*here, str(form.id), again, None)
    look = BrandingIn(
        name=(await get_branding(*here)).name,
        link_name=f"own-{clinic.organization_id[:8]}",
        tagline=f"{marker} cares",
        color_primary="#7a1f5c",
        form_id=form.id,
    )
    await change_branding(*here, look, None)
    await set_logo(*here, "pages", LogoIn(file=png(1_800, 90)), None)
    await set_logo(*here, "receipts", LogoIn(file=png(90, 1_800)), None)
    ids = {"product_id": made[0].id, "bundle_id": bundle.id, "form_id": form.id}
    ids |= await _make_small(services, clinic, marker, ids)
    return {name: str(one) for name, one in ids.items()}


async def _make_small(services: Services, clinic: Clinic, marker: str, ids: dict[str, UUID]) -> dict[str, UUID]:
    here = services, system_actor(UUID(clinic.organization_id))
    place = await create_location(*here, PlaceIn(name=f"{marker} Wharf", city="Albany", state="NY"), None)
    raised = RaisedTaxIn(name=f"{marker} tax", percentage="8.25", location_ids=[place.id])
    begins = clock.now() - timedelta(days=2)
    code = PromoCodeIn(
        code=f"{marker}10",
        label=f"{marker} says hello",
        discount_amount="10.00",
        bundle_ids=[ids["bundle_id"]],
        starts_at=begins,
        ends_at=begins + timedelta(days=30),
        max_uses=100,
    )
    drug = DrugIn(
        code=marker.lower(), name=f"{marker} 5 mg", ndc="0169-4525-14", schedule="IV", product_id=ids["product_id"]
    )
    return {
        "location_id": place.id,
        "tax_id": (await create_tax(*here, raised, None)).id,
        "promo_code_id": (await create_promo_code(*here, code, None)).id,
        "drug_id": (await create_drug(*here, drug, None)).id,
    }


def _questions(marker: str) -> list[AskedQuestionIn]:
    """One of each kind; one that is odd."""
    kinds = ("DATE", "DATERANGE", "FILE", "STATEMENT", "WIDGET_BMI", "WIDGET_STATE_PICKER", "WIDGET_VISIT_TYPE")
    plain = [
        AskedQuestionIn(text=f"{marker} asks for {kind}", type=kind, hint=f"As {marker} likes it") for kind in kinds
    ]
    pain = AskedIfIn(question_index=0, response=["Often", "Never heard of it"])
    return [
        AskedQuestionIn(
            text=f"Does {marker} hurt?", type="SINGLESELECT", options=["Often", "No"], option_flags={"Often": "Pain"}
        ),
        AskedQuestionIn(
            text=f"Where does {marker} hurt?", type="TEXT", required=True, is_phi=True, condition=pain, carry=True
        ),
        AskedQuestionIn(text=f"Do you smoke, {marker}?", type="BOOLEAN", flag="Smokes"),
        AskedQuestionIn(text=f"What does {marker} take?", type="MULTISELECT", options=["Tea", f"{marker} pills"]),
        *plain,
    ]
