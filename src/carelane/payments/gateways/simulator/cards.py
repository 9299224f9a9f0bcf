"""The test cards: by their number, and by the names of payment methods that stand for them."""

import msgspec

DECLINES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "card_velocity_exceeded": "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    "approve_with_id": "Your card was declined.",
    "call_issuer": "Your card was declined.",
    "card_not_supported": "Your card does not support this type of purchase.",
    "currency_not_supported": "Your card does not support this currency.",
    "do_not_honor": "Your card was declined.",
    "do_not_try_again": "Your card was declined.",
    "duplicate_transaction": "Your card was declined.",
    "fraudulent": "Your card was declined.",
    "incorrect_number": "Your card number is incorrect.",
    "incorrect_zip": "Your postal code is incorrect.",
    "invalid_account": "Your card was declined.",
    "invalid_amount": "Your card was declined.",
    "issuer_not_available": "Your card was declined.",
    "merchant_blacklist": "Your card was declined.",
    "new_account_information_available": "Your card was declined.",
    "no_action_taken": "Your card was declined.",
    "not_permitted": "Your card was declined.",
    "pickup_card": "Your card was declined.",
    "reenter_transaction": "Your card was declined.",
    "restricted_card": "Your card was declined.",
    "revocation_of_all_authorizations": "Your card was declined.",
    "revocation_of_authorization": "Your card was declined.",
    "security_violation": "Your card was declined.",
    "service_not_allowed": "Your card was declined.",
    "stop_payment_order": "Your card was declined.",
    "testmode_decline": "Your card was declined.",
    "transaction_not_allowed": "Your card does not support this type of purchase.",
    "try_again_later": "Your card was declined.",
    "withdrawal_count_limit_exceeded": "Your card was declined.",
    "authentication_not_handled": "Your card was declined. This transaction requires authentication.",
    "incorrect_pin": "Your card was declined.",
    "invalid_cvc": "Your card's security code is invalid.",
    "invalid_expiry_month": "Your card's expiration month is invalid.",
    "invalid_expiry_year": "Your card's expiration year is invalid.",
    "invalid_number": "Your card number is not a valid credit card number.",
    "invalid_pin": "Your card was declined.",
    "offline_pin_required": "Your card was declined.",
    "online_or_offline_pin_required": "Your card was declined.",
    "pin_try_exceeded": "Your card was declined.",
    "account_closed": "Your card was declined.",
    "bank_account_closed": "Your card was declined.",
    "highest_risk_level": "Your card was declined.",
    "elevated_risk_level": "Your card was declined.",
    "incorrect_address": "Your card's address is incorrect.",
    "no_account": "Your card was declined.",
    "payment_method_not_available": "Your card was declined.",
    "previously_declined_do_not_retry": "Your card was declined.",
    "unsupported_card": "Your card was declined.",
}
# These have a code of their own; all others are `card_declined`.
OWN_CODES = {
    "expired_card",
    "incorrect_cvc",
    "processing_error",
    "authentication_required",
    "incorrect_number",
    "incorrect_zip",
    "incorrect_address",
    "invalid_cvc",
    "invalid_expiry_month",
    "invalid_expiry_year",
    "invalid_number",
}


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """`decline` is said when it is charged, and when it is attached too unless it `attaches`.

    `authenticates`: "always", at "setup" and at the first payment only, or "never". `disputes` and `refund_fails` come afterwards.
    """

    number: str
    name: str
    brand: str = "visa"
    decline: str | None = None
    attaches: bool = True
    authenticates: str = "never"
    disputes: str | None = None
    refund_fails: bool = False


CARDS = [
    Card(number="4242424242424242", name="pm_card_visa"),
    Card(number="4000056655665556", name="pm_card_visa_debit"),
    Card(number="5555555555554444", name="pm_card_mastercard", brand="mastercard"),
    Card(number="378282246310005", name="pm_card_amex", brand="amex"),
    Card(number="6011111111111117", name="pm_card_discover", brand="discover"),
    Card(number="4000000000000077", name="pm_card_bypassPending"),
    Card(number="4000000000000341", name="pm_card_chargeCustomerFail", decline="generic_decline"),
    Card(number="4000000000000002", name="pm_card_chargeDeclined", decline="generic_decline", attaches=False),
    Card(number="4000000000009995", name="pm_card_chargeDeclinedInsufficientFunds", decline="insufficient_funds", attaches=False),
    Card(number="4000000000009987", name="pm_card_chargeDeclinedLostCard", decline="lost_card", attaches=False),
    Card(number="4000000000009979", name="pm_card_chargeDeclinedStolenCard", decline="stolen_card", attaches=False),
    Card(number="4000000000000069", name="pm_card_chargeDeclinedExpiredCard", decline="expired_card", attaches=False),
    Card(number="4000000000000127", name="pm_card_chargeDeclinedIncorrectCvc", decline="incorrect_cvc", attaches=False),
    Card(number="4000000000000119", name="pm_card_chargeDeclinedProcessingError", decline="processing_error", attaches=False),
    Card(number="4000000000006975", name="pm_card_chargeDeclinedVelocityLimitExceeded", decline="card_velocity_exceeded", attaches=False),
    Card(number="4100000000000019", name="pm_card_radarBlock", decline="fraudulent", attaches=False),
    Card(number="4000002500003155", name="pm_card_authenticationRequiredOnSetup", authenticates="setup"),
    Card(number="4000002760003184", name="pm_card_authenticationRequired", authenticates="always"),
    Card(number="4000008260003178", name="pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
         authenticates="setup", decline="insufficient_funds"),
    Card(number="4000000000003220", name="pm_card_threeDSecure2Required", authenticates="always"),
    Card(number="4000000000000259", name="pm_card_createDispute", disputes="fraudulent"),
    Card(number="4000000000002685", name="pm_card_createDisputeProductNotReceived", disputes="product_not_received"),
    Card(number="4000000000005126", name="pm_card_refundFail", refund_fails=True),
]  # fmt: skip
BY_NAME = {card.name: card for card in CARDS}
BY_NUMBER = {card.number: card for card in CARDS}


def by_token(token: str) -> Card | None:
    """`tok_visa` is the card of `pm_card_visa`."""
    return BY_NAME.get("pm_card_" + token.removeprefix("tok_"))


def is_valid_number(number: str) -> bool:
    """By the check digit."""
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return False
    digits = [int(digit) for digit in reversed(number)]
    return sum(digit if place % 2 == 0 else sum(divmod(digit * 2, 10)) for place, digit in enumerate(digits)) % 10 == 0
