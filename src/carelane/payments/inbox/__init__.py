"""The inbox of payments: what gateways tell about the money of an organization.

An event is authenticated, its row committed, answered with 200, and only then applied. It is a hint and no more: the object that
it names is fetched, and what the gateway says of it now goes to the one `settle()`. So neither the order nor the number of
deliveries matters, and no time of an event is ever compared.

    RECEIVED ──> APPLIED      what it told is in the books
        │  └───> IGNORED      of a kind that changes nothing here; `failure` says why
        └──────> UNMATCHED    of a payment that is not here yet: applied when the payment appears (`wake_unmatched`), looked at
                              again for three days, and kept for a person after that
"""
