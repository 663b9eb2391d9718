"""The files of papers filed in a remedy: kept beside the case, whose sealed volume they never enter."""

from sqlalchemy.orm import Session

from app.domain.terms import FileType
from app.errors import Clash, Invalid, NotFound
from app.models import Case, RemedyPaper
from app.services import journal, remedies
from app.services.desk import Desk
from app.services.file_types import Examined
from app.services.remedies import Opened
from app.services.storage import store_of


def put(desk: Desk, remedy_id: int, paper_id: int, file: Examined) -> Opened:
    """Keep the file of a paper. Raises NotFound, Invalid with every fault of the file, Clash where it has one."""
    opened, paper = _paper(desk, remedy_id, paper_id)
    if file.faults or file.file_type is None:
        reasons = [{"kind": "field", "code": "file_refused", "field": "file", "message": text} for text in file.faults]
        raise Invalid("；".join(file.faults), reasons=reasons)
    if paper.sha256 is not None:
        raise Clash("这份材料已经有文件；内容有误的，另行登记一份")
    paper.file_type, paper.file_name, paper.size = file.file_type, file.name, len(file.content)
    paper.sha256 = store_of(desk.settings).put(file.content)
    data = {"remedy_id": remedy_id, "paper_id": paper.id, "sha256": paper.sha256, "size": paper.size}
    journal.record(desk, "remedy_file_added", "添加复议、诉讼材料的文件", case=opened.case, data=data)
    desk.session.flush()
    return opened


def fetch(desk: Desk, remedy_id: int, paper_id: int) -> tuple[RemedyPaper, FileType, bytes]:
    """Read the file of a paper; the caller calls `hand_out` before the answer leaves. Raises NotFound."""
    _, paper = _paper(desk, remedy_id, paper_id)
    if paper.sha256 is None or paper.file_type is None:
        raise NotFound
    return paper, paper.file_type, store_of(desk.settings).get(paper.sha256)


def hand_out(session: Session, desk: Desk, case_id: int, paper_id: int) -> None:
    """Write down who took a file: they are full of personal data."""
    case = session.get_one(Case, case_id)
    data = {"paper_id": paper_id}
    journal.append(session, desk.actor, desk.now, "remedy_file_read", "取得复议、诉讼材料", case=case, data=data)


def _paper(desk: Desk, remedy_id: int, paper_id: int) -> tuple[Opened, RemedyPaper]:
    opened = remedies.get(desk, remedy_id)
    paper = next((paper for paper in opened.remedy.papers if paper.id == paper_id), None)
    if paper is None:
        raise NotFound
    return opened, paper
