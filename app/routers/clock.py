"""期限计算器."""

from fastapi import APIRouter

from app.deps import Asking, anybody
from app.domain.limits import ClockRules
from app.schemas.clock import ClockOut, ClockPreview, clock_out
from app.services import clock_views

router = APIRouter(tags=["clock"])


@router.post("/clock/preview", summary="试算期限", **anybody())
def preview_clock(question: ClockPreview, inquiry: Asking) -> ClockOut:
    """不登记案件，按收到之日和已发生的行为试算各项期限，逐日说明理由（条例第30条至第35条）。

    行为按日期先后填写。不可能的顺序、第二次补正、超过20个工作日或者期限届满后的延长，逐条退回说明。

    无需登录，任何网站都可以用作期限计算器；最多100个行为，期限最长五年。
    """
    overrides = question.calendar_overrides
    calendar = inquiry.book.of(question.region).with_overrides(overrides.off, overrides.work)
    rules = ClockRules(local_limit=question.local_limit_workdays, **question.readings.model_dump())
    as_of = question.as_of or inquiry.today
    view = clock_views.preview(calendar, rules, question.received_on, question.acts, as_of, question.submitted_on)
    return clock_out(view)
