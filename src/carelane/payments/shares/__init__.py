"""A payment's parts for charges, and how a refund is spread over them: so that any series of refunds undoes each account exactly."""
