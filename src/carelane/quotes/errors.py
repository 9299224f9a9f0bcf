"""What can go wrong with a quote, beyond what can go wrong with any record."""

from carelane.kit.errors import ConflictError


class QuotePastDateError(ConflictError):
    """Quote past its date"""

    # It is not marked EXPIRED yet. The caller does that with `expire.expire_if_past`, in another transaction.


class QuoteChangedError(ConflictError):
    """Quote changed"""

    # Since the patient was shown it.
