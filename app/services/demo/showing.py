"""Which of the demo city's rows the documentation's examples name, so that a button pressed there does something.

Every act on something that exists is tried as a clerk would press it, with the example body as it stands, and taken back;
the first row on which it succeeds is the one to show. An act that no row of the city allows is shown on one that exists,
and is refused there with its reasons.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Select, select

from app.domain.commands import Merge, NotifyFee
from app.domain.commands import publication as p
from app.domain.commands import remedy as r
from app.domain.commands import supervision as s
from app.domain.examples import brought_to, example_of
from app.domain.machine import Refused, Step
from app.domain.terms import CaseKind, Doc, Role, State, SuggestionOutcome
from app.domain.workdays import OutsideCalendarError
from app.domain.workflow import WORKFLOWS
from app.errors import AppError
from app.models import (
    Agency,
    ApiKey,
    Assistance,
    Attachment,
    Case,
    CaseProblem,
    CatalogueDocument,
    Evaluation,
    IssuedDocument,
    Message,
    Problem,
    Remedy,
    RemedyPaper,
    ReminderRecipient,
    ReportSnapshot,
    SavedFilter,
    Suggestion,
    Supervision,
    Thread,
    User,
)
from app.services import cases, corrections, problems, publications, remedies, supervisions
from app.services.demo import city
from app.services.demo.traces import EVERYWHERE, Examples
from app.services.desk import Desk

_Act = tuple[str, type[BaseModel], Callable[..., object]]
"""An operation on a row, its body, and the use case behind it."""

DeskFor = Callable[[str], Desk]
_DATED = frozenset({"notified_on", "closed_on", "on"})
TRIED = 12
"""So many rows are tried for an act, newest first."""


def shown(desk_for: DeskFor, query_codes: Mapping[int, str]) -> Examples:
    """Choose the rows to show; `query_codes` are the applicants' own, by case. Nothing stays of what is tried."""
    return _Choice(desk_for).made(query_codes)


