"""The registry of jobs. To add one, write the function and put it into `JOBS`.

A job is a function `(house, now) -> seconds`: it does one short piece of its work, in transactions of its own, and says after
how many seconds it wants to be called again; 0 when there is more to do at once. Any number of processes run every job
at the same time: a job claims what it works on (a lock, a lease, FOR UPDATE SKIP LOCKED), and work that was broken off
by kill -9 is found again by the next one.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.house import House
from app.workers.answers import clear_answers
from app.workers.recompute import finish_imports
from app.workers.reminders import remind
from app.workers.sealer import seal_journal
from app.workers.subjects import enter_missing_subjects, enter_subjects
from app.workers.webhooks import LANES, clear_webhook_log, deliver_webhooks


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work, by the name that logs and `work` show."""

    name: str
    label: str
    run: Callable[[House, dt.datetime], float]


JOBS: Sequence[Job] = (
    Job("recompute", "重算期限", finish_imports),
    Job("remind", "提醒", remind),
    Job("subjects", "登记申请主题", enter_subjects),
    Job("subjects-missing", "补登申请主题", enter_missing_subjects),
    Job("sealer", "封存日志", seal_journal),
    *(Job(f"webhooks-{lane}", "投递回调", deliver_webhooks) for lane in range(1, LANES + 1)),
    Job("webhook-log", "清理投递记录", clear_webhook_log),
    Job("answers", "清理已存应答", clear_answers),
)
"""For `work --once` the order matters: what writes the journal comes before what seals it, and that before what sends it."""
