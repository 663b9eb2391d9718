"""What a volume is made of, worked out without a database."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.archive import Entry, Record, canonical, expires_on, must_read, procedure_of
from app.domain.archive.record import TOPICS, DocumentRecord
from app.domain.terms import Doc, DocumentForm
from app.domain.workflow import WORKFLOW


def test_every_step_has_its_heading_in_the_volume() -> None:
    listed = [action for actions in TOPICS.values() for action in actions]
    assert sorted(listed) == sorted(WORKFLOW.steps)


@pytest.mark.parametrize(
    ("archived_on", "years", "last"),
    [
        ("2026-01-01", 10, "2036-12-31"),
        ("2026-12-31", 10, "2036-12-31"),
        ("2024-02-29", 30, "2054-12-31"),
        ("2026-03-18", None, None),
    ],
)
def test_retention_runs_from_the_year_after_archiving(archived_on: str, years: int | None, last: str | None) -> None:
    assert expires_on(dt.date.fromisoformat(archived_on), years) == (dt.date.fromisoformat(last) if last else None)


def entry(act: str, **data: object) -> Entry:
    at = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
    return Entry(id=1, act=act, label="标", actor="a", actor_label="甲", on=at.date(), at=at, state=None, data=data)


def test_the_procedure_holds_steps_and_nothing_else_of_the_journal() -> None:
    found = procedure_of(
        [entry("register", items=1), entry("extend", command={"workdays": 20}), entry("document_read")]
    )
    assert [(topic, [step["action"] for step in steps]) for topic, steps in found.items()] == [("延期", ["extend"])]


@given(st.datetimes(timezones=st.timezones()))
def test_a_moment_is_written_the_same_from_whatever_zone_it_comes(moment: dt.datetime) -> None:
    one = entry("accept").model_copy(update={"at": moment})
    other = entry("accept").model_copy(update={"at": moment.astimezone(dt.UTC)})
    assert Entry.model_validate(one.model_dump()).at == Entry.model_validate(other.model_dump()).at
    assert canonical(Entry.model_validate(one.model_dump())) == canonical(Entry.model_validate(other.model_dump()))


def paper(**data: object) -> DocumentRecord:
    at = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
    return DocumentRecord(
        id=1,
        doc=Doc.REPLY,
        number=1,
        document_no="依申请复〔2026〕1号",
        data=data,
        template_sha256="0" * 64,
        made_on=at.date(),
        made_at=at,
        made_by="a",
    )


@pytest.mark.parametrize(
    ("text", "form", "faults"),
    [
        ("文号 依申请复〔2026〕\n1号", DocumentForm.DOCX, 0),
        ("文号 依申请复〔2026〕2号", DocumentForm.DOCX, 1),
        ("依申请复〔202—1—6〕1号", DocumentForm.PDF, 0),  # a page ends within it
        ("依申请函〔2026〕2号", DocumentForm.PDF, 1),
    ],
)
def test_a_document_must_show_its_number(text: str, form: DocumentForm, faults: int) -> None:
    assert len(must_read(paper(document_no="依申请复〔2026〕1号"), form, text)) == faults


def test_the_format_of_volumes_already_handed_over_never_changes() -> None:
    """A field more or less is format 2: volumes of format 1 must still be read, and their seals still hold."""
    assert sorted(Record.model_fields) == [
        "agency",
        "application",
        "archived_on",
        "assistances",
        "attachments",
        "case_no",
        "complaint",
        "decision",
        "deliveries",
        "documents",
        "drafts",
        "due_on",
        "format",
        "handler",
        "kind",
        "outcome",
        "procedure",
        "rectification",
        "related_case_no",
        "reply",
        "retention_years",
        "reviews",
        "state",
        "stopped_on",
        "supplements",
        "target_on",
        "volume_no",
    ]
