"""What every command shares.

Dates are legal dates in Asia/Shanghai: the day the act was done (posted, signed for, sent), not the day of typing.
"""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.domain.acts import LegalDay

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Workdays = Annotated[int, Field(ge=1, le=250, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
"""True or false in a body, and nothing that is read as either: 1, "yes", "off"."""
Ref = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]


def _plain(value: Any) -> Any:
    """Refuse what int() would kindly accept: 1_000, +5, ٣, 007."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and str(int(value[:20])) == value):
        raise ValueError("须为整数，只用数字书写")
    return value


PLAIN = BeforeValidator(_plain)
"""For whole numbers in an address; stands behind the bounds: `Annotated[int, Field(ge=1), PLAIN]`."""


class Strict(BaseModel):
    """An input that refuses unknown fields; never the base of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Command(Strict):
    """A request to take one step of the workflow."""

    action: ClassVar[str]

    on: LegalDay | None = Field(
        None, description="行为的法定日期（上海时区），不填即今天；补录时填实际发生日", examples=[None]
    )
