"""Long work on the command line: one transaction a stage, in the name of whoever operates the machine."""

from app import db
from app.cli.refusals import MISUSED, need_migrated, refuse
from app.cli.setup import engine_of, now
from app.config import Settings
from app.domain.terms import Role
from app.services.stages import Stages
from app.workers.stages import OwnStages, city_wide


def stages(role: Role) -> Stages:
    """Connect, as the operator of the machine acting for the root agency in one role."""
    settings = Settings()
    engine = engine_of(settings)
    with db.reader(engine) as session:
        need_migrated(session)
    actor = city_wide(engine, "cli", "命令行", role)
    if actor is None:
        refuse("还没有机关，请先完成初始化：python -m app init", MISUSED)
    return OwnStages(engine, settings, actor, now())
