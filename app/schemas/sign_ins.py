"""Sign-ins as the person who signed in sees them."""

import datetime as dt
from typing import Annotated

from pydantic import Field, StringConstraints

from app.domain.commands import Strict
from app.domain.shape import Shape
from app.schemas.identity import Password
from app.services.desk import SHANGHAI
from app.services.sign_ins import NAMED, OwnSignIn

SignInId = Annotated[str, StringConstraints(pattern=rf"^[0-9a-f]{{{NAMED}}}$")]


class SignInOut(Shape):
    id: str
    current: bool = Field(description="正在使用的这个登录")
    begun_at: dt.datetime = Field(description="登录的时间")
    used_at: dt.datetime = Field(description="最近一次使用，精确到分钟")
    ends_at: dt.datetime = Field(description="不再使用时的失效时间")
    second_factor_at: dt.datetime | None = Field(description="最近一次验证动态口令；没有验证过为空")


class SignInList(Shape):
    items: list[SignInOut]
    most: int = Field(description="一个人同时有效的登录最多几个；再登录时，最久未用的失效")


class SignInsToEnd(Strict):
    ids: Annotated[list[SignInId], Field(min_length=1, max_length=100)] | None = Field(
        None, description="要撤销的登录；不填为除正在使用的以外全部", examples=[None]
    )
    password: Password | None = Field(None, description="本人的登录密码；刚验证过动态口令的可不填")


class SignInsEnded(Shape):
    ended: int = Field(description="撤销了几个登录")


def sign_in_out(one: OwnSignIn) -> SignInOut:
    return SignInOut(
        id=one.id,
        current=one.current,
        begun_at=one.begun_at.astimezone(SHANGHAI),
        used_at=one.used_at.astimezone(SHANGHAI),
        ends_at=one.ends_at.astimezone(SHANGHAI),
        second_factor_at=one.second_factor_at.astimezone(SHANGHAI) if one.second_factor_at else None,
    )
