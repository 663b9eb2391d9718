"""The bulletin as JSON."""

import datetime as dt

from pydantic import Field

from app.domain.shape import Shape
from app.schemas.figures import (
    ComparedOut,
    LossesOut,
    MarkedOut,
    PeriodOut,
    Timeliness,
    Volumes,
    compared_out,
    losses_out,
    marked_out,
    period_out,
    timeliness,
    volumes,
)
from app.schemas.supervision import ProblemOut, SupervisionOut, problem_out, supervision_out
from app.services.figures.bulletin import Bulletin


class BulletinOut(Shape):
    """The bulletin of a period."""

    title: str
    period: PeriodOut
    as_of: dt.date
    paragraphs: list[str] = Field(description="通报正文，可以直接引用")
    volumes: Volumes
    timeliness: Timeliness
    remedies: LossesOut
    agencies: list[ComparedOut]
    overdue: list[MarkedOut] = Field(description="超期未办结的，只列您能看到的案件")
    late: list[MarkedOut] = Field(description="本期超期办结的，只列您能看到的案件")
    supervisions: list[SupervisionOut] = Field(description="未办结的督办")
    problems: list[ProblemOut] = Field(description="未完成整改的问题")


def bulletin_out(found: Bulletin, as_of: dt.date) -> BulletinOut:
    return BulletinOut(
        title=found.title,
        period=period_out(found.period),
        as_of=as_of,
        paragraphs=found.paragraphs,
        volumes=volumes(found.whole, found.previous),
        timeliness=timeliness(found.whole, found.previous),
        remedies=losses_out(found.losses),
        agencies=[compared_out(one) for one in found.agencies],
        overdue=[marked_out(one) for one in found.overdue],
        late=[marked_out(one) for one in found.late],
        supervisions=[supervision_out(one) for one in found.supervisions],
        problems=[problem_out(one) for one in found.problems],
    )
