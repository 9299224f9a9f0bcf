"""UPDATE_PAYMENT_INFO on the wire."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.kit.emails import is_email, mailbox_of
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.kit.texts import is_blank
from carelane.patients.profiles.schemas import ProfileIn, profile_problems, storefront_problems
from carelane.patients.schemas import ShippingAddressIn
from carelane.patients.users.schemas import Email
from carelane.payments.schemas import ProviderReferenceIn

SETUP_PLACE = "data.stripeSetupId"
ADDRESS_PLACE = "data.shippingAddress."

Reference = Annotated[str, Meta(max_length=255)]
# The lines of an address that a user has by other names.
_LINES = {"address": "addressLine1", "address2": "addressLine2"}
_REQUIRED = ("address_line1", "city", "state", "country", "postal_code")


class PaymentInfoIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Exactly one of `stripeSetupId` and `nmiPaymentToken`."""

    email: Email | None = None
    stripe_setup_id: Reference | None = None
    nmi_payment_token: Reference | None = None
    shipping_address: ShippingAddressIn | None = None


class UpdatePaymentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`email` says whose it is, here or inside `data`."""

    action: Literal["UPDATE_PAYMENT_INFO"]
    data: PaymentInfoIn
    email: Email | None = None

    @property
    def address(self) -> str:
        return (self.email or "").strip() or (self.data.email or "").strip()

    @property
    def reference(self) -> ProviderReferenceIn:
        """Of a body without problems."""
        setup_id = (self.data.stripe_setup_id or "").strip()
        if setup_id:
            return ProviderReferenceIn(type="SETUP_INTENT", id=setup_id)
        return ProviderReferenceIn(type="PAYMENT_TOKEN", id=(self.data.nmi_payment_token or "").strip())

    @property
    def profile(self) -> ProfileIn | None:
        """The address as a user has one; a second line that is left out is removed with the old address."""
        sent = self.data.shipping_address
        if sent is None:
            return None
        return ProfileIn(
            address=sent.address_line1,
            address2=sent.address_line2,
            city=sent.city,
            state=sent.state or "",
            country=sent.country or "",
            postal_code=sent.postal_code,
        )


class CodeOut(msgspec.Struct, frozen=True, kw_only=True):
    code: Literal["PAYMENT_SETUP_UPDATED"]


class PaymentInfoOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: CodeOut


def payment_info_problems(body: UpdatePaymentIn) -> Iterator[FieldProblem]:
    """What is wrong with the body."""
    inner = (body.data.email or "").strip()
    if not is_email(body.address):
        yield FieldProblem("email", "expected an e-mail address such as name@example.com, here or as data.email")
    elif inner and mailbox_of(inner) != mailbox_of(body.address):
        yield FieldProblem("data.email", "expected the same as email, or none")
    given = [text for text in (body.data.stripe_setup_id, body.data.nmi_payment_token) if not is_blank(text or "")]
    if len(given) != 1:
        yield FieldProblem(SETUP_PLACE, "expected exactly one of stripeSetupId and nmiPaymentToken")
    yield from _address_problems(body)


def _address_problems(body: UpdatePaymentIn) -> Iterator[FieldProblem]:
    address, profile = body.data.shipping_address, body.profile
    if address is None or profile is None:
        return
    wire = {field.name: field.encode_name for field in msgspec.structs.fields(ShippingAddressIn)}
    missing = [wire[name] for name in _REQUIRED if is_blank(getattr(address, name) or "")]
    for name in missing:
        yield FieldProblem(f"{ADDRESS_PLACE}{name}", f"{name} is required")
    wrong = {problem.field: problem for problem in (*storefront_problems(profile, ""), *profile_problems(profile))}
    for field, problem in wrong.items():
        name = _LINES.get(field, field)
        if name not in missing:
            yield FieldProblem(f"{ADDRESS_PLACE}{name}", problem.problem)
