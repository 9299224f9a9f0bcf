"""What can be made to go wrong, and how it is chosen.

- By metadata: `simulate=<fault>`, several with commas. `fault@capture` is meant for that operation only, `fault:2` happens the first
  two times, `fault:always` always.
- By amount: one that ends in 666.NN (66601, 166601, 66601 yen), with NN from the table; `amountFaults` of the settings ends that.
- By `POST /control/faults`: the next calls of an operation.

Faults of a call happen once for each payment, all others always, unless it is said otherwise.
"""

from collections.abc import Collection
from typing import Any, Literal

import msgspec

from carelane.payments.gateways.simulator.accounts import Account
from carelane.payments.gateways.simulator.cards import DECLINES
from carelane.payments.gateways.simulator.wire import Object

Group = Literal["call", "webhook", "outcome", "decline"]
METADATA_KEY = "simulate"
_AMOUNT_BASE = 66_600
_AMOUNT_ENDINGS = 100_000
_FIRST_DECLINE = 30


class Fault(msgspec.Struct, frozen=True):
    group: Group
    amount_ending: int
    text: str


FAULTS: dict[str, Fault] = {
    "lost_answer": Fault("call", 1, "It is done, then the connection closes without an answer."),
    "lost_before": Fault("call", 2, "The connection closes before anything is done."),
    "conflict": Fault(
        "call",
        3,
        "409 `idempotency_key_in_use`, as if the same call were in progress; nothing is done, and nothing kept.",
    ),
    "server_error": Fault("call", 4, "500; nothing is done, and the key answers 500 from then on."),
    "server_error_after": Fault("call", 5, "It is done, then 500; the key answers 500 from then on."),
    "rate_limited": Fault("call", 6, "429; nothing is done, and nothing kept under the key."),
    "slow": Fault("call", 7, "It is done, and the answer comes after `slowSeconds`; the key is in use until then."),
    "stalled": Fault("call", 8, "It is done; half of the answer comes, the rest after `slowSeconds`."),
    "lock_timeout": Fault(
        "call", 9, "429 `lock_timeout`: somebody else works on the object; nothing is done, and nothing kept."
    ),
    "duplicate_webhook": Fault("webhook", 11, "Each event is delivered three times."),
    "reordered_webhooks": Fault("webhook", 12, "What happens within a second is delivered the last first."),
    "delayed_webhook": Fault("webhook", 13, "Events are delivered after `delaySeconds`."),
    "withheld_webhook": Fault("webhook", 14, "Events are not delivered until `/control/deliver` says so."),
    "wrong_livemode": Fault("outcome", 15, "The object's `livemode` is the other one's."),
    "expired_hold": Fault("outcome", 16, "The hold has expired when it is captured: canceled, and `automatic`."),
    "processing": Fault("outcome", 17, "The payment is `processing`, and succeeds after `settleSeconds`."),
    "processing_failed": Fault("outcome", 18, "The payment is `processing`, and fails after `settleSeconds`."),
    "refund_pending": Fault("outcome", 19, "Refunds are `pending`, and succeed after `settleSeconds`."),
    "refund_failed": Fault("outcome", 20, "Refunds succeed, and fail after `settleSeconds`: the money comes back."),
    "dispute": Fault("outcome", 21, "The charge is disputed as soon as it succeeds."),
    "authentication_failed": Fault("outcome", 22, "The bank asks the patient, and whatever is answered, it fails."),
    **{
        code: Fault("decline", _FIRST_DECLINE + number, f"402 with this decline code. {text}")
        for number, (code, text) in enumerate(DECLINES.items())
    },
}
CALL_FAULTS = frozenset(name for name, fault in FAULTS.items() if fault.group == "call")
WEBHOOK_FAULTS = frozenset(name for name, fault in FAULTS.items() if fault.group == "webhook")
BY_AMOUNT = {fault.amount_ending: name for name, fault in FAULTS.items()}


class Wish(msgspec.Struct, frozen=True):
    """A fault that is wanted somewhere. `times` None: always."""

    fault: str
    operation: str | None
    times: int | None


