"""Cases: one patient's request for one or more products, from the storefront to a clinician's decision.

    ABANDONED ──> OPEN ──> ASSIGNED ──> IN_PROGRESS ──> APPROVED | REJECTED | NO_DECISION

A storefront creates a case (seed 000) and reads it back whole (seed 002). Creating is one transaction: patient, case,
products, answers, payment, documents and one event. What follows an OPEN case, assignment and notification, happens in the
worker, from that event; what staff do with it, up to the decision, is in `review`. A patient has at most one open case, unless
the storefront insists (`forceCreate`).
"""
