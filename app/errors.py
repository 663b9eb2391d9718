"""Everything that can be refused: status, machine code and Chinese title in one tree. Knows nothing of FastAPI."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class AppError(Exception):
    """A refusal the caller can understand; becomes an `application/problem+json` answer.

    `detail` is a Chinese sentence for this occurrence, `reasons` a list of machine-readable causes. `keeps`: what
    was written before the refusal stays written (a counted failure); otherwise the refused request leaves no trace.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(
        self,
        detail: str = "",
        *,
        reasons: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        keeps: bool = False,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.reasons = tuple(reasons)
        self.headers = dict(headers or {})
        self.keeps = keeps


class MalformedRequest(AppError):
    status, code, title = 400, "malformed_request", "请求格式不正确"


class Unauthenticated(AppError):
    status, code, title = 401, "unauthenticated", "请先登录，或者提供有效的令牌、接口密钥"


class Forbidden(AppError):
    status, code, title = 403, "forbidden", "您的角色不能进行这项操作"


class SecondFactorNeeded(AppError):
    status, code, title = 403, "second_factor_needed", "这项操作须先验证动态口令"


class NotFound(AppError):
    """Absent, or another agency's: the two are never told apart."""

    status, code, title = 404, "not_found", "没有找到，或者不属于您的机关"


class WrongMethod(AppError):
    status, code, title = 405, "method_not_allowed", "这个地址不支持该请求方法"


class TooSlow(AppError):
    status, code, title = 408, "request_timeout", "请求没有在限定的时间内传完，请重试"


class ActionRefused(AppError):
    status, code, title = 409, "action_refused", "现在不能进行这项操作"


class Clash(AppError):
    status, code, title = 409, "conflict", "与已有的记录冲突"


class ChangedMeanwhile(AppError):
    status, code, title = 409, "changed_meanwhile", "案件刚被他人改动，请刷新后重试"


class KeyInFlight(AppError):
    status, code, title = 409, "idempotency_key_in_flight", "同一幂等键的请求正在处理，请稍后重试"


class StaleVersion(AppError):
    status, code, title = 412, "stale_version", "您看到的不是最新版本，请刷新后重试"


class TooLarge(AppError):
    status, code, title = 413, "too_large", "提交的内容过大"


class AddressTooLong(AppError):
    status, code, title = 414, "address_too_long", "网址过长"


class UnsupportedType(AppError):
    status, code, title = 415, "unsupported_media_type", "请以 application/json（UTF-8）提交"


class Invalid(AppError):
    status, code, title = 422, "invalid", "提交的内容有误"


class KeyReused(AppError):
    status, code, title = 422, "idempotency_key_reused", "这个幂等键已用于内容不同的请求"


class BadCursor(AppError):
    status, code, title = 422, "bad_cursor", "翻页游标无效，或者不是您本次查询的游标"


class VersionRequired(AppError):
    status, code, title = 428, "version_required", "接口密钥的写操作须带 If-Match 版本号"


class TooManyRequests(AppError):
    status, code, title = 429, "too_many_requests", "请求过于频繁，请稍后重试"


class HeadTooLarge(AppError):
    status, code, title = 431, "head_too_large", "请求头过大"


class InternalError(AppError):
    status, code, title = 500, "internal_error", "服务内部错误，已记录；您的操作没有生效"


class Unavailable(AppError):
    status, code, title = 503, "unavailable", "服务暂时不可用，请稍后重试；您的操作没有生效"


class OutcomeUnknown(AppError):
    """The connection broke while COMMIT was under way: it may have been done, or not."""

    status, code = 503, "outcome_unknown"
    title = "提交时与数据库的连接中断，不能确定操作是否已经生效；请以同一幂等键重试，或者查看后再办理"


class FontMissing(AppError):
    status, code, title = 503, "font_missing", "服务器缺少生成 PDF 所需的字体，请联系运行维护人员"


def all_errors() -> list[type[AppError]]:
    """Return every error of the tree, in the order of status and code."""

    def below(error: type[AppError]) -> list[type[AppError]]:
        return [found for child in error.__subclasses__() for found in (child, *below(child))]

    return sorted(below(AppError), key=lambda error: (error.status, error.code))
