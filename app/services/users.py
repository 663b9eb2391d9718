"""People's accounts: made by the system administrator, given rights by the security administrator."""

from collections.abc import Sequence, Set

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.domain.terms import Role
from app.errors import Clash, Forbidden, Invalid, NotFound
from app.models import Agency, User, UserRole
from app.services import agencies, credentials, identity, journal, permissions, tries
from app.services.desk import Desk
from app.services.passwords import Hasher


def visible(desk: Desk) -> Select[User]:
    """Select the people this caller may manage, with their agency and roles."""
    return (
        select(User)
        .join(User.agency)
        .where(Agency.path.startswith(desk.actor.agency_path, autoescape=True))
        .options(joinedload(User.agency), selectinload(User.roles))
    )


def listing(desk: Desk, page: int, size: int, text: str | None) -> tuple[Sequence[User], int]:
    """Return one page of the people whose user or display name contains `text`, and the number of all."""
    wanted = visible(desk)
    if text:
        wanted = wanted.where(
            or_(User.username.contains(text, autoescape=True), User.display_name.contains(text, autoescape=True))
        )
    total = desk.session.scalar(select(func.count()).select_from(wanted.with_only_columns(User.id).subquery())) or 0
    return desk.session.scalars(wanted.order_by(User.username).offset((page - 1) * size).limit(size)).all(), total


def names(desk: Desk, usernames: Set[str]) -> dict[str, str]:
    """Map user names to the names people go by; whoever is unknown here (an interface key) is left out."""
    if not usernames:
        return {}
    rows = desk.session.execute(select(User.username, User.display_name).where(User.username.in_(usernames)))
    return {username: name for username, name in rows}  # noqa: C416 - a row is no pair to the type checker


def one(desk: Desk, user_id: int) -> User:
    """Find a person by id; raises `NotFound` for an unknown one and for one of an agency outside the subtree."""
    found = desk.session.scalar(visible(desk).where(User.id == user_id))
    if found is None:
        raise NotFound
    return found


def create(desk: Desk, *, username: str, display_name: str, agency_code: str, password_hash: str) -> User:
    """Add a person without any role; the password is temporary. Raises `Clash` for a user name in use."""
    agency = agencies.by_code(desk, agency_code)
    agencies.refuse_closed(agency)
    if desk.session.scalar(select(User.id).where(User.username == username)) is not None:
        raise Clash("这个登录名已被使用")
    user = User(
        username=username,
        display_name=display_name,
        agency=agency,
        password_hash=password_hash,
        password_is_temporary=True,
        created_at=desk.now,
        roles=[],
    )
    desk.session.add(user)
    desk.session.flush()
    journal.record(
        desk, "user_created", "新增用户", agency_id=agency.id, data={"username": username, "display_name": display_name}
    )
    return user


def set_roles(desk: Desk, user_id: int, roles: Set[Role]) -> User:
    """Give a person exactly these roles; they hold from the next request on. Nobody changes the own ones."""
    permissions.check_person_roles(roles)
    user = another(desk, user_id, "不能修改自己的角色")
    if Role.CITY_SUPERVISOR in roles and user.agency.parent_id is not None:
        raise Invalid("全市督办员只能授予市级机关的人员")
    before = {held.role for held in user.roles}
    _keep_an_administrator(desk, user, before - roles)
    user.roles = [held for held in user.roles if held.role in roles] + [UserRole(role=role) for role in roles - before]
    journal.record(
        desk,
        "roles_changed",
        "调整角色",
        agency_id=user.agency_id,
        data={"username": user.username, "from": sorted(before), "to": sorted(roles)},
    )
    return user


def disable(desk: Desk, user_id: int) -> User:
    """Close an account and end its sign-ins at once; a closed one stays as it is."""
    user = another(desk, user_id, "不能停用自己的账号")
    if user.disabled_at is None:
        _keep_an_administrator(desk, user, {held.role for held in user.roles})
        user.disabled_at = desk.now
        identity.end_sign_ins(desk.session, user.id)
        journal.record(desk, "user_disabled", "停用用户", agency_id=user.agency_id, data={"username": user.username})
    return user


def enable(desk: Desk, user_id: int) -> User:
    user = another(desk, user_id, "不能启用自己的账号")
    if user.disabled_at is not None:
        user.disabled_at = None
        journal.record(desk, "user_enabled", "启用用户", agency_id=user.agency_id, data={"username": user.username})
    return user


def reset_password(desk: Desk, user_id: int, password_hash: str) -> User:
    """Give a person a temporary password and end all sign-ins; raises `Forbidden` for an administrator's account.

    Whoever could reset another administrator's password could become that administrator, and the duties would be one.
    """
    user = another(desk, user_id, "请用“修改密码”修改自己的密码")
    if permissions.ADMINS & {held.role for held in user.roles}:
        raise Forbidden("管理员的密码不能由其他管理员重置")
    credentials.replace(desk.session, user, password_hash, desk.now, temporary=True)
    journal.record(desk, "password_reset", "重置密码", agency_id=user.agency_id, data={"username": user.username})
    return user


def change_own_password(desk: Desk, old: str, new: str, hasher: Hasher, address: str) -> None:
    """Replace the caller's password and end all the caller's sign-ins; a wrong old one counts like a failed sign-in."""
    if desk.actor.is_key:
        raise Forbidden("接口密钥没有密码")
    user = prove_password(desk, old, hasher, address, "原密码")
    earlier = credentials.past(desk.session, user.id, desk.settings)
    found = credentials.objections(new, old, user.username, earlier, hasher, desk.settings)
    require_no_objection(found, "new_password")
    credentials.replace(desk.session, user, hasher.make(new), desk.now)
    journal.record(desk, "password_changed", "修改密码")


def prove_password(desk: Desk, typed: str, hasher: Hasher, address: str, named: str) -> User:
    """Find and lock the caller's account by the password, `named` in Chinese; a wrong one counts like a failed sign-in."""
    user = desk.session.scalars(select(User).where(User.username == desk.actor.name).with_for_update()).one()
    counted = tries.count(desk.session, user.username, address, desk.now, desk.settings.key)
    if not hasher.matches(user.password_hash, typed):
        journal.record(desk, "password_refused", f"{named}不正确")
        raise Invalid(f"{named}不正确", keeps=True)
    tries.take_back(desk.session, counted, desk.now)
    return user


def require_no_objection(found: Sequence[str], field: str) -> None:
    """Refuse a new password for the reasons found; raises `Invalid`."""
    if found:
        raise Invalid(
            "；".join(found),
            reasons=[
                {"kind": "field", "code": "weak_password", "field": field, "message": message} for message in found
            ],
        )


def another(desk: Desk, user_id: int, refusal: str) -> User:
    """Find and lock a person other than the caller; raises `Forbidden` with `refusal` for the caller, and `NotFound`."""
    user = one(desk, user_id)
    if user.username == desk.actor.name:
        raise Forbidden(refusal)
    desk.session.scalars(select(User.id).where(User.id == user.id).with_for_update()).one()
    return user


def _keep_an_administrator(desk: Desk, user: User, lost: Set[Role]) -> None:
    """Refuse to take the last active holder of an administrator's duty away: nobody could ever give it again."""
    for role in lost & permissions.ADMINS:
        others = (
            select(UserRole.user_id)
            .join(User, User.id == UserRole.user_id)
            .where(UserRole.role == role, User.disabled_at.is_(None), User.id != user.id)
            .with_for_update(of=UserRole)
        )
        if not desk.session.scalars(others).first():
            raise Clash(f"这是最后一名在用的{role.label}，不能停用或者撤销")
