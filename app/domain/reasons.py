"""Whether a reply gives reasons: enough words of its own, and not the grounds struck from the law in 2019."""

import re

from app.domain.citation import without_citations

MINIMUM_REASON = 30
"""Characters besides citations that a reason should have; experience, not law: an agency may set another number."""

_PURPOSE = re.compile(
    r"三需要"
    r"|生产[、，,及和]?生活[、，,及和]?(?:和|及|或)?科研"
    r"|自身[^。；，]{0,12}需要"
    r"|(?:未|没有|无法|不能)(?:能)?(?:说明|提供|证明|明确)[^。；，]{0,12}(?:用途|使用目的)"
    r"|用途[^。；，]{0,6}(?:不明|不合理|不正当|无关)"
    r"|(?:没有|无|不具有|不存在)(?:法律上的?)?利害关系"
)
_FORMULA = re.compile(
    r"根据|依据|依照|按照|规定|经审查|经研究|你单位|您|你|本机关|申请公开的?|政府信息|现答复如下|不予公开"
)


def check_reasons(reasons: str, *, minimum: int = MINIMUM_REASON) -> list[str]:
    """What is wrong with the reasons of a refusal, in Chinese; empty when nothing is (K07, K23)."""
    return [*too_thin(reasons, minimum=minimum), *purpose_as_ground(reasons)]


def too_thin(reasons: str, *, minimum: int = MINIMUM_REASON) -> list[str]:
    """Whether a reason says too little of its own, in Chinese (K07).

    Citations and set phrases do not count towards `minimum`: a reason that only repeats the law gives no fact.
    """
    own = re.sub(r"[\W_]", "", _FORMULA.sub("", without_citations(reasons)))
    if len(own) >= minimum:
        return []
    basis = f"条例第36条第（三）项；本机关设定至少{minimum}字，字数非法定"
    return [f"除条款和套语外仅{len(own)}字，说理不足，应当结合事实说明理由（{basis}）"]


def purpose_as_ground(reasons: str) -> list[str]:
    """Whether a text refuses for want of a purpose or a special need, in Chinese (K23)."""
    found = _PURPOSE.search(re.sub(r"\s", "", reasons))
    if not found:
        return []
    return [f"不得以“{found[0]}”为由拒绝：2019年修订的条例不再要求说明用途或者特殊需要（条例第27条）"]
