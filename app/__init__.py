"""依申请公开办理服务 — the on-request disclosure case service."""

__version__ = "0.1.0"
