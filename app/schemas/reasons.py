"""One cause of a refusal, as it stands in problems and beside the rows of a batch."""

from pydantic import Field

from app.domain.shape import Shape


class ProblemReason(Shape):
    """One cause of a refusal."""

    kind: str = Field(description="role 权限、state 状态、guard 条件、document 材料、field 字段")
    code: str
    message: str = Field(description="中文理由")
    basis: str = Field("", description="依据的条文")
    field: str = Field("", description="有误的字段，如 applicant.id_number")
