"""An agency of the city and its place in the tree 市 → 区县 → 乡镇, 部门."""

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, Code, Data, Id, Json, Short


class Agency(Base):
    __tablename__ = "agencies"

    id: Mapped[Id]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Short]
    parent_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("agencies.id"))
    path: Mapped[Short] = mapped_column(index=True)  # "/1/7/": ids from the root down to this agency
    region: Mapped[Code]  # whose working-day calendar counts: CN, CN-53, CN-532300
    settings: Mapped[Data]  # domain.settings.AgencySettings
    closed_at: Mapped[dt.datetime | None]  # when it was merged into its successor
    successor_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("agencies.id"))  # the one that lives on
    predecessors: Mapped[list[int]] = mapped_column(Json, default=list, server_default="[]")  # all merged into it
