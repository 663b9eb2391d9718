"""登录：查看和撤销自己的登录，撤销他人的登录."""

from fastapi import Request, Response

from app.deps import Bearer, HouseDep, PlainId, Reading, Write, allow
from app.domain.terms import Role
from app.errors import TooManyRequests
from app.http.doors import Operations
from app.http.sign_in_page import address_of
from app.openapi import refusing
from app.schemas.sign_ins import SignInList, SignInsEnded, SignInsToEnd, sign_in_out
from app.services import identity, sign_ins
from app.services.desk import Desk

router = Operations(tags=["admin"])

SECURITY = allow(Role.SECURITY_ADMIN)


@router.get("/me/sign-ins", summary="查看自己的登录", **allow())
def list_sign_ins(desk: Reading, token: Bearer) -> SignInList:
    """您在各处的登录，最近使用的在前。有不是您本人的，用“撤销自己的其他登录”撤销，并修改密码。"""
    found = sign_ins.own(desk, identity.digest(token or ""))
    return SignInList(items=[sign_in_out(one) for one in found], most=desk.settings.sign_ins_at_once)


@router.post(
    "/me/sign-ins/end",
    summary="撤销自己的其他登录",
    response_model=SignInsEnded,
    responses=refusing(TooManyRequests),
    **allow(),
)
def end_own_sign_ins(body: SignInsToEnd, write: Write, house: HouseDep, request: Request) -> Response:
    """忘了在别处退出，或者发现不是本人的登录时使用，立即失效。须填写密码，或者刚验证过动态口令。"""

    def work(desk: Desk) -> SignInsEnded:
        password = body.password.get_secret_value() if body.password else None
        ended = sign_ins.end_own(desk, write.sign_in(), body.ids, password, house.hasher, address_of(request))
        return SignInsEnded(ended=ended)

    return write.answer(200, work)


@router.post("/users/{user_id}/end-sign-ins", summary="撤销用户的登录", response_model=SignInsEnded, **SECURITY)
def end_sign_ins_of_user(user_id: PlainId, write: Write) -> Response:
    """该用户的所有登录立即失效，账号不停用，可以重新登录。"""
    return write.answer(200, lambda desk: SignInsEnded(ended=sign_ins.end_of(desk, user_id)))


@router.post("/users/end-sign-ins", summary="撤销所有人的登录", response_model=SignInsEnded, **SECURITY)
def end_all_sign_ins(write: Write) -> Response:
    """发生安全事件时使用：本机关及其下级所有人的登录立即失效，都须重新登录；您正在使用的这个登录除外。接口密钥不受影响。"""
    return write.answer(200, lambda desk: SignInsEnded(ended=sign_ins.end_all(desk, write.sign_in())))
