"""Who signs in and what administrators keep: bodies taken and answers given."""

import datetime as dt
import ipaddress
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, StringConstraints
from pydantic.config import JsonDict

from app.domain.commands import Line, Strict
from app.domain.passwords import LONGEST, SHORTEST
from app.domain.settings import AgencySettings
from app.domain.shape import Shape
from app.domain.terms import Role, Scope
from app.models import Agency, ApiKey, User
from app.services.clocks import in_shanghai
from app.services.desk import SHANGHAI, Desk
from app.services.recompute import Effect
from app.services.reorganisation import Merged
from app.services.setup import Administrator

EXAMPLE_PASSWORD = "滨海路三号楼-晴天-1047"  # noqa: S105 — shown in the documentation

Username = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9._-]{1,31}$"),
    Field(description="登录名：小写字母开头，2至32个小写字母、数字、点、横线或者下划线", examples=["zhangsan"]),
]
Password = Annotated[
    SecretStr,
    Field(
        min_length=1,
        max_length=LONGEST,
        description=f"密码：至少{SHORTEST}个字符，不含登录名，不是常见密码",
        examples=[EXAMPLE_PASSWORD],
    ),
]
AgencyCode = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{1,31}$"),
    Field(description="机关代码", examples=["370600-GXJ"]),
]
AgencyName = Annotated[Line, Field(description="机关名称", examples=["烟台市工业和信息化局"])]
Region = Annotated[
    str,
    StringConstraints(pattern=r"^CN(-[0-9]{2}([0-9]{4})?)?$"),
    Field(description="适用哪个地区的工作日历：CN 全国，CN-53 省，CN-532300 市州", examples=["CN"]),
]


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise ValueError("不是网段：请写成 10.20.0.0/16，地址部分的主机位须为零") from error


Network = Annotated[str, Field(max_length=50), AfterValidator(_network)]


class Labelled(Shape):
    """A code with its Chinese label."""

    code: str
    label: str


class AgencyOut(Shape):
    id: int
    code: str
    name: str
    parent_id: int | None = Field(description="上级机关的 id；最上级为空")
    level: int = Field(description="在树中的层级，最上级为1")
    region: str
    closed_at: dt.datetime | None = Field(description="并入其他机关的时间；仍在履职的为空")
    successor_id: int | None = Field(description="由哪个机关承接，其 id")
    predecessors: list[int] = Field(description="并入本机关的各机关的 id；它们的案卷本机关可以查看")
    settings: AgencySettings


class Recomputed(Shape):
    open_cases: int = Field(description="本机关的在办案件")
    moved: int = Field(description="其中期限因此变动的，已逐件记入日志（`deadline_moved`）")


class AgencySettled(AgencyOut):
    recomputed: Recomputed = Field(description="按新设置重算在办案件的结果")


class AgencyMerged(Shape):
    """What a merger moved."""

    agency: "AgencyOut"
    successor: "AgencyOut"
    cases: int = Field(description="由承接机关继续办理的案件")
    archived: int = Field(description="已归档、仍按原机关统计的案件；承接机关可以查看")
    people: int = Field(description="划转或者停用的人员")
    keys: int = Field(description="划转或者撤销的接口密钥")


class AgencyPage(Shape):
    items: list[AgencyOut]
    total: int
    page: int
    size: int


class NewAgency(Strict):
    code: Annotated[AgencyCode, Field(description="机关代码", examples=["379900-WLJ"])]
    name: Annotated[AgencyName, Field(description="机关名称", examples=["海州市文化和旅游局"])]
    region: Region
    parent_code: Annotated[AgencyCode, Field(description="上级机关的代码", examples=["379900"])]


class AgencyRename(Strict):
    name: AgencyName


class UserOut(Shape):
    id: int
    username: str
    display_name: str
    agency_code: str
    agency_name: str
    roles: list[Labelled]
    disabled_at: dt.datetime | None = Field(description="停用的时间；在用为空")
    password_is_temporary: bool = Field(description="密码是管理员给的，本人首次登录时须更换")
    created_at: dt.datetime


