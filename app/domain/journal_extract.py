"""The journal of one case as a file that proves itself: content, hashes, the links to both sides, a signature.

Field names and forms are a published format: a change is a new `format`.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Literal

from pydantic import ConfigDict, Field

from app.domain import seals
from app.domain.shape import Shape


class _Part(Shape):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RowContent(_Part):
    """链上的哈希所覆盖的全部内容."""

    id: int
    agency_id: int
    case_id: int | None
    act: str
    label: str
    actor: str
    actor_label: str
    on: str = Field(description="行为的法定日期")
    at: str = Field(description="记录的时间（UTC）")
    state: str | None
    data_sha256: str = Field(description="data 按名称排序、不留空白写成 JSON 后的 SHA-256")
    private_sha256: str | None = Field(description="办理中写下的文字加密保存，这是密文的 SHA-256；没有文字为空")
    mark: str = Field(description="本服务写下这一行时做的标记")

    @property
    def digest(self) -> str:
        return seals.digest_of(self.model_dump())


class Neighbour(_Part):
    """链上的前一行或者后一行，只给摘要，不给内容."""

    previous: str = Field(description="它之前一行的哈希")
    digest: str = Field(description="它的内容的 SHA-256")

    @property
    def hash(self) -> str:
        return seals.link(self.previous, self.digest)


class ExtractRow(_Part):
    """案件的一行日志和它在链上的位置."""

    sequence: int = Field(description="全部日志中的顺序号")
    number: int = Field(description="本机关的链上第几行")
    agency_code: str
    previous: str = Field(description="本机关链上前一行的哈希；第一行为64个0")
    hash: str = Field(description="previous 与 content 的 SHA-256（各64个十六进制字符）前后相接的 SHA-256")
    content: RowContent
    data: dict[str, Any] = Field(description="这次操作的内容")
    before: Neighbour | None = Field(description="链上的前一行；本机关的第一行为空")
    after: Neighbour | None = Field(description="链上的后一行；还没有后一行为空")


class SignedHead(_Part):
    """摘录时全部日志的末端."""

    sequence: int
    root: str = Field(description="前 sequence 行日志的根哈希，检查点文件中同一号的与此相同")


class JournalExtract(_Part):
    """一件案件的全部日志，带有可以离线检验的证明."""

    format: Literal["disclosure-journal-extract/1"] = "disclosure-journal-extract/1"
    case_id: int
    case_no: str
    made_at: str = Field(description="摘录的时间")
    rows: list[ExtractRow]
    head: SignedHead
    public_key: str = Field(description="签名的公钥（Ed25519，base64）")
    signature: str = Field("", description="对其余全部内容（同样写法的 JSON）的签名，base64")

    @property
    def signed(self) -> dict[str, Any]:
        """Return what the signature covers."""
        return self.model_dump(exclude={"signature"})


def faults(extract: JournalExtract) -> Iterator[str]:
    """Test everything but the signature; gives one Chinese sentence for each thing that does not fit."""
    if not extract.rows:
        yield "没有任何日志"
    for row in extract.rows:
        place = f"第 {row.sequence} 号（{row.agency_code} 第 {row.number} 行）"
        if row.content.case_id != extract.case_id:
            yield f"{place}不是这件案件的日志"
        if seals.data_digest(row.data) != row.content.data_sha256:
            yield f"{place}的 data 与它的哈希不符"
        if seals.link(row.previous, row.content.digest) != row.hash:
            yield f"{place}的内容与它的哈希不符"
        if (row.before.hash if row.before else seals.START) != row.previous or (row.before is None) != (
            row.number == 1
        ):
            yield f"{place}与链上的前一行接不上"
        if row.after and row.after.previous != row.hash:
            yield f"{place}与链上的后一行接不上"
        if row.sequence > extract.head.sequence:
            yield f"{place}在摘录时的末端之后"
    for earlier, later in pairwise(extract.rows):
        same_chain = earlier.agency_code == later.agency_code
        if later.sequence <= earlier.sequence or (same_chain and later.number <= earlier.number):
            yield f"第 {later.sequence} 号的先后顺序不对"
        elif same_chain and later.number == earlier.number + 1 and later.previous != earlier.hash:
            yield f"第 {later.sequence} 号与第 {earlier.sequence} 号接不上"
