"""Who is named in a case: the one list that says what is masked, and what may be revealed."""

from collections.abc import Iterable, Iterator

from app.domain import commands
from app.domain.masking import Veil
from app.domain.terms import ConsultationKind, PersonalField
from app.models import Applicant
from app.services import files
from app.services.desk import Desk
from app.services.files import File, Standing

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
    for step in file.past:
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
    return Veil((field, text) for field, text in known if field is not PersonalField.POSTCODE)


def veil_of_parties(who: Applicant, names: Iterable[str]) -> Veil:
    """Make the veil of a remedy: the applicant of its case, and who else takes part."""
    return Veil([*of_applicant(who), *((PersonalField.NAME, name) for name in names)])


def veil_of_case(desk: Desk, case_id: int) -> Veil:
    """Make the veil of a case by its id. Raises NotFound."""
    return veil_of(files.open_file(desk, case_id))
