"""The tree of agencies 市 → 区县 → 乡镇、部门: each administrator keeps the part from the own agency downwards."""

from collections.abc import Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.domain.settings import AgencySettings
from app.errors import Clash, Invalid, NotFound
from app.models import Agency
from app.services import calendars, journal
from app.services.desk import Desk

LONGEST_PATH = 200


def visible(desk: Desk) -> Select[Agency]:
    """Select the agencies this caller may manage: the own one and all below it."""
    return select(Agency).where(Agency.path.startswith(desk.actor.agency_path, autoescape=True))


def listing(desk: Desk, page: int, size: int) -> tuple[Sequence[Agency], int]:
    """Return one page of the subtree, parents before children, and the number of all."""
    wanted = visible(desk)
    total = desk.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    return desk.session.scalars(wanted.order_by(Agency.path).offset((page - 1) * size).limit(size)).all(), total


def one(desk: Desk, agency_id: int) -> Agency:
    """Find an agency by id; raises `NotFound` for an unknown one and for one outside the subtree."""
    found = desk.session.scalar(visible(desk).where(Agency.id == agency_id))
    if found is None:
        raise NotFound
    return found


def by_code(desk: Desk, code: str) -> Agency:
    """Find an agency by code; raises `NotFound` like `one`."""
    found = desk.session.scalar(visible(desk).where(Agency.code == code))
    if found is None:
        raise NotFound("没有这个代码的机关，或者不在您的管理范围内")
    return found


def create(desk: Desk, *, code: str, name: str, region: str, parent_code: str) -> Agency:
    """Add an agency below another; raises `Clash` for a code in use."""
    parent = by_code(desk, parent_code)
    refuse_closed(parent)
    if desk.session.scalar(select(Agency.id).where(Agency.code == code)) is not None:
        raise Clash("这个机关代码已被使用")
    agency = Agency(
        code=code,
        name=name,
        parent_id=parent.id,
        region=region,
        settings=AgencySettings().model_dump(mode="json"),
    )
    plant(desk.session, agency, parent.path)
    if len(agency.path) > LONGEST_PATH:
        raise Invalid("机关层级过深")
    journal.record(
        desk,
        "agency_created",
        "新增机关",
        agency_id=agency.id,
        data={"code": code, "name": name, "parent": parent.code},
    )
    return agency


def refuse_closed(agency: Agency) -> None:
    """Refuse to give anything to an agency that was merged into another; raises `Clash`."""
    if agency.closed_at is not None:
        raise Clash(f"{agency.name}已经并入其他机关")


def living(session: Session, agency: Agency | None) -> Agency | None:
    """Return the agency that goes on with what somebody addressed to this one: itself, or what it was merged into."""
    if agency is None or agency.successor_id is None:
        return agency
    return session.get_one(Agency, agency.successor_id)


def plant(session: Session, agency: Agency, above: str) -> None:
    """Insert an agency and give it its path, which contains the id the database has just given."""
    agency.path = above
    session.add(agency)
    session.flush()
    agency.path = f"{above}{agency.id}/"
    session.flush()


def rename(desk: Desk, agency_id: int, name: str) -> Agency:
    agency = one(desk, agency_id)
    refuse_closed(agency)
    before, agency.name = agency.name, name
    journal.record(desk, "agency_renamed", "机关更名", agency_id=agency.id, data={"from": before, "to": name})
    return agency


def set_settings(desk: Desk, agency_id: int, settings: AgencySettings) -> Agency:
    """Replace the agency's own settings; a sweep over its running cases is due afterwards (`recompute.sweep`).

    No writer counts by the old ones once this has begun.
    """
    calendars.hold_alone(desk.session)
    agency = one(desk, agency_id)
    before, agency.settings = agency.settings, settings.model_dump(mode="json")
    journal.record(
        desk,
        "agency_settings_changed",
        "修改机关设置",
        agency_id=agency.id,
        data={"from": before, "to": agency.settings},
    )
    return agency
