"""Every code list of the service with its Chinese label: the one glossary 中文 ↔ code, a module per subject.

A member is its English code (what the API sends and the database stores) and carries `label`, what a clerk reads.
Adding a member to a list that a database CHECK repeats needs a migration; a test compares the two.
"""

from app.domain.terms.base import (
    Term,
)
from app.domain.terms.cases import (
    ApplicantKind,
    Carrier,
    CaseKind,
    Channel,
    ComplaintOutcome,
    DeliveryMethod,
    IdType,
    ReasonKind,
    RectificationOutcome,
    Role,
    Stage,
    State,
)
from app.domain.terms.clock import (
    ClockState,
    DayKind,
    LineKind,
    NodeKind,
    NodeParty,
    PauseReading,
    ReceiptReading,
    Unit,
    Waiting,
)
from app.domain.terms.papers import (
    AttachmentKind,
    Doc,
    DocumentForm,
    FileType,
    Quality,
)
from app.domain.terms.procedure import (
    ConsultationKind,
    ContactWay,
    FeeMethod,
    FeeNoticePart,
    LegalQualification,
    Position,
    SearchScope,
)
from app.domain.terms.protection import (
    KeyPurpose,
    PersonalField,
)
from app.domain.terms.replies import (
    AgencyKind,
    CheckCode,
    CheckGate,
    CheckLevel,
    PersonalNumberKind,
    ProofKind,
    RemedyOrder,
    ReplyFamily,
    ReplyKind,
    ReviewKind,
    SendMethod,
    SupplementKind,
)
from app.domain.terms.report import (
    RemedyOutcome,
    RemedyTrack,
    ReportForm,
    ReportRow,
)

__all__ = [
    "AgencyKind",
    "ApplicantKind",
    "AttachmentKind",
    "Carrier",
    "CaseKind",
    "Channel",
    "CheckCode",
    "CheckGate",
    "CheckLevel",
    "ClockState",
    "ComplaintOutcome",
    "ConsultationKind",
    "ContactWay",
    "DayKind",
    "DeliveryMethod",
    "Doc",
    "DocumentForm",
    "FeeMethod",
    "FeeNoticePart",
    "FileType",
    "IdType",
    "KeyPurpose",
    "LegalQualification",
    "LineKind",
    "NodeKind",
    "NodeParty",
    "PauseReading",
    "PersonalField",
    "PersonalNumberKind",
    "Position",
    "ProofKind",
    "Quality",
    "ReasonKind",
    "ReceiptReading",
    "RectificationOutcome",
    "RemedyOrder",
    "RemedyOutcome",
    "RemedyTrack",
    "ReplyFamily",
    "ReplyKind",
    "ReportForm",
    "ReportRow",
    "ReviewKind",
    "Role",
    "SearchScope",
    "SendMethod",
    "Stage",
    "State",
    "SupplementKind",
    "Term",
    "Unit",
    "Waiting",
]
