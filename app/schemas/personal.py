"""Personal data shown on purpose."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from app.domain.shape import Shape
from app.domain.terms import PersonalField


class RevealedField(Shape):
    field: PersonalField
    field_label: str
    values: list[str] = Field(description="原值；案件中没有的为空，有几个列几个（如几位被征求意见的第三方）")


class Revealed(Shape):
    """What was asked for, this once."""

    items: list[RevealedField] | None = Field(description="以同一幂等键重试的，为空：原值不留存")


def revealed(found: Mapping[PersonalField, Sequence[str]]) -> Revealed:
    return Revealed(
        items=[
            RevealedField(field=field, field_label=field.label, values=list(values)) for field, values in found.items()
        ]
    )
