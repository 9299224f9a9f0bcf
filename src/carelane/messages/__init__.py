"""Messages: the one outbox for mail and text messages.

    QUEUED ←──→ SENDING ──→ SENT
       ↑           ├──→ CANCELED
       └─ staff ── └──→ FAILED

A feature queues a message in its act's own transaction: both are there or neither is. The worker claims what is due, sends it
outside any transaction, and writes down what came of it. A feature that must decide when a message leaves (what it says, or
that it is no longer wanted), or acts on what came of it, gives the worker `Hooks` for its kind.

A new kind: its name and meaning in `schemas.py`, `actions.queue` in the act, and, if it needs them, its hooks in
`processes/worker.py`.

A worker that dies after the mail server took a message and before that is written down sends it again: twice at most for
each death, and never not at all. Every attempt carries the same Message-ID, by which many servers notice.
"""
