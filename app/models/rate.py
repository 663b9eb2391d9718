"""How far ahead of its allowance a subject is: the one number that a rate limit has to remember."""

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Code


class RateLimit(Base):
    """`subject` is a keyed digest: addresses are personal data."""

    __tablename__ = "rate_limits"

    subject: Mapped[Code] = mapped_column(primary_key=True)
    spent_until: Mapped[dt.datetime] = mapped_column(index=True)  # when all that was taken will have been earned again
