"""What every table shares: names of constraints, column types that mean the same on both databases."""

import datetime as dt
from typing import Annotated, Any, ClassVar

from sqlalchemy import JSON, BigInteger, Date, DateTime, Dialect, Enum, ForeignKey, Integer, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

from app.domain.terms import Term
from app.models.sealed import add_columns


class Instant(TypeDecorator[dt.datetime]):
    """A moment in time, aware; stored in UTC because SQLite drops the offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not a moment")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite gives only INTEGER PRIMARY KEY an automatic value
Json = JSON().with_variant(JSONB, "postgresql")

Id = Annotated[int, mapped_column(BigId, primary_key=True)]
CaseId = Annotated[int, mapped_column(BigId, ForeignKey("cases.id"), index=True)]
AgencyId = Annotated[int, mapped_column(BigId, ForeignKey("agencies.id"))]
Code = Annotated[str, mapped_column(String(64))]
Short = Annotated[str, mapped_column(String(200))]
Long = Annotated[str, mapped_column(Text)]
Data = Annotated[dict[str, Any], mapped_column(Json)]


def term(kind: type[Term]) -> Enum:
    """Build the column type of a code list: its codes as text, held to the list by a CHECK."""
    return Enum(
        kind,
        name=kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


class OneOf(TypeDecorator[Term]):
    """A code of any of several code lists, which share no code; held to them by a CHECK."""

    impl = Enum
    cache_ok = True

    def __init__(self, name: str, *kinds: type[Term]) -> None:
        self.members = {member.value: member for kind in kinds for member in kind}
        super().__init__(*self.members, name=name, native_enum=False, create_constraint=True, length=40)

    def process_bind_param(self, value: Term | None, _dialect: Dialect) -> str | None:
        return None if value is None else self.members[value.value].value

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Term | None:
        return None if value is None else self.members[value]


class Base(DeclarativeBase):
    SEALED_BY: ClassVar[tuple[str, ...]] = ()  # columns that never change and tell the row from others of its case
    SEALED_IN: ClassVar[str] = ""
    """Of a row that may have no case: its day or moment, one of the service's own, in whose year's key its agency seals it."""

    def __init_subclass__(cls, **options: Any) -> None:
        add_columns(cls)
        super().__init_subclass__(**options)

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dt.datetime: Instant, dt.date: Date}  # noqa: RUF012 — read once by the mapper
