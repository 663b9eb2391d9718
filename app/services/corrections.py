"""Correcting the clock's history: an entry is never changed; a later one, with a reason, takes its place."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from inspect import getdoc
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator
from sqlalchemy import select

from app.domain import acts as a
from app.domain import clock
from app.domain.acts import Act, LegalDay, chronological
from app.domain.commands import Line, Strict
from app.domain.terms import State
from app.errors import ActionRefused, Clash, Invalid, NotFound
from app.models import Case, ClockEntry, JournalEntry
from app.services import clocks, files, journal
from app.services.clocks import RECEIVED, RETRACTED
from app.services.desk import Desk, shanghai_date
from app.services.files import File

STATE_MAKING = (a.Received, a.CorrectionRequested, a.CorrectionReceived, a.Replied, a.Served, a.Closed, a.Withdrawn)
"""Acts that made the case what it is: their day can have been mistaken, but not that they happened."""

_LABELS = {kind.model_fields["act"].default: getdoc(kind) or kind.__name__ for kind in a.ORDER}


class Changes(Strict):
    """What was entered wrongly; a field not given stays as it was, a null delivery means that it is not known."""

    on: LegalDay | None = Field(None, description="该行为实际的法定日期", examples=["2026-03-09"])
    delivered_on: LegalDay | None = Field(None, description="对方收到之日", examples=[None])
    reply_within_workdays: a.Workdays | None = Field(None, description="指定的期限，工作日", examples=[None])
    workdays: a.Workdays | None = Field(None, description="延长的工作日数", examples=[None])
    due_on: LegalDay | None = Field(None, description="延迟答复期限届满之日（条例第35条）", examples=[None])


class Correction(Strict):
    """One correcting entry: exactly one of 更正一条、撤销一条、更正收到之日、补录一条."""

    entry_id: int | None = Field(None, ge=1, le=2**53, description="更正或者撤销哪一条记录", examples=[1])
    changes: Changes | None = Field(None, description="更正的内容")
    retract: bool = Field(False, strict=True, description="该行为没有发生过，撤销这一条", examples=[False])
    received_on: LegalDay | None = Field(None, description="更正收到之日（条例第31条）", examples=[None])
    add: Act | None = Field(None, description="补录一条漏记的行为", examples=[None])
    reason: Line = Field(description="更正的原因", examples=["邮戳日期误读，实为3月9日投邮"])

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        entry = self.entry_id is not None
        asked = [entry and self.changes is not None, entry and self.retract, self.received_on, self.add]
        stray = (self.changes is not None or self.retract) and not entry
        if sum(map(bool, asked)) != 1 or stray:
            raise ValueError(
                "须且只须填写一项：entry_id 与 changes（更正）、entry_id 与 retract（撤销）、received_on、add"
            )
        return self


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line of the history, with what became of it. The first receipt has no entry of its own."""

    entry_id: int | None
    act: str
    label: str
    on: dt.date
    data: Mapping[str, Any]
    recorded_at: dt.datetime
    recorded_by: str
    reason: str | None
    supersedes_id: int | None
    superseded_by: int | None


def history(desk: Desk, case_id: int) -> list[EntryLine]:
    """List everything ever entered in the order of entry, the superseded included. Raises NotFound."""
    case = files.open_file(desk, case_id).case
    entries = _entries(desk, case_id)
    later = {entry.supersedes_id: entry.id for entry in entries if entry.supersedes_id}
    receipts = [entry for entry in entries if entry.act == RECEIVED]
    lines = [_first_receipt(desk, case, receipts)] if case.received_on else []
    return lines + [
        EntryLine(
            entry_id=entry.id,
            act=entry.act,
            label="撤销" if entry.act == RETRACTED else _LABELS[entry.act],
            on=entry.on,
            data=entry.data,
            recorded_at=entry.recorded_at,
            recorded_by=entry.recorded_by,
            reason=entry.reason,
            supersedes_id=entry.supersedes_id,
            superseded_by=later.get(entry.id),
        )
        for entry in entries
    ]


