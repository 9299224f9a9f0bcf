"""The catalog: products, bundles, and what goes with them."""

from carelane.permissions import CATALOG_READ, CATALOG_WRITE, ORGANIZATION_MANAGE, PHARMACIES_MANAGE
from tests.console.examples.shapes import FormExample, PageExample

PAGES: dict[str, PageExample] = {
    "/console/catalog": PageExample(statements=1, answer=303),
    "/console/catalog/products": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/products/new": PageExample(needs=CATALOG_WRITE, statements=6),
    "/console/catalog/products/{product_id}": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/bundles": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/bundles/new": PageExample(needs=CATALOG_WRITE, statements=6),
    "/console/catalog/bundles/{bundle_id}": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/forms": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/forms/new": PageExample(needs=CATALOG_WRITE, statements=5),
    "/console/catalog/forms/{form_id}": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/forms/{form_id}/preview": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/forms/{form_id}/versions": PageExample(needs=CATALOG_READ, statements=11),
    "/console/catalog/promo-codes": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/promo-codes/new": PageExample(needs=CATALOG_WRITE, statements=6),
    "/console/catalog/promo-codes/{promo_code_id}": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/taxes": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/taxes/new": PageExample(needs=CATALOG_WRITE, statements=6),
    "/console/catalog/taxes/{tax_id}": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/locations": PageExample(needs=CATALOG_READ, statements=7),
    "/console/catalog/locations/new": PageExample(needs=CATALOG_WRITE, statements=5),
    "/console/catalog/locations/{location_id}": PageExample(needs=CATALOG_READ, statements=6),
    "/console/catalog/drugs": PageExample(needs=PHARMACIES_MANAGE, statements=7),
    "/console/catalog/drugs/new": PageExample(needs=PHARMACIES_MANAGE, statements=6),
    "/console/catalog/drugs/{drug_id}": PageExample(needs=PHARMACIES_MANAGE, statements=7),
    "/console/catalog/branding": PageExample(needs=ORGANIZATION_MANAGE, statements=8),
}
_FORM = {"name": "Intake", "questions[0].text": "How are you?", "questions[0].type": "TEXT"}

FORMS: dict[str, FormExample] = {
    "/console/catalog/products/new/make": FormExample(needs=CATALOG_WRITE, fields={"name": "Cream", "price": "12.50"}),
    "/console/catalog/products/{product_id}/change": FormExample(
        needs=CATALOG_WRITE, fields={"name": "Cream", "price": "12.50"}
    ),
    "/console/catalog/bundles/new/make": FormExample(needs=CATALOG_WRITE, fields={"name": "Plan", "price": "12.50"}),
    "/console/catalog/bundles/{bundle_id}/change": FormExample(
        needs=CATALOG_WRITE, fields={"name": "Plan", "price": "12.50"}
    ),
    "/console/catalog/forms/new/make": FormExample(needs=CATALOG_WRITE, fields=_FORM),
    "/console/catalog/forms/{form_id}/change": FormExample(needs=CATALOG_WRITE, fields=_FORM),
    "/console/catalog/promo-codes/new/make": FormExample(
        needs=CATALOG_WRITE, fields={"code": "HELLO", "discountPercentage": "10"}
    ),
    "/console/catalog/promo-codes/{promo_code_id}/change": FormExample(
        needs=CATALOG_WRITE, fields={"code": "HELLO2", "discountPercentage": "10"}
    ),
    "/console/catalog/taxes/new/make": FormExample(needs=CATALOG_WRITE, fields={"name": "VAT", "percentage": "8.25"}),
    "/console/catalog/taxes/{tax_id}/change": FormExample(
        needs=CATALOG_WRITE, fields={"name": "VAT", "percentage": "8.25"}
    ),
    "/console/catalog/locations/new/make": FormExample(needs=CATALOG_WRITE, fields={"name": "Pier 4"}),
    "/console/catalog/locations/{location_id}/change": FormExample(needs=CATALOG_WRITE, fields={"name": "Pier 4"}),
    "/console/catalog/drugs/new/make": FormExample(
        needs=PHARMACIES_MANAGE, fields={"name": "Drops 5 mg", "code": "drops-5"}
    ),
    "/console/catalog/drugs/{drug_id}/change": FormExample(
        needs=PHARMACIES_MANAGE, fields={"name": "Drops 5 mg", "code": "drops-6"}
    ),
    "/console/catalog/branding/quote-preview": FormExample(needs=ORGANIZATION_MANAGE, fields={"name": "Own Clinic"}),
    "/console/catalog/branding/mail-preview": FormExample(needs=ORGANIZATION_MANAGE, fields={"name": "Own Clinic"}),
    "/console/catalog/branding/set-logo": FormExample(needs=CATALOG_WRITE, fields={"usedOn": "pages"}),
    "/console/catalog/branding/remove-logo": FormExample(needs=CATALOG_WRITE, fields={"usedOn": "pages"}),
    "/console/catalog/branding/change": FormExample(
        needs=ORGANIZATION_MANAGE, fields={"name": "Own Clinic", "linkName": "not A link name"}
    ),
}
