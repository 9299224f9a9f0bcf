"""Bodies of create case, each with an e-mail that no other test uses."""

from typing import Any
from uuid import uuid4


def new_email() -> str:
    return f"patient-{uuid4().hex}@example.com"


def case_body(product_id: str, **changes: Any) -> dict[str, Any]:
    """A small good case; `changes` replace or add members at the top."""
    return {
        "user": {
            "firstName": "Grace",
            "lastName": "Hopper",
            "email": new_email(),
            "phoneNumber": "+12125550123",
            "dob": "1990-05-15",
        },
        "products": [{"id": product_id}],
        **changes,
    }


def with_user(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**body, "user": {**body["user"], **changes}}


def with_payment(body: dict[str, Any], **changes: Any) -> dict[str, Any]:
    reference = {"type": "SETUP_INTENT", "id": "seti_1"}
    return {**body, "payment": {"amount": 159, "currency": "USD", "providerReference": reference, **changes}}


def with_questions(body: dict[str, Any], *questions: dict[str, Any], title: str | None = "Intake") -> dict[str, Any]:
    """The form goes with the first product."""
    first, *others = body["products"]
    form = {"questions": list(questions)} | ({} if title is None else {"title": title})
    return {**body, "products": [{**first, "form": form}, *others]}


def question(text: str = "How are you?", answer: Any = "Well", kind: str = "TEXT", **more: Any) -> dict[str, Any]:
    return {"question": text, "answer": answer, "type": kind, **more}