def correct(desk: Desk, case_id: int, correction: Correction, seen_version: int | None) -> File:
    """Enter one correction, fold the clock again and journal the old and the new dates. Returns the case after it.

    Raises NotFound, StaleVersion, ActionRefused for an archived case, Clash for an entry that was corrected before, and
    Invalid with every objection to the resulting history that was not there before.
    """
    file = files.open_file(desk, case_id, lock=True)
    case = file.case
    files.require_version(case, seen_version)
    if case.state is State.ARCHIVED:
        message = "案件已归档，期限记录不能再更正"
        raise ActionRefused(message, reasons=[{"kind": "state", "code": "archived", "message": message}])
    before = clocks.dates_of(case)
    if correction.received_on is not None:
        said = _move_receipt(desk, file, correction.received_on, correction.reason)
    elif correction.add is not None:
        said = _add(desk, file, correction.add, correction.reason)
    else:
        said = _replace(desk, file, correction)
    desk.session.flush()
    acts = clocks.acts_of(desk.session, [case_id]).get(case_id, ())
    clocks.project(case, acts, file.rules, file.calendar, desk.book.edition)
    case.updated_at = desk.now
    data = said | clocks.moved(before, clocks.dates_of(case))
    private = {"reason": correction.reason}
    if isinstance(correction.add, a.ExcessivePeriodSet):
        private["basis"] = correction.add.basis
    journal.record(desk, "correct_clock", "更正期限记录", case=case, data=data, private=private)
    desk.session.flush()
    return files.open_file(desk, case_id)


def _entries(desk: Desk, case_id: int) -> Sequence[ClockEntry]:
    return desk.session.scalars(select(ClockEntry).where(ClockEntry.case_id == case_id).order_by(ClockEntry.id)).all()


def _first_receipt(desk: Desk, case: Case, receipts: Sequence[ClockEntry]) -> EntryLine:
    """The receipt as registered or confirmed: it is a column of the case, and its record is the journal's."""
    recorded = select(JournalEntry).where(JournalEntry.case_id == case.id)
    recorded = recorded.where(JournalEntry.act.in_(("register", "confirm_receipt")))
    row = desk.session.scalars(recorded.order_by(JournalEntry.id.desc()).limit(1)).first()
    on = dt.date.fromisoformat(receipts[0].data["was"]) if receipts else case.received_on
    assert on is not None
    return EntryLine(
        entry_id=None,
        act=RECEIVED,
        label=_LABELS[RECEIVED],
        on=on,
        data={"act": RECEIVED, "on": on.isoformat()},
        recorded_at=row.at if row else case.created_at,
        recorded_by=row.actor if row else "",
        reason=None,
        supersedes_id=None,
        superseded_by=receipts[0].id if receipts else None,
    )


def _move_receipt(desk: Desk, file: File, on: dt.date, reason: str) -> dict[str, Any]:
    case = file.case
    if case.received_on is None:
        raise _invalid("not_received", "received_on", "尚未确认收到，请先确认收到")
    if on < shanghai_date(case.submitted_at):
        raise _invalid("date_before_submission", "received_on", "收到之日不能早于提交之日")
    _refuse_future(desk, {"received_on": on})
    _refuse_worse(file, on, file.acts)
    last = [entry for entry in _entries(desk, case.id) if entry.act == RECEIVED][-1:]
    was = case.received_on.isoformat()
    data = {"act": RECEIVED, "on": on.isoformat(), "was": was}
    _enter(desk, case, RECEIVED, on, data, reason, last[0].id if last else None)
    case.received_on = on
    return {"act": RECEIVED, "from": {"on": was}, "to": {"on": on.isoformat()}}


def _add(desk: Desk, file: File, act: Act, reason: str) -> dict[str, Any]:
    if isinstance(act, STATE_MAKING):
        raise _invalid("state_making", "add", "该行为决定案件所处的阶段，请用相应的操作办理，日期可填实际发生日")
    data = clocks.entered(act)
    _refuse_future(desk, {f"add.{name}": getattr(act, name, None) for name in ("on", "delivered_on")})
    _refuse_worse(file, _received(file), (*file.acts, act), act, "add")
    _enter(desk, file.case, act.act, act.on, data, reason, None)
    return {"act": act.act, "from": None, "to": data}


