"""Personal data shown on purpose."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field

from app.domain.terms import PersonalField


class RevealedField(BaseModel):
    field: PersonalField
    field_label: str
    values: list[str] = Field(description="原值；案件中没有的为空，有几个列几个（如几位被征求意见的第三方）")


class Revealed(BaseModel):
    """What was asked for, this once."""

    items: list[RevealedField] | None = Field(description="以同一幂等键重试的，为空：原值不留存")


def revealed(found: Mapping[PersonalField, Sequence[str]]) -> Revealed:
    return Revealed(
        items=[
            RevealedField(field=field, field_label=field.label, values=list(values)) for field, values in found.items()
        ]
    )