class UserPage(Shape):
    items: list[UserOut]
    total: int
    page: int
    size: int


class NewUser(Strict):
    username: Username
    display_name: Line = Field(description="姓名", examples=["张三"])
    agency_code: AgencyCode


class UserWithPassword(UserOut):
    temporary_password: str | None = Field(description="临时密码，只在这里出现一次；重试同一幂等键时为空")


class RoleSet(Strict):
    roles: list[Role] = Field(
        max_length=20, description="全部角色；不在其中的即撤销", examples=[["intake_clerk", "handler"]]
    )


class NewPassword(Strict):
    old_password: Password
    new_password: Password


class Done(Shape):
    done: bool = True


class KeyOut(Shape):
    id: int
    prefix: str = Field(description="密钥的前缀，日志和经过中以 key:前缀 出现")
    label: str
    agency_code: str
    agency_name: str
    role: Role
    role_label: str
    networks: list[str] | None = Field(description="只能从这些网段使用；空为不限")
    scopes: list[Labelled] = Field(description="权限范围；没有限定的为全部")
    system: str = Field(description="所属系统：同一系统先后的密钥相同，案件归系统所有")
    created_by: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None = Field(description="撤销的时间；未撤销为空")


class KeyPage(Shape):
    items: list[KeyOut]
    total: int
    page: int
    size: int


class NewKey(Strict):
    label: Line = Field(description="给哪个系统、做什么用", examples=["市政府门户网站"])
    agency_code: AgencyCode
    role: Role = Field(description="密钥的角色，只能有一个", examples=["portal"])
    valid_days: Annotated[int, Field(ge=1, le=730, strict=True)] = Field(365, description="有效天数", examples=[365])
    scopes: list[Scope] | None = Field(
        None,
        min_length=1,
        max_length=len(Scope),
        description="限定的权限范围，不填则角色所能做的都能做",
        examples=[["read", "register", "supplement"]],
    )
    replaces: Annotated[int, Field(ge=1, le=2**53, strict=True)] | None = Field(
        None,
        description="接替哪一个密钥（id）：沿用其登记的案件和幂等键；原密钥到撤销或者期满为止仍有效",
        examples=[None],
    )

    networks: list[Network] | None = Field(
        None,
        min_length=1,
        max_length=20,
        description="只能从这些网段（CIDR）使用；不填为不限。对接方在反向代理之后的，服务须设置可信代理",
        examples=[["10.20.0.0/16", "203.0.113.7/32"]],
    )


class KeyWithSecret(KeyOut):
    key: str | None = Field(description="完整的密钥，只在这里出现一次；重试同一幂等键时为空")


class Me(Shape):
    """Who the caller is."""

    name: str = Field(description="登录名，或者 key:密钥前缀")
    label: str = Field(description="姓名，或者系统名称")
    is_key: bool
    agency_code: str
    agency_name: str
    roles: list[Labelled]
    scopes: list[Labelled] = Field(description="密钥的权限范围；人不受限定")


class FirstAgency(Strict):
    code: AgencyCode
    name: AgencyName
    region: Region


class FirstAdministrator(Strict):
    username: Username
    display_name: Line = Field(description="姓名", examples=["张三"])
    password: Password

    def person(self) -> Administrator:
        return Administrator(self.username, self.display_name, self.password.get_secret_value())


_EXAMPLE_SETUP: JsonDict = {
    "token": "在服务器上执行 init 得到的令牌",
    "agency": {"code": "370600-ZFB", "name": "烟台市人民政府办公室", "region": "CN-370600"},
    "system_admin": {"username": "xitong", "display_name": "张三", "password": "滨海路三号楼-晴天-1047"},
    "security_admin": {"username": "anquan", "display_name": "李四", "password": "蓝色茶壶-山路-8352-松"},
    "audit_admin": {"username": "shenji", "display_name": "王五", "password": "北窗-旧书架-6194-雨后"},
}


