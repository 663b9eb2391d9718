"""What every command shares.

Dates are legal dates in Asia/Shanghai: the day the act was done (posted, signed for, sent), not the day of typing.
"""

import datetime as dt
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Workdays = Annotated[int, Field(ge=1, le=250, strict=True)]
Ref = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]


class Strict(BaseModel):
    """An input that refuses unknown fields; never the base of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Command(Strict):
    """A request to take one step of the workflow."""

    action: ClassVar[str]

    on: dt.date | None = Field(
        None, description="行为的法定日期（上海时区），不填即今天；补录时填实际发生日", examples=[None]
    )
