"""Finding a person again without reading anybody: keyed digests of exact, normalised values, kept beside the sealed ones.

What is given up: a part of a citizen's name or of a number finds nothing, only the whole does. What remains to be seen in
the database is that two applicants are one and the same.
"""

from typing import Protocol

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.domain.terms import ApplicantKind
from app.models import Applicant, Case
from app.models.keyring import keyring_of


class Person(Protocol):
    """What an application and a row have in common."""

    @property
    def name(self) -> str | None: ...
    @property
    def id_number(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...


def digests(session: Session, who: Person) -> dict[str, str | None]:
    """Return the blind indexes of an applicant, by column."""
    blind = keyring_of(session).blind
    return {
        "id_digest": blind("id_number", who.id_number) if who.id_number else None,
        "name_digest": blind("name", who.name) if who.name else None,
        "phone_digest": blind("phone", who.phone) if who.phone else None,
    }


def public_name(kind: ApplicantKind, name: str | None) -> str | None:
    """Return an organisation's name, which is no personal data and may be searched by its parts; a person's never."""
    return None if kind is ApplicantKind.NATURAL_PERSON else name


def applied(session: Session, value: str) -> ColumnElement[bool]:
    """Build the condition that a case's applicant has exactly this name, identity number or telephone number."""
    blind = keyring_of(session).blind
    found = select(Applicant.case_id).where(
        (Applicant.name_digest == blind("name", value))
        | (Applicant.id_digest == blind("id_number", value))
        | (Applicant.phone_digest == blind("phone", value))
    )
    return Case.id.in_(found)
