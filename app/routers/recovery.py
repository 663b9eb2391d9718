"""找回：the page on which a recovery code from the command line becomes a new password."""

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.concurrency import run_in_threadpool

from app.deps import HouseDep, anybody
from app.domain import passwords
from app.domain.shape import Shape
from app.errors import TooManyRequests
from app.house import House
from app.http.doors import Operations
from app.http.sign_in_page import address_of, page, refused, sent_by_own_page
from app.services import credentials, recovery

router = Operations()

PAGE = "/oauth/recover"
_WRONG = "登录名或者恢复码不正确，或者恢复码已经过期、已经用过"


class RecoveryForm(Shape):
    username: str = ""
    token: str = ""
    new_password: str = ""
    new_password_again: str = ""


@router.get(PAGE, include_in_schema=False, **anybody())
def show_recovery(request: Request, house: HouseDep) -> Response:
    return _page(request, house)


@router.post(PAGE, include_in_schema=False, **anybody())
async def recover(request: Request, house: HouseDep, form: Annotated[RecoveryForm, Form()]) -> Response:
    if not sent_by_own_page(request, house):
        return refused(request, "表单不是从本服务的页面提交的", status=403)
    now, settings = house.now(), house.settings
    try:
        await house.write(
            lambda session: recovery.count(session, form.username, address_of(request), now, settings.key)
        )
    except TooManyRequests as early:
        return _page(request, house, form, early.detail, status=429, headers=early.headers)
    earlier = await house.read(lambda session: recovery.look(session, form.username, form.token, now, settings))
    if earlier is None:
        return _page(request, house, form, _WRONG, status=403)
    async with house.hashing.one():
        objections: tuple[str, ...] = ("两次输入的新密码不一致",)
        if form.new_password == form.new_password_again:
            objections = await run_in_threadpool(
                credentials.objections, form.new_password, None, form.username, earlier, house.hasher, settings
            )
        if objections:
            return _page(request, house, form, "；".join(objections))
        new_hash = await run_in_threadpool(house.hasher.make, form.new_password)
    done = await house.write(lambda session: recovery.complete(session, form.username, form.token, new_hash, now))
    if not done:
        return _page(request, house, form, _WRONG, status=403)
    return page(request, "done", "恢复", message="新密码已经设置。请回到原来的页面登录，并重新设置动态口令。")


def _page(
    request: Request,
    house: House,
    form: RecoveryForm | None = None,
    error: str = "",
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    return page(
        request,
        "recover",
        "恢复",
        error,
        status=status,
        headers=headers,
        action=request.scope.get("root_path", "") + PAGE,
        username=form.username[:32] if form else "",
        rule=passwords.rule(house.settings.password_profile),
    )
