"""What every command shares.

Dates are legal dates in Asia/Shanghai: the day the act was done (posted, signed for, sent), not the day of typing.
"""

from enum import Enum
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticKnownError

from app.domain.acts import LegalDay
from app.domain.shape import Shape


def _stripped(text: str) -> str:
    """Take away the blanks around a text; its length counts with them, as the contract's `maxLength` does."""
    if not (bare := text.strip()):
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return bare


STRIPPED = AfterValidator(_stripped)

Line = Annotated[str, StringConstraints(min_length=1, max_length=200), STRIPPED]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000), STRIPPED]
Workdays = Annotated[int, Field(ge=1, le=250, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
"""True or false in a body, and nothing that is read as either: 1, "yes", "off"."""
Ref = Annotated[str, StringConstraints(min_length=1, max_length=20), STRIPPED]


def _plain(value: Any) -> Any:
    """Refuse what int() would kindly accept: 1_000, +5, ٣, 007."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and str(int(value[:20])) == value):
        raise ValueError("须为整数，只用数字书写")
    return value


PLAIN = BeforeValidator(_plain)
"""For whole numbers in an address; stands behind the bounds: `Annotated[int, Field(ge=1), PLAIN]`."""


_NAMING = frozenset({"handler", "agency_code", "case_no", "volume_no", "ref", "carrier", "tracking_no", "receipt_no"})
"""Fields that take a line and name no citizen."""


def _holds_words(value: Any) -> bool:
    """Tell free text from codes, which are members of a list."""
    if isinstance(value, BaseModel):
        return any(_holds_words(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, list | tuple):
        return any(map(_holds_words, value))
    return isinstance(value, str) and not isinstance(value, Enum)


class Strict(Shape):
    """An input that refuses unknown fields; never the base of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def parted(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Give what was said in codes, numbers and dates, and what was written in words, which may name anybody.

        Without the legal day, and without what was not given.
        """
        given = self.model_dump(mode="json", exclude={"on"}, exclude_none=True)
        words = {name for name in given if name not in _NAMING and _holds_words(getattr(self, name))}
        return {k: v for k, v in given.items() if k not in words}, {k: v for k, v in given.items() if k in words}


class Command(Strict):
    """A request to take one step of the workflow."""

    action: ClassVar[str]

    on: LegalDay | None = Field(
        None, description="行为的法定日期（上海时区），不填即今天；补录时填实际发生日", examples=[None]
    )
