"""Where things are sold, and what an answer says is wrong."""

CREATE = "/billing/payment-terminal/charge/create"
MARK = "/billing/payment-terminal/mark-no-charge"


def problems(answer):
    """What is wrong, by where it stands."""
    return {".".join(str(step) for step in one["loc"][1:]): one["msg"] for one in answer["detail"]}
