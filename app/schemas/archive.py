"""Answers about volumes."""

import datetime as dt

from pydantic import Field

from app.domain.archive import Manifest, expires_on
from app.domain.shape import Shape
from app.services.archive import Volume
from app.services.files import Standing
from app.services.persons import veil_of


class VolumeFile(Shape):
    path: str = Field(description="卷内路径")
    title: str = Field(description="是什么")
    media_type: str
    size: int = Field(description="字节")
    sha256: str


class VolumeIndex(Shape):
    """卷内目录."""

    case_no: str
    agency_code: str
    agency: str
    volume_no: str
    archived_at: dt.datetime
    retention: str = Field(description="保管期限")
    expires_on: dt.date | None = Field(description="保管期限届满之日；永久的为空")
    package_sha256: str = Field(description="案卷包（ZIP）的 SHA-256")
    package_size: int = Field(description="案卷包的大小，字节")
    files: list[VolumeFile]


class ExpiredVolume(Shape):
    id: int
    case_no: str
    agency_code: str
    title: str
    volume_no: str | None
    archived_on: dt.date | None
    retention_years: int | None = Field(description="保管期限，年")
    expired_on: dt.date | None = Field(description="保管期限届满之日")


class ExpiredVolumes(Shape):
    items: list[ExpiredVolume]
    total: int
    page: int
    size: int


def volume_index(volume: Volume) -> VolumeIndex:
    """Say a volume's manifest as an answer."""
    manifest: Manifest = volume.manifest
    return VolumeIndex(
        case_no=manifest.case_no,
        agency_code=manifest.agency_code,
        agency=manifest.agency,
        volume_no=manifest.volume_no,
        archived_at=manifest.made_at,
        retention=manifest.retention,
        expires_on=manifest.expires_on,
        package_sha256=volume.sha256,
        package_size=len(volume.package),
        files=[VolumeFile.model_validate(file.model_dump()) for file in manifest.files],
    )


def expired_volume(found: Standing) -> ExpiredVolume:
    """Say an archived case whose retention has run out as a line."""
    case = found.case
    return ExpiredVolume(
        id=case.id,
        case_no=case.case_no,
        agency_code=found.agency.code,
        title=veil_of(found).over(case.title),
        volume_no=case.volume_no,
        archived_on=case.archived_on,
        retention_years=case.retention_years,
        expired_on=expires_on(case.archived_on, case.retention_years) if case.archived_on else None,
    )
