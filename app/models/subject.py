"""What each request is about, and the pairs of characters by which others about the same are found."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import AgencyId, Base, BigId, Short
from app.models.sealed import sealed_text


class Subject(Base):
    """The subject of a request, without set phrases; `group_id` is the first case found to ask for the same."""

    __tablename__ = "subjects"
    __table_args__ = (
        Index("ix_subjects_group", "agency_id", "group_id"),
        Index("ix_subjects_document", "agency_id", "document_no"),
    )

    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    agency_id: Mapped[AgencyId]
    text = sealed_text()
    document_no: Mapped[Short | None]
    group_id: Mapped[int] = mapped_column(BigId)


class SubjectGram(Base):
    """A keyed number for a pair of characters of a subject; the key is the index that candidates are counted from."""

    __tablename__ = "subject_grams"

    agency_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    gram: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
