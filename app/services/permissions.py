"""Which role may do what outside the workflow table, and whose affairs an administrator may touch.

The three administrators are separated duties (三员分立, GB/T 22239-2019): the system administrator keeps agencies and
accounts, the security administrator gives rights and takes them away, the audit administrator reads the journal. None
of them works on cases or reads them, and none gives rights to himself.
"""

import datetime as dt
from collections.abc import Iterable, Set

from app.config import Settings
from app.domain.actor import Actor
from app.domain.terms import Role, Scope
from app.errors import Forbidden, Invalid, NotFound, SecondFactorNeeded

ADMINS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})

SYSTEMS_ONLY = frozenset({Role.PORTAL, Role.SCRIPT_READER})
"""Roles no person holds."""

KEY_ROLES = SYSTEMS_ONLY | {Role.INTAKE_CLERK, Role.HANDLER, Role.ARCHIVIST}
"""What another system may do. Endorsing, secrecy review, signing and supervision are acts of a person."""

PERSON_ROLES = frozenset(Role) - SYSTEMS_ONLY

CASE_ROLES = frozenset(Role) - ADMINS
"""Whoever may see cases at all."""


def require(actor: Actor, roles: Set[Role]) -> None:
    """Refuse a caller who holds none of the roles; raises `Forbidden` naming them. Without roles everybody may."""
    if roles and not actor.roles & roles:
        message = f"这项操作只限：{_named(roles)}；您的角色是：{_named(actor.roles) or '无'}"
        raise Forbidden(message, reasons=[{"kind": "role", "code": "role_missing", "message": message}])


def require_scope(actor: Actor, scope: Scope) -> None:
    """Refuse a key that was narrowed to other scopes; raises `Forbidden` naming the one it lacks."""
    if scope not in actor.scopes:
        message = f"这个接口密钥没有“{scope.label}”的权限范围（{scope.value}）"
        raise Forbidden(message, reasons=[{"kind": "role", "code": "scope_missing", "message": message}])


def require_second_factor_of_admins(actor: Actor, proven_at: dt.datetime | None) -> None:
    """Refuse an administrator who signed in without a second factor: perhaps before becoming one."""
    if actor.roles & ADMINS and proven_at is None:
        raise _second_factor_needed("管理员须用动态口令登录：请退出后重新登录并设置动态口令")


def require_fresh_second_factor(proven_at: dt.datetime | None, now: dt.datetime, settings: Settings) -> None:
    """Refuse a caller who has not just proven a second factor; a key has none."""
    if not is_fresh(proven_at, now, settings):
        minutes = settings.second_factor_minutes
        raise _second_factor_needed(f"这项操作须在{minutes}分钟内验证过动态口令；接口密钥不能进行")


def is_fresh(proven_at: dt.datetime | None, now: dt.datetime, settings: Settings) -> bool:
    """Tell whether a second factor was proven lately enough."""
    return proven_at is not None and proven_at + dt.timedelta(minutes=settings.second_factor_minutes) > now


def _second_factor_needed(message: str) -> SecondFactorNeeded:
    return SecondFactorNeeded(
        message,
        reasons=[{"kind": "role", "code": "second_factor_needed", "message": message}],
        headers={"WWW-Authenticate": 'Bearer error="insufficient_user_authentication"'},  # RFC 9470
    )


def within(actor: Actor, agency_path: str) -> bool:
    """Tell whether an agency is the actor's own or below it."""
    return agency_path.startswith(actor.agency_path)


def require_within(actor: Actor, agency_path: str) -> None:
    """Refuse what belongs to an agency outside the actor's, as if it did not exist."""
    if not within(actor, agency_path):
        raise NotFound


def check_person_roles(roles: Set[Role]) -> None:
    """Refuse a set of roles one person must not hold; raises `Invalid` with a reason each."""
    found = []
    if wrong := roles & SYSTEMS_ONLY:
        found.append(f"{_named(wrong)}只用于接口密钥，不能授予个人")
    if (admin := roles & ADMINS) and len(roles) > 1:
        found.append(f"{_named(admin)}不能兼任其他角色：三类管理员互相分离，且不办理案件")
    if found:
        raise Invalid(
            "；".join(found),
            reasons=[
                {"kind": "field", "code": "roles_exclude_each_other", "field": "roles", "message": m} for m in found
            ],
        )


def _named(roles: Iterable[Role]) -> str:
    return "、".join(role.label for role in Role if role in set(roles))