def _replace(desk: Desk, file: File, correction: Correction) -> dict[str, Any]:
    entries = _entries(desk, file.case.id)
    entry = next((entry for entry in entries if entry.id == correction.entry_id), None)
    if entry is None:
        raise NotFound("案件没有这一条期限记录")
    if any(other.supersedes_id == entry.id for other in entries) or entry.act == RETRACTED:
        raise Clash("这一条已经被更正或者撤销，请更正现行的一条")
    if entry.act == RECEIVED:
        raise _invalid("receipt", "entry_id", "更正收到之日请填写 received_on")
    old = clocks.act_of(entry.data)
    new = None if correction.changes is None else _changed(old, correction.changes)
    if new is None and isinstance(old, STATE_MAKING):
        raise _invalid("state_making", "retract", "该行为决定案件所处的阶段，只能更正日期，不能撤销")
    if new == old:
        raise _invalid("nothing_changed", "changes", "更正后的内容与原记录相同")
    kept = [clocks.act_of(e.data) for e in _counting(entries) if e.id != entry.id]
    if new is None:
        _refuse_worse(file, _received(file), kept)
        _enter(desk, file.case, RETRACTED, entry.on, {}, correction.reason, entry.id)
    else:
        given = {name: getattr(new, name, None) for name in ("on", "delivered_on")}
        _refuse_future(desk, {f"changes.{name}": day for name, day in given.items()})
        _refuse_worse(file, _received(file), (*kept, new), new, "changes")
        _enter(desk, file.case, new.act, new.on, clocks.entered(new), correction.reason, entry.id)
        _carry_over(file, new)
    told = {"entry_id": entry.id, "act": entry.act, "from": dict(entry.data)}
    return told | {"to": clocks.entered(new) if new else None}


def _counting(entries: Sequence[ClockEntry]) -> list[ClockEntry]:
    superseded = {entry.supersedes_id for entry in entries}
    return [e for e in entries if e.id not in superseded and e.act not in {RECEIVED, RETRACTED}]


def _changed(old: Act, changes: Changes) -> Act:
    """Build the act as it should have been entered; raises Invalid for a field this kind of act has not."""
    given = {name: getattr(changes, name) for name in changes.model_fields_set}
    foreign = sorted(given.keys() - type(old).model_fields.keys())
    if foreign or not given:
        name = foreign[0] if foreign else ""
        raise _invalid("no_such_field", f"changes.{name}".rstrip("."), f"{_LABELS[old.act]}没有可以这样更正的内容")
    try:
        return type(old).model_validate(old.model_dump() | given)
    except ValidationError as error:
        raise _invalid("bad_value", "changes", "更正后的内容不完整：日期和天数不能为空") from error


def _carry_over(file: File, new: Act) -> None:
    """Keep the delivery's own dates in step with the acts they repeat."""
    if file.delivery is not None and isinstance(new, a.Replied):
        file.delivery.sent_on = new.on
    if file.delivery is not None and isinstance(new, a.Served):
        file.delivery.served_on = new.on


def _received(file: File) -> dt.date:
    if file.case.received_on is None:
        raise _invalid("not_received", "", "尚未确认收到，没有可以更正的期限记录")
    return file.case.received_on


def _refuse_future(desk: Desk, days: Mapping[str, dt.date | None]) -> None:
    for name, day in days.items():
        if day is not None and day > desk.today:
            raise _invalid("date_in_future", name, "不能晚于今天")


def _refuse_worse(
    file: File, received_on: dt.date, acts: Sequence[Act], new: Act | None = None, field: str = ""
) -> None:
    """Refuse a history that has an objection the present one has not."""
    known = {(bar.code, bar.message) for bar in _objections(file, _received(file), file.acts)[1]}
    ordered, found = _objections(file, received_on, acts)
    reasons = []
    for bar in found:
        if (bar.code, bar.message) in known:
            continue
        about = ordered[bar.index] if bar.index >= 0 else None
        whose = "" if about is None or about is new else f"（与 {about.on} {_LABELS[about.act]}相抵触）"
        reasons.append({"kind": "field", "code": bar.code, "field": field, "message": bar.message + whose})
    if reasons:
        raise Invalid("；".join(reason["message"] for reason in reasons), reasons=reasons)


def _objections(file: File, received_on: dt.date, acts: Sequence[Act]) -> tuple[list[Act], list[clock.Objection]]:
    ordered = sorted(acts, key=chronological)
    return ordered, clock.check(ordered, file.rules, file.calendar, received_on)


def _enter(
    desk: Desk, case: Case, act: str, on: dt.date, data: dict[str, Any], reason: str, supersedes_id: int | None
) -> None:
    desk.session.add(
        ClockEntry(
            case_id=case.id,
            act=act,
            on=on,
            data=data,
            recorded_at=desk.now,
            recorded_by=desk.actor.name,
            reason=reason,
            supersedes_id=supersedes_id,
        )
    )


def _invalid(code: str, field: str, message: str) -> Invalid:
    return Invalid(message, reasons=[{"kind": "field", "code": code, "field": field, "message": message}])