class _Choice:
    def __init__(self, desk_for: DeskFor) -> None:
        self._desk_for = desk_for
        self._desk = desk_for(city.CITY_SUPERVISOR)
        self._session = self._desk.session
        office = next(office for office in city.offices() if office.code == city.EXAMPLE)
        self._people = office.people
        self._agency = self._session.scalars(select(Agency).where(Agency.code == city.EXAMPLE)).one()

    def made(self, query_codes: Mapping[int, str]) -> Examples:
        return (
            self._default()
            | self._steps()
            | self._beside_the_case()
            | self._remedies()
            | self._supervision()
            | self._publication()
            | self._administration()
            | self._of_the_public(query_codes)
        )

    def _default(self) -> Examples:
        """Whatever reads a case shows one that is being handled, one with documents, or a sealed one."""
        document = self._first(
            select(IssuedDocument)
            .join(Case, Case.id == IssuedDocument.case_id)
            .where(Case.agency_id == self._agency.id, IssuedDocument.doc == Doc.REPLY)
        )
        today = str(self._desk.today)
        found: Examples = {}
        if handled := self._first(self._cases(State.HANDLING)) or self._first(self._cases(*State)):
            found[EVERYWHERE] = found["add_attachment"] = {"case_id": handled.id}
        if sealed := self._first(self._cases(State.ARCHIVED)):
            found |= {operation: {"case_id": sealed.id} for operation in ("get_volume", "get_volume_index")}
            dates = dict.fromkeys(("filed_on", "notified_on"), today)
            found["file_remedy"] = {"case_id": sealed.id, "body": dates}
        if document is not None:
            found["list_documents"] = {"case_id": document.case_id}
            for form in ("docx", "pdf"):
                found[f"get_document_{form}"] = {"case_id": document.case_id, "document_id": document.id}
        return found

    def _steps(self) -> Examples:
        found: Examples = {}
        for kind, workflow in WORKFLOWS.items():
            for step in workflow.rows:
                operation = f"{step.action}_case"
                if operation not in found and (fit := self._step(kind, step)):
                    found[operation] = fit
        return found

    def _step(self, kind: CaseKind, step: Step) -> dict[str, Any]:
        candidates = self._newest(self._cases(*step.sources).where(Case.kind == kind))
        people = self._holding(step.roles)
        found: dict[str, Any] = {}
        for case, who in product(candidates, people):
            patch: dict[str, Any] = {}
            if step.command is Merge:
                patch = {"case_no": next((one.case_no for one in candidates if one is not case), case.case_no)}
            if step.command is NotifyFee:
                patch = {"sent_by": case.delivery_method.value}
            command = step.command.model_validate_json(json.dumps(self._body(step.command) | patch))
            shown = {"case_id": case.id} | ({"body": patch} if patch else {})
            if self._works(partial(cases.act, self._desk_for(who), case.id, command, None)):
                return shown
            found = found or shown
        return found

    def _beside_the_case(self) -> Examples:
        """What is done to a case without moving it: files, threads, help asked of this agency, the clock's history."""
        found: Examples = {}
        own = select(Attachment).join(Case, Case.id == Attachment.case_id).where(Case.agency_id == self._agency.id)
        if attachment := self._first(own):
            ids = {"case_id": attachment.case_id, "attachment_id": attachment.id}
            found |= {
                "get_attachment": ids,
                "withdraw_attachment": ids,
                "list_attachments": {"case_id": ids["case_id"]},
            }
        if message := self._first(select(Message).where(Message.attachment_id.is_not(None))):
            thread = self._session.get_one(Thread, message.thread_id)
            case_id = {"case_id": thread.case_id}
            body = {"thread_id": thread.id, "message_id": message.id}
            found["get_message_attachment"] = case_id | {"message_id": message.id}
            found["mark_messages_read"] = case_id | {"body": body}
            found |= {"send_message": case_id, "list_case_messages": case_id, "list_case_assistance": case_id}
        open_ones = select(Assistance).where(Assistance.agency_id == self._agency.id, Assistance.answered_at.is_(None))
        if assistance := self._first(open_ones):
            found["answer_assistance"] = {"assistance_id": assistance.id}
        for case in self._newest(self._cases(State.HANDLING)):
            body = {"entry_id": None, "changes": None, "received_on": str(case.received_on)}
            body["received_on"] = str(case.submitted_at.date())
            correction = corrections.Correction.model_validate(self._body(corrections.Correction) | body, strict=False)
            if self._works(partial(corrections.correct, self._desk_for("lingdao"), case.id, correction, None)):
                found["correct_clock"] = {"case_id": case.id, "body": body}
                break
        return found

    def _remedies(self) -> Examples:
        rows = self._newest(select(Remedy).where(Remedy.agency_id == self._agency.id))
        acts: tuple[_Act, ...] = (
            ("notify", r.Notice, remedies.notify),
            ("answer", r.Dated, remedies.answer),
            ("conclude", r.RemedyConclusion, remedies.conclude),
            ("receive_opinion", r.Dated, remedies.receive_opinion),
            ("answer_opinion", r.Dated, remedies.answer_opinion),
            ("fulfil", r.Dated, remedies.fulfil),
            ("rectify", r.Rectification, remedies.rectify),
            ("papers", r.Paper, remedies.add_paper),
            ("amend", r.Amendment, remedies.amend),
        )
        found = self._tried("remedy_id", rows, [(f"{name}_remedy", body, work) for name, body, work in acts])
        if rows:
            found["get_remedy"] = {"remedy_id": rows[0].id}
        wanted = select(RemedyPaper).join(Remedy).where(Remedy.agency_id == self._agency.id)
        for operation, filed in (
            ("add_paper_file", RemedyPaper.sha256.is_(None)),
            ("get_paper_file", RemedyPaper.sha256.is_not(None)),
        ):
            if paper := self._first(wanted.where(filed)):
                found[operation] = {"remedy_id": paper.remedy_id, "paper_id": paper.id}
        return found

    def _supervision(self) -> Examples:
        own = select(Supervision).where(Supervision.agency_id == self._agency.id)
        acts: list[_Act] = [
            ("answer_supervision", s.SupervisionAnswer, supervisions.answer),
            ("close_supervision", s.SupervisionClosing, supervisions.close),
        ]
        lists = self._newest(select(Problem).where(Problem.agency_id == self._agency.id))
        behind = self._newest(
            select(CaseProblem).join(Case, Case.id == CaseProblem.case_id).where(Case.agency_id == self._agency.id)
        )
        rows = self._newest(own)
        found = self._tried("supervision_id", rows, acts)
        found |= self._tried("problem_id", lists, [("rectify_problem", s.ProblemRectification, problems.rectify)])
        found |= self._tried("problem_id", behind, [("follow_up_problem", s.FollowUp, problems.follow_up)])
        if rows:
            found["get_supervision"] = {"supervision_id": rows[0].id}
        return found

    def _publication(self) -> Examples:
        evaluations = self._newest(select(Evaluation).where(Evaluation.agency_id == self._agency.id))
        documents = self._newest(select(CatalogueDocument).where(CatalogueDocument.agency_id == self._agency.id))
        found = self._tried(
            "evaluation_id",
            evaluations,
            [
                ("decide_evaluation", p.EvaluationDecision, publications.decide),
                ("publish_evaluated", p.Publication, publications.publish),
            ],
        )
        found |= self._tried("document_id", documents, [("change_attribute", p.Attribution, publications.attribute)])
        if suggestion := self._first(select(Suggestion).where(Suggestion.outcome == SuggestionOutcome.OFFERED)):
            found["conclude_suggestion"] = {"suggestion_id": suggestion.id}
        for case in self._newest(self._cases(State.ARCHIVED)):
            entry = p.EvaluationEntry.model_validate(self._body(p.EvaluationEntry) | {"case_id": case.id}, strict=False)
            if self._works(partial(publications.propose, self._desk_for("jingban"), entry)):
                found["open_evaluation"] = {"body": {"case_id": case.id}}
                break
        return found

    def _administration(self) -> Examples:
        colleague = self._session.scalars(select(User).where(User.username == "jingban2")).one()
        found: Examples = {
            operation: {"user_id": colleague.id}
            for operation in (
                *("get_user", "set_user_roles", "disable_user", "enable_user", "reset_user_password"),
                *("reset_second_factor", "link_single_sign_on", "unlink_single_sign_on"),
            )
        }
        for operation in ("get_agency", "rename_agency", "move_agency", "merge_agency", "set_agency_settings"):
            found[operation] = {"agency_id": self._agency.id}
        reminder = select(ReminderRecipient.reminder_id).where(ReminderRecipient.username == "jingban")
        if (told := self._session.scalar(reminder.limit(1))) is not None:
            found["read_reminder"] = {"reminder_id": told}
        if key := self._first(select(ApiKey)):
            found["revoke_api_key"] = {"key_id": key.id}
        if row := self._first(select(SavedFilter).where(SavedFilter.owner == "dengji")):
            found["delete_filter"] = {"filter_id": row.id}
        if kept := self._first(select(ReportSnapshot).where(ReportSnapshot.agency_id == self._agency.id)):
            for operation in (
                *("get_annual_report_snapshot", "get_annual_report_snapshot_xlsx"),
                "compare_annual_report_snapshot",
            ):
                found[operation] = {"snapshot_id": kept.id}
        return found

    def _of_the_public(self, query_codes: Mapping[int, str]) -> Examples:
        for case in self._newest(self._cases(*State)):
            if code := query_codes.get(case.id):
                return {
                    "print_receipt": {"case_id": case.id, "body": {"query_code": code}},
                    "look_up_case": {"case_no": case.case_no, "query_code": code},
                }
        return {}

    def _tried(self, parameter: str, rows: Sequence[Any], acts: Iterable[_Act]) -> Examples:
        """For each act the first row on which one of these people succeeds; the first of all where none does."""
        found: Examples = {}
        for operation, model, work in acts:
            dated = {name: str(self._desk.today) for name in sorted(_DATED & model.model_fields.keys())}
            body = model.model_validate_json(json.dumps(self._body(model) | dated))
            pairs = product(rows, ("jingban", "dengji", "lingdao", "duban", city.CITY_SUPERVISOR))
            fit = (row for row, who in pairs if self._works(partial(work, self._desk_for(who), row.id, body)))
            if row := next(fit, rows[0] if rows else None):
                found[operation] = {parameter: row.id} | ({"body": dated} if dated else {})
        return found

    def _works(self, act: Callable[[], object]) -> bool:
        """Tell whether an act succeeds; it is taken back in any case."""
        attempt = self._session.begin_nested()
        try:
            act()
        except (AppError, Refused, OutsideCalendarError):
            return False
        else:
            return True
        finally:
            attempt.rollback()

    def _body(self, model: type[BaseModel]) -> Any:
        return brought_to(example_of(model), self._desk.today)

    def _holding(self, roles: Iterable[Role]) -> list[str]:
        wanted = set(roles)
        return [person.username for person in self._people if wanted & set(person.roles)]

    def _cases(self, *states: State) -> Select[Case]:
        return select(Case).where(Case.agency_id == self._agency.id, Case.state.in_(states))

    def _newest(self, wanted: Select[Any]) -> Sequence[Any]:
        entity = wanted.column_descriptions[0]["entity"]
        return self._session.scalars(wanted.order_by(entity.id.desc()).limit(TRIED)).all()

    def _first(self, wanted: Select[Any]) -> Any:
        return next(iter(self._newest(wanted)), None)
