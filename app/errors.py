"""Everything that can be refused: status, machine code and Chinese title in one tree. Knows nothing of FastAPI."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class AppError(Exception):
    """A refusal the caller can understand; becomes an `application/problem+json` answer.

    `detail` is a Chinese sentence for this occurrence, `reasons` a list of machine-readable causes, `next_step` what to
    do about it, where the case knows better than the error. `journalled`: somebody who examines the journal wants to know
    that it was tried (`services.refusals`). `keeps`: what was written before the refusal stays written (a
    counted failure); otherwise the refused request leaves no trace.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]
    advice: ClassVar[str]  # what to do next, in general; names operations as the page does
    journalled: ClassVar[bool] = False

    def __init__(
        self,
        detail: str = "",
        *,
        reasons: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        next_step: str = "",
        keeps: bool = False,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.reasons = tuple(reasons)
        self.headers = dict(headers or {})
        self.next_step = next_step or self.advice
        self.keeps = keeps


class MalformedRequest(AppError):
    status, code, title = 400, "malformed_request", "请求格式不正确"
    advice = "取消后重新点“试一试”，照示例填写再提交；脚本请核对请求的格式"


class Unauthenticated(AppError):
    status, code, title = 401, "unauthenticated", "请先登录，或者提供有效的令牌、接口密钥"
    journalled = True
    advice = "点“登录授权”登录后再提交一次，刚才填写的内容还在；脚本请核对令牌、接口密钥是否有效"


class Forbidden(AppError):
    status, code, title = 403, "forbidden", "您的角色不能进行这项操作"
    journalled = True
    advice = "请有权的同事登录后办理；您的角色有误的，请安全管理员更正"


class SecondFactorNeeded(AppError):
    status, code, title = 403, "second_factor_needed", "这项操作须先验证动态口令"
    journalled = True
    advice = (
        "在“管理”一组先用“验证动态口令”输入手机应用显示的六位数字，再提交一次；"
        "还没有动态口令的，退出后重新登录，在登录页勾选“设置动态口令”"
    )


class NotFound(AppError):
    """Absent, or another agency's: the two are never told apart."""

    status, code, title = 404, "not_found", "没有找到，或者不属于您的机关"
    journalled = True  # another agency's number looks like this
    advice = "核对填写的编号：案件的编号在“查看我的待办”“查询案件列表”中，是 `id`，不是案号；其他机关的案件看不到"


class WrongMethod(AppError):
    status, code, title = 405, "method_not_allowed", "这个地址不支持该请求方法"
    advice = "脚本请按接口文档选择请求方法"


class TooSlow(AppError):
    status, code, title = 408, "request_timeout", "请求没有在限定的时间内传完，请重试"
    advice = "网络稳定后再提交一次"


class ActionRefused(AppError):
    status, code, title = 409, "action_refused", "现在不能进行这项操作"
    journalled = True
    advice = "按上面的原因补齐，或者等条件具备后，再提交一次"


class Clash(AppError):
    status, code, title = 409, "conflict", "与已有的记录冲突"
    journalled = True
    advice = "看上面写明的记录：已经有的不必重复登记，需要不同的请改填后再提交"


class ChangedMeanwhile(AppError):
    status, code, title = 409, "changed_meanwhile", "案件刚被他人改动，请刷新后重试"
    advice = "用“查看一件案件”看看别人改了什么，仍需办理的再提交一次"


class KeyInFlight(AppError):
    status, code, title = 409, "idempotency_key_in_flight", "同一幂等键的请求正在处理，请稍后重试"
    advice = "过几秒钟以同一幂等键再提交一次，不会重复办理"


class StaleVersion(AppError):
    status, code, title = 412, "stale_version", "您看到的不是最新版本，请刷新后重试"
    advice = "用“查看一件案件”看最新的情况，以其中的 `version` 填写 If-Match 后再提交；人工操作可以不填 If-Match"


class TooLarge(AppError):
    status, code, title = 413, "too_large", "提交的内容过大"
    advice = "压缩或者分开上传：附件最大 50 MiB，其他内容最大 1 MiB"


class AddressTooLong(AppError):
    status, code, title = 414, "address_too_long", "网址过长"
    advice = "减少筛选条件后再查询"


class UnsupportedType(AppError):
    status, code, title = 415, "unsupported_media_type", "请以 application/json（UTF-8）提交"
    advice = "在页面上保持“媒体类型”不变；脚本请以接口文档写明的类型提交"


class Invalid(AppError):
    status, code, title = 422, "invalid", "提交的内容有误"
    advice = "照上面逐条改正后再提交一次，没有写到的栏目不用动"


class KeyReused(AppError):
    status, code, title = 422, "idempotency_key_reused", "这个幂等键已用于内容不同的请求"
    advice = "新的内容请换一个幂等键；人工操作可以不填 Idempotency-Key"


class BadCursor(AppError):
    status, code, title = 422, "bad_cursor", "翻页游标无效，或者不是您本次查询的游标"
    journalled = True
    advice = "去掉 cursor，从第一页重新查询"


class VersionRequired(AppError):
    status, code, title = 428, "version_required", "接口密钥的写操作须带 If-Match 版本号"
    advice = "脚本先取得案件，以其中的 `version` 填写 If-Match 后再提交"


class TooManyRequests(AppError):
    status, code, title = 429, "too_many_requests", "请求过于频繁，请稍后重试"
    journalled = True
    advice = "等到答复中 Retry-After 的秒数过后再提交"


class HeadTooLarge(AppError):
    status, code, title = 431, "head_too_large", "请求头过大"
    advice = "脚本请减少请求头后再提交"


class InternalError(AppError):
    status, code, title = 500, "internal_error", "服务内部错误，已记录；您的操作没有生效"
    advice = "稍后再提交一次；仍不成功的，把 `request_id` 告诉运行维护人员"


class Unavailable(AppError):
    status, code, title = 503, "unavailable", "服务暂时不可用，请稍后重试；您的操作没有生效"
    advice = "稍后再提交一次；仍不成功的，把 `request_id` 告诉运行维护人员"


class OutcomeUnknown(AppError):
    """The connection broke while COMMIT was under way: it may have been done, or not."""

    status, code = 503, "outcome_unknown"
    title = "提交时与数据库的连接中断，不能确定操作是否已经生效；请以同一幂等键重试，或者查看后再办理"
    advice = "先用“查看一件案件”看操作是否已经生效，没有生效的再提交一次；脚本以同一幂等键重试即可"


class FontMissing(AppError):
    status, code, title = 503, "font_missing", "服务器缺少生成 PDF 所需的字体，请联系运行维护人员"
    advice = "可以先取 docx 格式；请运行维护人员安装字体"


def all_errors() -> list[type[AppError]]:
    """Return every error of the tree, in the order of status and code."""

    def below(error: type[AppError]) -> list[type[AppError]]:
        return [found for child in error.__subclasses__() for found in (child, *below(child))]

    return sorted(below(AppError), key=lambda error: (error.status, error.code))
