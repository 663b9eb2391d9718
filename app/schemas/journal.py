"""The public key that extracts and checkpoints are tested with."""

from typing import Literal

from pydantic import Field

from app.domain.shape import Shape
from app.services.checkpoints import Signer, fingerprint


class JournalKey(Shape):
    """公钥：检验日志摘录和检查点的签名."""

    algorithm: Literal["Ed25519"]
    public_key: str = Field(description="公钥，base64")
    fingerprint: str = Field(description="公钥的指纹，供人核对")


def journal_key(seed: bytes) -> JournalKey:
    key = Signer(seed).public_key
    return JournalKey(algorithm="Ed25519", public_key=key, fingerprint=fingerprint(key))
