"""What a person is shown about the own second factor."""

import datetime as dt
from collections.abc import Callable

from pydantic import Field
from sqlalchemy import select

from app.domain import totp
from app.domain.shape import Shape
from app.models import User
from app.services import second_factors
from app.services.desk import SHANGHAI, Desk


class SecondFactorOut(Shape):
    in_use: bool = Field(description="已经设置动态口令")
    confirmed_at: dt.datetime | None = Field(description="何时设置；没有设置为空")
    recovery_codes_left: int = Field(description="还可以用的备用码个数")


class SecondFactorSecret(Shape):
    secret: str | None = Field(description="密钥（base32），只在这里出现一次；重试同一幂等键时为空")
    otpauth_uri: str | None = Field(description="手机应用可以打开的地址")
    qr_svg: str | None = Field(description="同一地址的二维码，SVG")


class RecoveryCodes(Shape):
    recovery_codes: list[str] | None = Field(description="备用码，只在这里出现一次；重试同一幂等键时为空")


class FreshUntil(Shape):
    fresh_until: dt.datetime = Field(description="此前可以查看、导出个人信息")

    @classmethod
    def after(cls, desk: Desk) -> "FreshUntil":
        """Say until when a proof of this moment counts."""
        until = desk.now + dt.timedelta(minutes=desk.settings.second_factor_minutes)
        return cls(fresh_until=until.astimezone(SHANGHAI))


def state_of(desk: Desk) -> SecondFactorOut:
    user_id = desk.session.scalar(select(User.id).where(User.username == desk.actor.name))
    found = second_factors.of_user(desk.session, user_id) if user_id else None
    return SecondFactorOut(
        in_use=found is not None,
        confirmed_at=found.confirmed_at.astimezone(SHANGHAI) if found and found.confirmed_at else None,
        recovery_codes_left=second_factors.left(desk.session, user_id) if user_id else 0,
    )


def secret_out(desk: Desk, secret: bytes, draw: Callable[[bytes, str], str]) -> SecondFactorSecret:
    return SecondFactorSecret(
        secret=totp.as_text(secret),
        otpauth_uri=totp.uri(secret, desk.actor.name, second_factors.ISSUER),
        qr_svg=draw(secret, desk.actor.name),
    )
