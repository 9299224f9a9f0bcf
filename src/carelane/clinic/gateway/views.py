"""From an account to the wire, without its secrets."""

from carelane.clinic.gateway.schemas import GatewayAccountOut, PaymentTermsOut
from carelane.payments.accounts.queries import GatewayAccount, Terms
from carelane.web.versions import version_of


def terms_out(terms: Terms) -> PaymentTermsOut:
    return PaymentTermsOut(
        policy=terms.policy,
        order_requires_payment=terms.order_requires_payment,
        fee_count=len(terms.fees),
        version=version_of((terms.policy, terms.order_requires_payment)),
    )


def account_out(account: GatewayAccount) -> GatewayAccountOut:
    return GatewayAccountOut(
        provider=account.provider,
        mode="test" if account.is_test else "live",
        is_active=account.is_active,
        has_webhook_secret=account.webhook_secret_sealed is not None,
        has_previous_webhook_secret=account.previous_webhook_secret_sealed is not None,
        webhook_path=f"/gateways/{account.provider}/{account.organization_id}",
        updated_at=account.updated_at,
        version=account.updated_at.isoformat(),
    )
