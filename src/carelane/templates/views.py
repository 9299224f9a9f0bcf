"""From a template to what stands in a form. No I/O."""

from collections.abc import Mapping

from msgspec.structs import replace

from carelane.cases.schemas import MedicationIn
from carelane.templates.schemas import VARIABLE, ContentIn, Variable


def fill(content: ContentIn, values: Mapping[Variable, str]) -> ContentIn:
    """Each variable once: what a value says is not looked into again."""
    known: dict[str, str] = {name: value for name, value in values.items()}  # noqa: C416 - its keys are any text here

    def filled(text: str | None) -> str | None:
        return None if text is None else VARIABLE.sub(lambda match: known.get(match[1], match[0]), text)

    def of(medication: MedicationIn) -> MedicationIn:
        return replace(
            medication,
            pharmacy_instructions=filled(medication.pharmacy_instructions),
            order_note=filled(medication.order_note),
        )

    return replace(content, text=filled(content.text), med_info=[of(each) for each in content.med_info])