class Planned(msgspec.Struct, forbid_unknown_fields=True):
    """Of `/control/faults`: the next `times` calls of `operation` (always: null), or of all with `*`."""

    fault: str
    operation: str = "*"
    times: int | None = 1
    key: str | None = None


def parse(text: str) -> list[Wish]:
    """Unknown names are left out: metadata belongs to the caller."""
    wishes = []
    for part in text.split(","):
        named, _, times = part.strip().partition(":")
        fault, _, operation = named.partition("@")
        if fault in FAULTS:
            once = 1 if FAULTS[fault].group == "call" else None
            count = int(times) if times.isdigit() else None if times == "always" else once
            wishes.append(Wish(fault, operation or None, count))
    return wishes


def wishes_of(account: Account, subject: Object) -> list[Wish]:
    """By the metadata and the amount of an object, or of a call's parameters."""
    metadata = subject.get("metadata")
    wishes = parse(str(metadata.get(METADATA_KEY, ""))) if isinstance(metadata, dict) else []
    amount = subject.get("amount")
    if account.world.settings.amount_faults and isinstance(amount, int):
        name = BY_AMOUNT.get(amount % _AMOUNT_ENDINGS - _AMOUNT_BASE)
        wishes += parse(name) if name else []
    return wishes


def called(account: Account, operation: str, subjects: list[Object], parents: list[Object], marker: str) -> list[str]:
    """The faults of this call, used up. `marker` says what a fault happens once for; of `parents` only what names the operation."""
    names = _planned(account, operation, CALL_FAULTS)
    wishes = [wish for subject in subjects for wish in wishes_of(account, subject)]
    wishes += [wish for parent in parents for wish in wishes_of(account, parent) if wish.operation is not None]
    return names + [
        wish.fault
        for wish in wishes
        if wish.fault in CALL_FAULTS and _is_meant(wish, operation) and _use(account, wish, marker)
    ]


def occurring(account: Account, names: Collection[str], *subjects: Object) -> list[str]:
    """Those of `names` that the subjects ask for now, used up."""
    operation = account.request.operation
    found = _planned(account, operation, names)
    for subject in subjects:
        found += [
            wish.fault
            for wish in wishes_of(account, subject)
            if wish.fault in names and _is_meant(wish, operation) and _use(account, wish, str(subject.get("id")))
        ]
    return found


def share(account: Account, marker: str, other: str) -> None:
    """What happened once for a call that made an object has happened for the object."""
    for (wish, used), count in list(account.used_faults.items()):
        if used == marker:
            account.used_faults[wish, other] = max(count, account.used_faults[wish, other])


def table() -> list[dict[str, Any]]:
    return [
        {"fault": name, "amountEnding": _AMOUNT_BASE + fault.amount_ending, "group": fault.group, "text": fault.text}
        for name, fault in FAULTS.items()
    ]


def _planned(account: Account, operation: str, names: Collection[str]) -> list[str]:
    found = []
    planned: list[Planned] = account.world.planned
    for plan in planned:
        if plan.fault in names and plan.key in {None, account.key} and plan.operation in {"*", operation}:
            plan.times = None if plan.times is None else plan.times - 1
            found.append(plan.fault)
    planned[:] = [plan for plan in planned if plan.times is None or plan.times > 0]
    return found


def _is_meant(wish: Wish, operation: str) -> bool:
    """`capture`, `refunds` and `payment_intents.capture` are names of operations. Reading is disturbed only by name."""
    noun, _, verb = operation.partition(".")
    if wish.operation is None:
        return FAULTS[wish.fault].group != "call" or verb not in {"retrieve", "list", "search"}
    return wish.operation in {operation, noun, noun.rstrip("s"), verb}


def _use(account: Account, wish: Wish, marker: str) -> bool:
    key = (f"{wish.fault}@{wish.operation}", marker)
    if wish.times is not None and account.used_faults[key] >= wish.times:
        return False
    account.used_faults[key] += 1
    return True
