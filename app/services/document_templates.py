"""Which template a document is made from: the agency's own, that of the nearest agency above, or the service's."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sqlalchemy import String, bindparam, func, select
from sqlalchemy.orm import Session

from app.domain import archive
from app.domain.documents import MODELS, label_of
from app.domain.terms import Doc, FileType
from app.errors import Invalid
from app.models import Agency, DocumentTemplate
from app.models.direct import PreparedStatement
from app.services import agencies, journal
from app.services.desk import Desk
from app.services.file_types import Examined
from app.services.storage import Store, store_of

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "documents"


@dataclass(frozen=True, slots=True)
class InForce:
    """The template of one kind of document for one agency; `source` is the agency it comes from, None: the service's."""

    doc: Doc
    sha256: str | None
    source: Agency | None


_PATH = bindparam("path", type_=String)
_OF_PATH = PreparedStatement(
    select(DocumentTemplate.doc, DocumentTemplate.agency_id, DocumentTemplate.sha256)
    .join(Agency, Agency.id == DocumentTemplate.agency_id)
    .where(func.substr(_PATH, 1, func.length(Agency.path)) == Agency.path)
    .order_by(DocumentTemplate.id)
)


def in_force(session: Session, agency: Agency, docs: frozenset[Doc] = frozenset(Doc)) -> dict[Doc, InForce]:
    """Find the templates of an agency: of the path from the root down to it, the lowest that has one decides."""
    path = [int(part) for part in agency.path.split("/") if part]
    rows = _OF_PATH.rows(session, path=agency.path)
    newest = {(doc, agency_id): sha256 for doc, agency_id, sha256 in rows}
    found = {}
    for doc in docs:
        own = ((agency_id, newest.get((doc, agency_id))) for agency_id in reversed(path))
        agency_id, sha256 = next(((agency_id, sha256) for agency_id, sha256 in own if sha256), (None, None))
        found[doc] = InForce(doc, sha256, session.get_one(Agency, agency_id) if agency_id else None)
    return found


def bytes_of(store: Store, template: InForce) -> bytes:
    return store.get(template.sha256) if template.sha256 else shipped(template.doc)


@lru_cache(maxsize=len(Doc))
def shipped(doc: Doc) -> bytes:
    """Return the template that comes with the service."""
    return (FOLDER / f"{doc.value}.docx").read_bytes()


def keep(store: Store, doc: Doc) -> str:
    """Keep the template that comes with the service among the files; returns its SHA-256."""
    digest = _digest(doc)
    return digest if store.has(digest) else store.put(shipped(doc))


@lru_cache(maxsize=len(Doc))
def _digest(doc: Doc) -> str:
    return hashlib.sha256(shipped(doc)).hexdigest()


def put(desk: Desk, agency: Agency, doc: Doc, file: Examined) -> InForce:
    """Use a template of the agency's own from now on; documents issued before keep theirs. Raises Invalid saying why."""
    if faults := faults_of(desk, doc, file):
        reasons = [{"kind": "field", "code": "template_unusable", "field": "file", "message": text} for text in faults]
        raise Invalid("；".join(faults), reasons=reasons)
    sha256 = store_of(desk.settings).put(file.content)
    return _set(desk, agency, doc, sha256)


def restore(desk: Desk, agency: Agency, doc: Doc) -> InForce:
    """Return to the template of the agency above, or the service's own."""
    return _set(desk, agency, doc, None)


def _set(desk: Desk, agency: Agency, doc: Doc, sha256: str | None) -> InForce:
    desk.session.add(
        DocumentTemplate(agency_id=agency.id, doc=doc, sha256=sha256, set_at=desk.now, set_by=desk.actor.name)
    )
    data = {"doc": doc.value, "sha256": sha256}
    journal.record(desk, "document_template_set", "更换文书模板", agency_id=agency.id, data=data)
    desk.session.flush()
    return in_force(desk.session, agency, frozenset({doc}))[doc]


def faults_of(desk: Desk, doc: Doc, file: Examined) -> list[str]:
    """Try a template out on a specimen, in both forms; lists in Chinese what is wrong, nothing if it can be used."""
    if file.faults:
        return list(file.faults)
    if file.file_type is not FileType.DOCX:
        return ["模板须为 docx 文件"]
    from app.domain.specimens import SPECIMENS
    from app.services import rendering, typesetting

    specimen, content = SPECIMENS[doc], file.content
    try:
        if missing := typesetting.unsettable(content):
            return [f"模板中有不能转换为 PDF 的内容：{'、'.join(missing)}"]
        typesetting.typeset(rendering.fill(content, specimen), specimen, desk.settings)
        if unsaid := _unsaid(doc, content):
            return [f"模板缺少必备的内容：{'、'.join(unsaid)}"]
    except rendering.TemplateFault as fault:
        return [str(fault)]
    return []


def _unsaid(doc: Doc, content: bytes) -> list[str]:
    """Name what the test of a volume will look for in this document and the template does not write (`archive.worded`)."""
    from app.domain.specimens import SPECIMENS
    from app.services import rendering

    model, data = MODELS[doc], SPECIMENS[doc].model_dump()
    paths = [path for path, _ in archive.worded(data)]
    for path in paths:  # each field says its own name, so that none is taken for another that reads the same
        name, *below = path.split(".")
        if below:
            data[name][int(below[0])][below[1]] = f"〔{path}〕"
        else:
            data[name] = f"〔{path}〕"
    said = "".join(rendering.texts_of(rendering.fill(content, model.model_validate(data))))
    places = [tuple(int(part) if part.isdigit() else part for part in path.split(".")) for path in paths]
    missing = [place for place, path in zip(places, paths, strict=True) if f"〔{path}〕" not in said]
    return [label_of(model, place) for place in missing]


def agency_of(desk: Desk, agency_code: str | None) -> Agency:
    """Find the agency whose templates are meant: the caller's own, or one below it."""
    return agencies.by_code(desk, agency_code) if agency_code else desk.session.get_one(Agency, desk.actor.agency_id)
