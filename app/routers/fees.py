"""收费试算."""

from app.deps import anybody
from app.domain import fees
from app.http.doors import Operations

router = Operations(tags=["fees"])


@router.post("/fees/preview", summary="试算信息处理费", **anybody())
def preview_fee(basis: fees.FeeBasis) -> fees.FeeQuote:
    """按件（同一申请人同一自然月的累计件数）或者按量（一件申请的页数）试算，逐档列出；两种方式只能选一种。

    依据国办函〔2020〕109号。每月10件、每件30页以内免费；按件第31件起每10件一档、每档提高100元。
    """
    return fees.preview(basis)
