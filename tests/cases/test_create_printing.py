"""What holds a patient's words prints none of them, wherever an error or a debugger shows it."""

import json

from carelane.cases.rows import answered_forms, patient_row
from carelane.cases.schemas import AbandonedCaseIn, CaseIn
from carelane.kit.ids import uuid7
from carelane.kit.phi import KEY_BYTES, DataKey
from carelane.surfaces.docs.examples import ABANDONED_CART, CREATE_CASE
from carelane.web.wire import decode

TOLD = ("John", "Jane", "Doe", "example.com", "1987654321", "1990", "Providence", "138 lbs", "Lose 1-20", "seti_")


def test_bodies_and_rows_of_a_case_print_nothing_of_the_patient():
    case, cart = (
        decode(json.dumps(CREATE_CASE).encode(), CaseIn),
        decode(json.dumps(ABANDONED_CART).encode(), AbandonedCaseIn),
    )
    forms, problems = answered_forms(case.products, DataKey(uuid7(), bytes(KEY_BYTES)), 1000)
    parts = [case.user, case.payment, case.products[0], case.products[0].form, case.products[0].form.questions[0]]
    rows = [patient_row(uuid7(), case.user), *forms.values(), *forms[0].answers]
    for printed in map(repr, [case, cart, cart.user, *parts, *rows]):
        assert not [word for word in TOLD if word in printed]
    assert problems == []
