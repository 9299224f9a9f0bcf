"""What can go wrong with a quote, beside what every record can."""

from carelane.kit.errors import ConflictError


class QuotePastDateError(ConflictError):
    """Quote past its date"""

    # Nobody expired it yet; whoever meets this lets `expiry.expire_if_past` do it, in a transaction of its own.


class QuoteChangedError(ConflictError):
    """Quote changed"""

    # Between what the patient was shown and the answer.
