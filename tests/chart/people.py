"""What the clinic asks, and what people answer."""

from typing import Any

PAIN = "Have you had pain in the upper belly?"
NAUSEA = "Have you felt sick?"
WEIGHT = "What is your weight today?"
ALLERGIES = "What are you allergic to?"
MEDICINES = "Which other medicines do you take?"
PANCREATITIS = "Semaglutide can cause gallstones and pancreatitis"

FORM: dict[str, Any] = {
    "name": "Weight care",
    "questions": [
        {"text": PAIN, "type": "BOOLEAN", "flag": PANCREATITIS},
        {
            "text": NAUSEA,
            "type": "SINGLESELECT",
            "options": ["Never", "Sometimes", "Most weeks"],
            "optionFlags": {"Most weeks": "Nausea most weeks: consider the dose"},
        },
        {"text": WEIGHT, "type": "TEXT"},
    ],
}


def asked(**answers: Any) -> list[dict[str, Any]]:
    """Questions as a storefront sends them."""
    usual: dict[str, Any] = {"pain": False, "nausea": "Sometimes", "weight": "214 lb"} | answers
    questions = [
        {"question": PAIN, "type": "BOOLEAN", "phi": True, "answer": usual["pain"]},
        {
            "question": NAUSEA,
            "type": "SINGLESELECT",
            "options": ["Never", "Sometimes", "Most weeks"],
            "answer": usual["nausea"],
        },
        {"question": WEIGHT, "type": "TEXT", "phi": True, "answer": usual["weight"]},
    ]
    more = {"allergies": ALLERGIES, "medicines": MEDICINES}
    for name, text in more.items():
        if name in usual:
            questions.append({"question": text, "type": "TEXT", "phi": True, "answer": usual[name]})
    return questions


def products(product_id: str, **answers: Any) -> list[dict[str, Any]]:
    return [{"id": product_id, "form": {"title": "Intake", "questions": asked(**answers)}}]
