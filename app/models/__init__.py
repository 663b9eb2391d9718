"""SQLAlchemy mappings, one aggregate per file. Importing this package registers every table."""

from app.models.agency import Agency
from app.models.answer import StoredAnswer
from app.models.assistance import Assistance
from app.models.base import Base
from app.models.calendar import CalendarNotice
from app.models.case import Applicant, Case, CaseItem, CaseText
from app.models.clock_entry import ClockEntry
from app.models.counter import Counter
from app.models.data_key import AgencyKey, CaseKey, DataKey
from app.models.delivery import Delivery
from app.models.document import Attachment, DocumentTemplate, IssuedDocument
from app.models.fee import Fee
from app.models.identity import (
    AccessToken,
    ApiKey,
    PastPassword,
    RecoveryToken,
    SetupToken,
    SignInCode,
    SignInTries,
    User,
    UserRole,
)
from app.models.journal import JournalEntry, Seal, Unsealed
from app.models.keyring import Keyring
from app.models.kinds import Complaint, Decision, Rectification
from app.models.ledger import LedgerImport
from app.models.publication import CatalogueDocument, Evaluation, Suggestion
from app.models.rate import RateLimit
from app.models.remedy import Remedy, RemedyPaper, RemedyParty
from app.models.reminder import Mailbox, Reminder, ReminderRecipient
from app.models.reply import Draft, Reply, Review, SupplementaryReply
from app.models.report import ReportSnapshot
from app.models.running_clock import RunningClock
from app.models.second_factor import RecoveryCode, SecondFactor, SignInStep
from app.models.single_sign_on import SingleSignOnStart, UserIdentity
from app.models.subject import Subject, SubjectGram
from app.models.supervision import CaseProblem, Problem, Supervision
from app.models.thread import Message, ReadMark, Thread, ThreadAgency
from app.models.webhook import Webhook, WebhookDelivery, WebhookTry
from app.models.worklist import SavedFilter

__all__ = [
    "AccessToken",
    "Agency",
    "AgencyKey",
    "ApiKey",
    "Applicant",
    "Assistance",
    "Attachment",
    "Base",
    "CalendarNotice",
    "Case",
    "CaseItem",
    "CaseKey",
    "CaseProblem",
    "CaseText",
    "CatalogueDocument",
    "ClockEntry",
    "Complaint",
    "Counter",
    "DataKey",
    "Decision",
    "Delivery",
    "DocumentTemplate",
    "Draft",
    "Evaluation",
    "Fee",
    "IssuedDocument",
    "JournalEntry",
    "Keyring",
    "LedgerImport",
    "Mailbox",
    "Message",
    "PastPassword",
    "Problem",
    "RateLimit",
    "ReadMark",
    "RecoveryCode",
    "RecoveryToken",
    "Rectification",
    "Remedy",
    "RemedyPaper",
    "RemedyParty",
    "Reminder",
    "ReminderRecipient",
    "Reply",
    "ReportSnapshot",
    "Review",
    "RunningClock",
    "SavedFilter",
    "Seal",
    "SecondFactor",
    "SetupToken",
    "SignInCode",
    "SignInStep",
    "SignInTries",
    "SingleSignOnStart",
    "StoredAnswer",
    "Subject",
    "SubjectGram",
    "Suggestion",
    "Supervision",
    "SupplementaryReply",
    "Thread",
    "ThreadAgency",
    "Unsealed",
    "User",
    "UserIdentity",
    "UserRole",
    "Webhook",
    "WebhookDelivery",
    "WebhookTry",
]
