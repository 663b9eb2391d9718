"""变动推送：按顺序号读取、快照、服务器推送事件."""

from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, Response
from pydantic import Field

from app.deps import Bearer, HouseDep, Key, Reading, allow, caller
from app.domain.actor import Actor
from app.domain.commands import PLAIN
from app.errors import TooManyRequests
from app.http.conditional import conditional
from app.http.doors import Operations
from app.http.streams import EventStream, Streams
from app.openapi import refusing
from app.schemas.feed import FeedPage, FeedSnapshot, feed_page, feed_snapshot
from app.services import feed
from app.services.permissions import CASE_ROLES

router = Operations(tags=["feed"])

NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "与 If-None-Match 相比没有变化"}}
Sequence = Annotated[int, Field(ge=0, le=2**53), PLAIN]
AfterParam = Annotated[Sequence, Query(description="已经读到的顺序号，从它之后开始；第一次为0，或者快照的 sequence")]
LimitParam = Annotated[int, Field(ge=1, le=1000), PLAIN, Query(description="最多多少条")]
CursorParam = Annotated[str | None, Query(max_length=400, description="上一页给出的 next")]


@router.get("/feed", summary="查询变动", response_model=FeedPage, responses=NOT_MODIFIED, **allow(*CASE_ROLES))
def list_feed(request: Request, desk: Reading, after: AfterParam = 0, limit: LimitParam = 200) -> Response:
    """您能看到的机关的每一次操作，按提交的先后，不漏不重；不含个人信息。把 `next` 作为下一次的 `after`。

    顺序号在提交之后由后台工作编排，通常不到一秒。带上 `If-None-Match` 轮询，没有变化时答复 304。
    """
    batch = feed.page(desk, after, limit)
    return conditional(request, batch, lambda: feed_page(batch))


@router.get("/feed/snapshot", summary="取得变动的起点", **allow(*CASE_ROLES))
def get_feed_snapshot(desk: Reading, limit: LimitParam = 500, cursor: CursorParam = None) -> FeedSnapshot:
    """您能看到的全部案件在同一个顺序号上的状态，逐页读取；读完后从 `GET /feed?after=sequence` 继续，即与本服务一致。

    各页的 `sequence` 相同：翻页期间的操作不在其中，而在之后的变动里。
    """
    return feed_snapshot(feed.snapshot(desk, limit, cursor))


async def _listener(request: Request, house: HouseDep, token: Bearer, key: Key) -> tuple[Actor, str]:
    now = house.now()
    actor, sign_in = await house.read(lambda session: caller(request, session, house, token, key, now))
    return actor, sign_in.digest if sign_in else actor.name


@router.get(
    "/feed/stream",
    summary="查看实时变动（服务器推送）",
    response_class=Response,
    responses={
        200: {"description": "事件流", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **refusing(TooManyRequests),
    },
    **allow(*CASE_ROLES),
)
async def stream_feed(
    request: Request,
    listener: Annotated[tuple[Actor, str], Depends(_listener)],
    after: Annotated[
        Sequence | None, Query(description="从这个顺序号之后开始；不填即从现在开始", examples=[None])
    ] = None,
    last_event_id: Annotated[
        Sequence | None,
        Header(
            alias="Last-Event-ID", description="断线前最后收到的顺序号，浏览器的 EventSource 自动带上", examples=[None]
        ),
    ] = None,
) -> EventStream:
    """与 `GET /feed` 相同的内容，有变动即推送（text/event-stream，每条的 `id` 是顺序号）；每15秒有一次心跳。

    断线后带 `Last-Event-ID` 重连，不漏不重。结束前有一条 `event: end`，`reason` 说明原因：`signed_out` 登录或者密钥失效、
    `rights_changed` 权限有变、`slow` 接收太慢、`restarting` 服务重启；后三种可以立即重连。
    """
    actor, holder = listener
    streams: Streams = request.app.state.streams
    streams.admit(actor)
    return EventStream(streams.follow(actor, holder, last_event_id if last_event_id is not None else after))
