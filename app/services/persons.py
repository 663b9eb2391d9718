"""Who is named in a case: the one list that says what is masked, and what may be revealed."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import select

from app.domain import commands
from app.domain.facts import Past
from app.domain.masking import Veil
from app.domain.terms import ConsultationKind, PersonalField
from app.models import Applicant
from app.models.keyring import keyring_of
from app.services import files, journal
from app.services.desk import Desk
from app.services.files import File, Standing
from app.services.visibility import everywhere

OF_APPLICANT = tuple(PersonalField)[: tuple(PersonalField).index(PersonalField.ASSISTANCE_NEEDED) + 1]
"""The fields that are columns of the applicant, by their names."""


NAMING = (
    PersonalField.NAME,
    PersonalField.ADDRESS,
    PersonalField.LEGAL_REPRESENTATIVE,
    PersonalField.CONTACT_PERSON,
    PersonalField.AGENT_NAME,
)
"""The fields a line of a list is veiled by; numbers and boxes in its title are known by their form."""


def of_applicant(who: Applicant, fields: Iterable[PersonalField] = OF_APPLICANT) -> Iterator[tuple[PersonalField, str]]:
    """Give what is known of an applicant and whoever acts for him."""
    for field in fields:
        text = getattr(who, field.value)
        if text:
            yield field, text


def of_file(file: File) -> Iterator[tuple[PersonalField, str]]:
    """Give everybody and everything personal a case names in fields of their own, in the order they came in."""
    yield from of_applicant(file.applicant)
    yield from of_past(file.past)


def of_past(past: Iterable[Past]) -> Iterator[tuple[PersonalField, str]]:
    """Give whom the steps of a case name."""
    for step in past:
        match step.command:
            case commands.Deliver(address=str(address)):
                yield PersonalField.DELIVERY_ADDRESS, address
            case commands.ConfirmDelivery(receiver=str(receiver)):
                yield PersonalField.RECEIVER, receiver
            case commands.Consult(kind=ConsultationKind.THIRD_PARTY, party=party, contact=contact):
                yield PersonalField.THIRD_PARTIES, party
                if contact:
                    yield PersonalField.THIRD_PARTIES, contact
            case _:
                pass


def veil_of(standing: Standing) -> Veil:
    """Make the veil of a case; of a whole file it also covers those who came in later."""
    known = of_file(standing) if isinstance(standing, File) else of_applicant(standing.applicant, NAMING)
    return _veil(known)


def _veil(known: Iterable[tuple[PersonalField, str]]) -> Veil:
    return Veil((field, text) for field, text in known if field is not PersonalField.POSTCODE)


def veil_of_parties(who: Applicant, names: Iterable[str]) -> Veil:
    """Make the veil of a remedy: the applicant of its case, and who else takes part."""
    return Veil([*of_applicant(who), *((PersonalField.NAME, name) for name in names)])


def veils_of(desk: Desk, case_ids: Iterable[int | None]) -> Mapping[int | None, Veil]:
    """Make the veils of what is written about several cases, and, under None, of what is about no case.

    A case may have gone to an agency that the caller does not see; who is named in it is masked all the same.
    """
    ids = sorted({case_id for case_id in case_ids if case_id is not None})
    if not ids:
        return {None: Veil(())}
    with everywhere(desk.session):
        keyring_of(desk.session).fetch(desk.session, ids)
        applicants = desk.session.scalars(select(Applicant).where(Applicant.case_id.in_(ids))).all()
        pasts = journal.pasts_of(desk.session, ids)
        known = {who.case_id: [*of_applicant(who), *of_past(pasts.get(who.case_id, ()))] for who in applicants}
    veils: dict[int | None, Veil] = {case_id: _veil(named) for case_id, named in known.items()}
    return {None: Veil(()), **veils}


def veil_of_case(desk: Desk, case_id: int) -> Veil:
    """Make the veil of a case by its id. Raises NotFound."""
    return veil_of(files.open_file(desk, case_id))
