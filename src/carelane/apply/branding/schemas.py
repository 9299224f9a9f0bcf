"""`branding` of an organization file."""

from collections.abc import Iterable

from carelane.apply.catalog.schemas import BundleEntry, FormEntry
from carelane.apply.schemas import Problems, repeated
from carelane.kit.errors import FieldProblem
from carelane.organizations.branding.schemas import LinkName, Look


class BrandingEntry(Look, frozen=True, kw_only=True):
    """`form` and `defaultBundle` name a form and a bundle of the same file."""

    link_name: LinkName
    form: str | None = None
    default_bundle: str | None = None


def broken_rules(
    branding: BrandingEntry | None, bundles: Iterable[BundleEntry], forms: Iterable[FormEntry]
) -> Problems:
    if branding is None:
        return
    known = (
        ("form", branding.form, {form.name for form in forms}),
        ("defaultBundle", branding.default_bundle, {bundle.name for bundle in bundles}),
    )
    for key, named, names in known:
        if named is not None and named not in names:
            yield FieldProblem(f"branding.{key}", f"nothing of this file has the name {named}")
    yield from repeated("branding.faq", [entry.question for entry in branding.faq])
