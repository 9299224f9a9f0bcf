"""Bodies of dynamic-case as storefronts send them, each with an e-mail that no other test uses."""

from typing import Any

from tests.cases.bodies import new_email


def dynamic_body(**changes: Any) -> dict[str, Any]:
    """The example of the vendor's article, without a bundle; `changes` replace or add members, None takes one away."""
    body = {
        "firstName": "Ada",
        "lastName": "Test",
        "email": new_email(),
        "dob": "1985-12-10",
        "gender": "Female",
        "phoneNumber": "+12125550123",
        "formTitle": "Weight loss intake",
        "formDescription": "What we must know",
        "questions": [
            {"question": "How much do you weigh?", "answer": "138 lbs", "type": "TEXT", "required": True, "phi": True},
            {
                "question": "What are your goals?",
                "answer": ["Lose weight", "Sleep"],
                "type": "MULTISELECT",
                "options": ["Lose weight", "Sleep", "Run"],
            },
            {"question": "When did it begin?", "answer": "2020-01-31", "type": "DATE", "hint": "about"},
        ],
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


def asked(text: str = "How are you?", answer: Any = "Well", **more: Any) -> dict[str, Any]:
    return {"question": text, "answer": answer, "type": "TEXT", **more}


async def first_question(rows, response_id):
    ((form_id, question_id),) = await rows(
        "SELECT v.form_id, a.question_id FROM form_responses r JOIN form_versions v ON v.id = r.form_version_id "
        "JOIN form_answers a ON a.form_response_id = r.id WHERE r.id = %s",
        response_id,
    )
    return str(form_id), str(question_id)
