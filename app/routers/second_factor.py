"""动态口令：设置、验证和移除自己的第二因素，重置他人的."""

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field, StringConstraints

from app.deps import PlainId, Reading, Write, allow
from app.domain.commands import Strict
from app.domain.terms import Role
from app.errors import TooManyRequests
from app.http.doors import Operations
from app.http.sign_in_page import address_of, qr
from app.openapi import refusing
from app.schemas.identity import Done, UserOut, user_out
from app.schemas.second_factor import (
    FreshUntil,
    RecoveryCodes,
    SecondFactorOut,
    SecondFactorSecret,
    secret_out,
    state_of,
)
from app.services import second_factors
from app.services.desk import Desk

router = Operations(tags=["admin"])


class TypedCode(Strict):
    """A code of the authenticator app."""

    code: Annotated[
        str,
        StringConstraints(min_length=1, max_length=24),
        Field(description="动态口令；验证时也可以用备用码", examples=["123456"]),
    ]


@router.get("/me/second-factor", summary="查看自己的动态口令", **allow())
def get_second_factor(desk: Reading) -> SecondFactorOut:
    """是否已经设置、还剩几个备用码。查看、导出个人信息前须验证动态口令；管理员每次登录都要验证。"""
    return state_of(desk)


@router.post("/me/second-factor", summary="设置动态口令", response_model=SecondFactorSecret, **allow())
def begin_second_factor(write: Write) -> Response:
    """得到放进手机应用（TOTP）的密钥和二维码，密钥只在这次答复中出现；再用“确认动态口令”输入应用显示的六位数字。也可以在登录页设置。"""
    return write.answer(
        200, lambda desk: secret_out(desk, second_factors.begin_own(desk), qr), once=("secret", "otpauth_uri", "qr_svg")
    )


@router.post(
    "/me/second-factor/confirm",
    summary="确认动态口令",
    response_model=RecoveryCodes,
    responses=refusing(TooManyRequests),
    **allow(),
)
def confirm_second_factor(body: TypedCode, write: Write, request: Request) -> Response:
    """输入应用显示的六位数字，动态口令即生效。备用码只在这次答复中出现，手机丢失时每个可用一次。"""

    def work(desk: Desk) -> RecoveryCodes:
        codes = second_factors.confirm_own(desk, write.sign_in(), body.code, address_of(request))
        return RecoveryCodes(recovery_codes=codes)

    return write.answer(200, work, once=("recovery_codes",))


@router.post(
    "/me/second-factor/verify",
    summary="验证动态口令",
    response_model=FreshUntil,
    responses=refusing(TooManyRequests),
    **allow(),
)
def verify_second_factor(body: TypedCode, write: Write, request: Request) -> Response:
    """查看、导出个人信息之前，先在这里验证。同一个动态口令只能用一次；输错后须等待，越错等得越久。"""

    def work(desk: Desk) -> FreshUntil:
        second_factors.prove_own(desk, write.sign_in(), body.code, address_of(request))
        return FreshUntil.after(desk)

    return write.answer(200, work)


@router.post("/me/second-factor/remove", summary="移除动态口令", response_model=Done, **allow(second_factor=True))
def remove_second_factor(write: Write) -> Response:
    """换手机时先移除再设置。管理员移除后，须重新登录并设置。"""

    def work(desk: Desk) -> Done:
        second_factors.remove_own(desk)
        return Done()

    return write.answer(200, work)


@router.post(
    "/users/{user_id}/reset-second-factor",
    summary="重置用户的动态口令",
    response_model=UserOut,
    **allow(Role.SECURITY_ADMIN),
)
def reset_second_factor(user_id: PlainId, write: Write) -> Response:
    """用户丢失手机和备用码时，安全管理员核实本人后重置；该用户的所有登录立即失效。管理员的不能由其他管理员重置。"""
    return write.answer(200, lambda desk: user_out(second_factors.reset(desk, user_id)))