class SetUp(Strict):
    """Everything a first run asks for."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE_SETUP]})

    token: SecretStr = Field(min_length=1, max_length=100, description="初始化命令打印的一次性令牌")
    agency: FirstAgency = Field(description="最上级的机关")
    system_admin: FirstAdministrator = Field(description="系统管理员：机关和用户")
    security_admin: FirstAdministrator = Field(description="安全管理员：角色、密钥和停用")
    audit_admin: FirstAdministrator = Field(description="审计管理员：查阅日志")


class TokenOut(Shape):
    """An access token (RFC 6749, 5.1)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 — the scheme's name
    expires_in: int = Field(description="最长有效的秒数；连续不用会提前失效")


class TokenError(Shape):
    """Why there is no token (RFC 6749, 5.2)."""

    error: str
    error_description: str
    message: str = Field(description="中文说明")


def _when(moment: dt.datetime) -> dt.datetime:
    return moment.astimezone(SHANGHAI)


def _labelled(roles: set[Role]) -> list[Labelled]:
    return [Labelled(code=role.value, label=role.label) for role in Role if role in roles]


def _labelled_scopes(scopes: frozenset[Scope]) -> list[Labelled]:
    return [Labelled(code=scope.value, label=scope.label) for scope in Scope if scope in scopes]


def agency_out(agency: Agency) -> AgencyOut:
    return AgencyOut(
        id=agency.id,
        code=agency.code,
        name=agency.name,
        parent_id=agency.parent_id,
        level=agency.path.count("/") - 1,
        region=agency.region,
        closed_at=agency.closed_at and in_shanghai(agency.closed_at),
        successor_id=agency.successor_id,
        predecessors=list(agency.predecessors),
        settings=AgencySettings.model_validate(agency.settings),
    )


def agency_settled(agency: AgencyOut, effect: Effect) -> AgencySettled:
    """Say what the new settings did to the agency's running cases."""
    recomputed = Recomputed(open_cases=effect.open_cases.total(), moved=effect.moved.total())
    return AgencySettled(**dict(agency), recomputed=recomputed)


def agency_merged(merged: Merged) -> AgencyMerged:
    return AgencyMerged(
        agency=agency_out(merged.agency),
        successor=agency_out(merged.successor),
        cases=merged.cases,
        archived=merged.archived,
        people=merged.people,
        keys=merged.keys,
    )


def user_out(user: User) -> UserOut:
    return UserOut(
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        agency_code=user.agency.code,
        agency_name=user.agency.name,
        roles=_labelled({held.role for held in user.roles}),
        disabled_at=user.disabled_at and _when(user.disabled_at),
        password_is_temporary=user.password_is_temporary,
        created_at=_when(user.created_at),
    )


def user_with_password(user: User, password: str) -> UserWithPassword:
    return UserWithPassword(**dict(user_out(user)), temporary_password=password)


def key_out(key: ApiKey) -> KeyOut:
    return KeyOut(
        id=key.id,
        prefix=key.prefix,
        label=key.label,
        agency_code=key.agency.code,
        agency_name=key.agency.name,
        role=key.role,
        role_label=key.role.label,
        networks=key.networks,
        scopes=_labelled_scopes(frozenset(Scope) if key.scopes is None else frozenset(map(Scope, key.scopes))),
        system=key.system,
        created_by=key.created_by,
        created_at=_when(key.created_at),
        expires_at=_when(key.expires_at),
        revoked_at=key.revoked_at and _when(key.revoked_at),
    )


def key_with_secret(key: ApiKey, secret: str) -> KeyWithSecret:
    return KeyWithSecret(**dict(key_out(key)), key=secret)


def me(desk: Desk) -> Me:
    agency = desk.session.get_one(Agency, desk.actor.agency_id)
    return Me(
        name=desk.actor.name,
        label=desk.actor.label,
        is_key=desk.actor.is_key,
        agency_code=agency.code,
        agency_name=agency.name,
        roles=_labelled(set(desk.actor.roles)),
        scopes=_labelled_scopes(desk.actor.scopes),
    )
