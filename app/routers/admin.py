"""机关、用户、接口密钥，和第一次使用时的初始化."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.deps import HouseDep, PageNo, PageSize, PlainId, Reading, Write, allow, anybody
from app.domain.settings import AgencySettings
from app.domain.terms import Role
from app.errors import Forbidden, TooManyRequests
from app.http.doors import Operations
from app.http.sign_in_page import address_of
from app.http.stages import WriteInStages
from app.openapi import refusing
from app.schemas.identity import (
    AgencyMerged,
    AgencyOut,
    AgencyPage,
    AgencyRename,
    AgencySettled,
    Done,
    KeyOut,
    KeyPage,
    KeyWithSecret,
    Me,
    NewAgency,
    NewKey,
    NewPassword,
    NewUser,
    RoleSet,
    SetUp,
    UserOut,
    UserPage,
    UserWithPassword,
    agency_merged,
    agency_out,
    agency_settled,
    key_out,
    key_with_secret,
    me,
    user_out,
    user_with_password,
)
from app.services import agencies, keys, passwords, recompute, reorganisation, setup, users
from app.services.desk import Desk
from app.services.reorganisation import AgencyMerge, AgencyMove
from app.services.stages import Stages

router = Operations(tags=["admin"])

SYSTEM = allow(Role.SYSTEM_ADMIN)
SECURITY = allow(Role.SECURITY_ADMIN)
ANY_ADMIN = allow(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
SIGNED_IN = allow()


@router.get("/me", summary="查看我是谁", **SIGNED_IN)
def get_me(desk: Reading) -> Me:
    """当前登录的人或者接口密钥：所属机关和角色。"""
    return me(desk)


@router.post(
    "/me/password", summary="修改自己的密码", response_model=Done, responses=refusing(TooManyRequests), **SIGNED_IN
)
def change_own_password(body: NewPassword, write: Write, house: HouseDep, request: Request) -> Response:
    """修改后，本人的所有登录立即失效，须用新密码重新登录。"""

    def work(desk: Desk) -> Done:
        old, new = body.old_password.get_secret_value(), body.new_password.get_secret_value()
        users.change_own_password(desk, old, new, house.hasher, address_of(request))
        return Done()

    return write.answer(200, work)


@router.get("/agencies", summary="查询机关列表", **ANY_ADMIN)
def list_agencies(desk: Reading, page: PageNo = 1, size: PageSize = 50) -> AgencyPage:
    """本机关及其下级机关，上级在前。"""
    found, total = agencies.listing(desk, page, size)
    return AgencyPage(items=[agency_out(agency) for agency in found], total=total, page=page, size=size)


@router.post("/agencies", summary="新增机关", status_code=201, response_model=AgencyOut, **SYSTEM)
def create_agency(body: NewAgency, write: Write) -> Response:
    """在本机关或者下级机关之下新增一个机关。"""
    return write.answer(201, lambda desk: agency_out(agencies.create(desk, **body.model_dump())))


@router.get("/agencies/{agency_id}", summary="查看一个机关", **ANY_ADMIN)
def get_agency(agency_id: PlainId, desk: Reading) -> AgencyOut:
    """机关的代码、名称、层级、地区和设置。"""
    return agency_out(agencies.one(desk, agency_id))


@router.post("/agencies/{agency_id}/rename", summary="更改机关名称", response_model=AgencyOut, **SYSTEM)
def rename_agency(agency_id: PlainId, body: AgencyRename, write: Write) -> Response:
    """机关更名；代码和案件不变，以前的名称留在日志中。"""
    return write.answer(200, lambda desk: agency_out(agencies.rename(desk, agency_id, body.name)))


@router.post("/agencies/{agency_id}/move", summary="更改上级机关", response_model=AgencyOut, **SYSTEM)
def move_agency(agency_id: PlainId, body: AgencyMove, write: Write) -> Response:
    """把一个机关连同其下级移到另一机关之下；案件、代码和人员不变，只是由谁督办变了。"""
    return write.answer(200, lambda desk: agency_out(reorganisation.move(desk, agency_id, body)))


@router.post("/agencies/{agency_id}/merge", summary="并入其他机关", response_model=AgencyMerged, **SYSTEM)
def merge_agency(agency_id: PlainId, body: AgencyMerge, write: Write) -> Response:
    """机构改革：把一个机关并入承接其职责的机关，不能撤回。

    - 未归档的案件由承接机关继续办理，案号、发文号不变，每件记入日志；期限按承接机关的设置和日历接着算。
    - 已归档的案件仍按原机关统计，承接机关可以查看；同一件案件只计一次。
    - 下级机关归承接机关；人员和接口密钥划转或者停用。此后发给原机关代码的申请由承接机关登记。
    """
    return write.answer(200, lambda desk: agency_merged(reorganisation.merge(desk, agency_id, body)))


@router.put("/agencies/{agency_id}/settings", summary="修改机关设置", response_model=AgencySettled, **SYSTEM)
def set_agency_settings(agency_id: PlainId, body: AgencySettings, write: WriteInStages) -> Response:
    """整份替换机关的设置：内控期限、发文号模板、法律没有明文的计算口径。

    影响期限的设置自保存时起按新的答复；本机关在办案件的期限随之重算，每件变动的案件记入日志（`deadline_moved`，含前后日期），
    `recomputed` 说明变动几件。列表和轮询用到的字段在本次请求返回之前更新完毕；中途断开的，再保存一次即可。已答复、已结案的不变。
    """

    def work(stages: Stages) -> tuple[int, AgencySettled]:
        agency = stages.write(
            lambda desk: agency_out(agencies.set_settings(desk, agency_id, body)), hold_calendar=False
        )
        effect = recompute.sweep(stages, dry_run=False, source="机关设置", agency_id=agency_id)
        return 200, agency_settled(agency, effect)

    return write.answer(work)


@router.get("/users", summary="查询用户列表", **ANY_ADMIN)
def list_users(
    desk: Reading,
    q: Annotated[str | None, Query(max_length=40, description="登录名或者姓名中的文字")] = None,
    page: PageNo = 1,
    size: PageSize = 50,
) -> UserPage:
    """本机关及其下级机关的用户，按登录名排列。"""
    found, total = users.listing(desk, page, size, q)
    return UserPage(items=[user_out(user) for user in found], total=total, page=page, size=size)


@router.post("/users", summary="新增用户", status_code=201, response_model=UserWithPassword, **SYSTEM)
def create_user(body: NewUser, write: Write, house: HouseDep) -> Response:
    """新用户没有角色，由安全管理员授予。答复中的临时密码只出现一次，本人首次登录时更换。"""

    def work(desk: Desk) -> UserWithPassword:
        password = passwords.temporary()
        user = users.create(desk, **body.model_dump(), password_hash=house.hasher.make(password))
        return user_with_password(user, password)

    return write.answer(201, work, once=["temporary_password"])


@router.get("/users/{user_id}", summary="查看一个用户", **ANY_ADMIN)
def get_user(user_id: PlainId, desk: Reading) -> UserOut:
    """用户的机关、角色和状态。"""
    return user_out(users.one(desk, user_id))


@router.put("/users/{user_id}/roles", summary="授予和撤销角色", response_model=UserOut, **SECURITY)
def set_user_roles(user_id: PlainId, body: RoleSet, write: Write) -> Response:
    """整份替换用户的角色，立即生效。三类管理员互相排斥，也不能兼任办案角色；不能修改自己的角色。"""
    return write.answer(200, lambda desk: user_out(users.set_roles(desk, user_id, frozenset(body.roles))))


@router.post("/users/{user_id}/disable", summary="停用用户", response_model=UserOut, **SECURITY)
def disable_user(user_id: PlainId, write: Write) -> Response:
    """停用后，该用户的所有登录立即失效。"""
    return write.answer(200, lambda desk: user_out(users.disable(desk, user_id)))


@router.post("/users/{user_id}/enable", summary="启用用户", response_model=UserOut, **SECURITY)
def enable_user(user_id: PlainId, write: Write) -> Response:
    """恢复已停用的用户；须重新登录。"""
    return write.answer(200, lambda desk: user_out(users.enable(desk, user_id)))


@router.post("/users/{user_id}/reset-password", summary="重置用户密码", response_model=UserWithPassword, **SYSTEM)
def reset_user_password(user_id: PlainId, write: Write, house: HouseDep) -> Response:
    """换成只出现一次的临时密码，该用户的所有登录立即失效。管理员的密码不能由其他管理员重置。"""

    def work(desk: Desk) -> UserWithPassword:
        password = passwords.temporary()
        return user_with_password(users.reset_password(desk, user_id, house.hasher.make(password)), password)

    return write.answer(200, work, once=["temporary_password"])


@router.get("/api-keys", summary="查询接口密钥列表", **ANY_ADMIN)
def list_api_keys(desk: Reading, page: PageNo = 1, size: PageSize = 50) -> KeyPage:
    """本机关及其下级机关的接口密钥，新的在前。只显示前缀。"""
    found, total = keys.listing(desk, page, size)
    return KeyPage(items=[key_out(key) for key in found], total=total, page=page, size=size)


@router.post("/api-keys", summary="新增接口密钥", status_code=201, response_model=KeyWithSecret, **SECURITY)
def create_api_key(body: NewKey, write: Write) -> Response:
    """一个密钥只属于一个机关、只有一个角色。完整的密钥只在这次答复中出现，请立即交给对接方保存。

    审核、保密审查、签发和督办由人负责，不能授予密钥。
    """
    return write.answer(201, lambda desk: key_with_secret(*keys.create(desk, **body.model_dump())), once=["key"])


@router.post("/api-keys/{key_id}/revoke", summary="撤销接口密钥", response_model=KeyOut, **SECURITY)
def revoke_api_key(key_id: PlainId, write: Write) -> Response:
    """撤销后，下一个请求起即不能再用。"""
    return write.answer(200, lambda desk: key_out(keys.revoke(desk, key_id)))


@router.post("/setup", summary="完成初始化", status_code=201, responses=refusing(Forbidden), **anybody())
async def set_up(body: SetUp, house: HouseDep) -> AgencyOut:
    """第一次使用：用一次性令牌建立市级机关和三名管理员。本服务没有默认账号，也没有默认密钥。

    三名管理员须为三个不同的人。令牌用过即失效；填写有误时不消耗令牌。
    """
    return await house.write(
        lambda session: agency_out(
            setup.complete(
                session,
                body.token.get_secret_value(),
                **body.agency.model_dump(),
                administrators={
                    Role.SYSTEM_ADMIN: body.system_admin.person(),
                    Role.SECURITY_ADMIN: body.security_admin.person(),
                    Role.AUDIT_ADMIN: body.audit_admin.person(),
                },
                hasher=house.hasher,
                now=house.now(),
                profile=house.settings.password_profile,
            )
        )
    )
