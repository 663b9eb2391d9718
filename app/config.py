"""Settings of one process, from `DISCLOSURE_*` environment variables; laptop defaults that are safe on loopback."""

import hmac
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.passwords import Profile
from app.sealing import MasterKeys, Suite

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
EVERYWHERE = "*"


class Allowance(BaseModel):
    """How often one caller may do something: so many at once, and then one more every so many seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_once: Annotated[int, Field(ge=1, le=1_000_000)]
    every_s: Annotated[float, Field(gt=0, le=86_400)]


def _allowance(at_once: int, every_s: float, description: str) -> Any:
    return Field(Allowance(at_once=at_once, every_s=every_s), description=description)


class Settings(BaseSettings):
    """One process's settings. Nothing else reads the environment."""

    model_config = SettingsConfigDict(env_prefix="DISCLOSURE_", env_file=".env", extra="ignore")

    profile: Literal["development", "production"] = "development"
    data_dir: Path = Field(Path("data"), description="directory of the embedded database, the secret and files")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in data_dir")
    database_role: str = Field(
        "", description="PostgreSQL account of the service, to which `migrate`, run by the owner, gives its rights"
    )
    secret: SecretStr | None = Field(None, description="at least 32 characters; empty: made once in data_dir")
    journal_secret: SecretStr | None = Field(
        None, description="the secret the journal is marked and signed with; the former one, when `secret` is changed"
    )
    master_key_file: Path | None = Field(
        None, description="file with the master keys (`python -m app keys new`); empty: made once in data_dir"
    )
    cipher_suite: Suite = Field("aes-256-gcm", description="what new texts are sealed with: aes-256-gcm or sm4-gcm")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: str = Field("", description="the address callers use, when a proxy stands in front")
    trusted_proxies: str = Field("", description="addresses whose X-Forwarded-* headers are believed, by commas")
    demo: bool = Field(False, description="demo data is loaded: refuse every bind but loopback")
    demo_cases: Annotated[int, Field(ge=1, le=5000)] = Field(1000, description="cases of a demo city")

    cors_origins: list[str] = Field(
        [], description="other sites whose pages may call the interface from a browser, such as https://portal.example"
    )
    head_limit: Annotated[int, Field(ge=4096, le=1 << 20)] = Field(
        32 << 10, description="bytes of a request's line and headers"
    )
    head_seconds: Annotated[float, Field(gt=0, le=300)] = Field(10, description="for a request's head to arrive")
    body_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(120, description="for a request's body to arrive")
    connections: Annotated[int, Field(ge=10, le=100_000)] = Field(
        900, description="open at once; more are answered 503. Below the limit of open files, of which 1024 are usual"
    )

    rate_exports: Allowance = _allowance(60, 2, "workbooks, volumes and ledgers, by account or key")
    rate_statistics: Allowance = _allowance(240, 0.5, "figures and reports, by account or key")
    rate_search: Allowance = _allowance(600, 0.05, "looking for a text or for similar requests, by account or key")
    rate_documents: Allowance = _allowance(300, 0.2, "documents made and files examined, by account or key")
    rate_setup: Allowance = _allowance(10, 60, "tries to set the service up, by source")
    rate_sign_in: Allowance = _allowance(
        120, 1, "sign-ins, tokens and log-outs, by source: an office may be behind one"
    )
    rate_single_sign_on: Allowance = _allowance(30, 2, "single sign-ons begun, by source")
    rate_lookup: Allowance = _allowance(60, 1, "public questions about a case, by source")

    readers: Annotated[int, Field(ge=1, le=64)] = Field(8, description="reading requests at the database at once")
    writers: Annotated[int, Field(ge=1, le=64)] = Field(8, description="writing requests at once; SQLite always 1")
    work_in_serve: bool | None = Field(
        None, description="`serve` does the jobs of `work` too; empty: on SQLite, where one command is to be enough"
    )
    slot_wait_s: Annotated[float, Field(gt=0, le=300)] = Field(
        25,
        description="seconds a request waits for its turn at the database before 503; a write waits up to twice as long",
    )
    json_limit: int = Field(1 << 20, description="bytes of a JSON body")
    upload_limit: int = Field(50 << 20, description="bytes of an upload")
    fonts: list[str] = Field(
        ["Noto Serif CJK SC", "HanaMinA", "HanaMinB"],
        description="fonts of the PDF where a template's own are not installed; the later ones for rare characters",
    )
    font_substitutes: dict[str, str] = Field(
        {"黑体": "Noto Sans CJK SC"}, description="what stands in for a font that a template names"
    )
    font_dirs: list[Path] = Field([], description="folders with further fonts, such as the agency's 方正小标宋, 仿宋")
    smtp_host: str = Field("", description="mail server for reminders; empty: none are mailed")
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="tls: from the first byte, usually port 465; none: only to a server on this machine"
    )
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    mail_from: str = Field("", description="sender of reminders, such as tixing@example.gov.cn")
    webhook_networks: list[IPvAnyNetwork] = Field(
        [], description="networks of the agency's own, such as 10.20.0.0/16, where webhooks may be received too"
    )
    webhook_http: bool = Field(False, description="let webhooks go to http addresses, readable on the way")
    webhook_seconds: Annotated[float, Field(gt=0, le=60)] = Field(
        10, description="for a receiver of webhooks to take one message"
    )
    webhook_ca: Path | None = Field(None, description="certificates (PEM) of an authority of the agency's own network")
    metrics_token: SecretStr | None = Field(
        None, description="what reads /metrics as a bearer token; empty: only callers on this machine"
    )
    token_idle_minutes: int = 30
    token_hours: int = 12
    sign_ins_at_once: Annotated[int, Field(ge=1, le=100)] = Field(
        5, description="of one person; one more ends the one unused for longest"
    )
    second_factor_minutes: Annotated[int, Field(ge=1, le=720)] = Field(
        15, description="how long a proven second factor opens personal data"
    )
    password_profile: Profile = Field("modern", description="modern, or mlps: complexity, ageing and history (等保)")
    password_days: Annotated[int, Field(ge=1, le=3650)] = Field(90, description="mlps: a password's longest life")
    password_history: Annotated[int, Field(ge=1, le=24)] = Field(5, description="mlps: passwords not to be taken again")
    hashes_at_once: Annotated[int, Field(ge=1, le=32)] = Field(2, description="passwords hashed at once, 64 MiB each")
    oauth_clients: dict[str, list[str]] = Field(
        {},
        description="front ends that may sign people in: client id → exact redirect addresses; /docs is always there",
    )

    oidc_issuer: str = Field("", description="issuer of the government's single sign-on; empty: none")
    oidc_client_id: str = Field("", description="what the issuer knows this service by")
    oidc_client_secret: SecretStr | None = Field(None, description="empty: a public client, with PKCE alone")
    oidc_name: Annotated[str, Field(min_length=1, max_length=30)] = Field(
        "统一身份认证", description="what people call it"
    )
    oidc_claim: str = Field("sub", description="the claim that names a person; administrators link it to accounts")
    oidc_algorithms: list[Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"]] = Field(
        ["RS256", "PS256", "ES256"], min_length=1, description="signatures of ID tokens that are believed"
    )
    oidc_second_factor: list[str] = Field(
        [], description="values of the claim amr that count as a second factor, such as otp; never for administrators"
    )

    @cached_property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'disclosure.sqlite3'}"

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def writers_at_once(self) -> int:
        return 1 if self.is_sqlite else self.writers

    @property
    def serve_works(self) -> bool:
        """Tell whether `serve` also does the jobs of `work`."""
        return self.is_sqlite if self.work_in_serve is None else self.work_in_serve

    def rate(self, expense: str) -> Allowance:
        """Return the allowance `rate_…` of an expense."""
        found: Allowance = getattr(self, f"rate_{expense}")
        return found

    @cached_property
    def key(self) -> bytes:
        """The secret all digests and cursors are made with; created once beside the embedded database."""
        if self.secret:
            return self.secret.get_secret_value().encode()
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            try:  # a link never replaces: of two processes starting at once, one makes the key and both read it
                path.hardlink_to(fresh)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text().strip().encode()

    @cached_property
    def journal_key(self) -> bytes:
        """The key of the marks on the journal's rows."""
        return self._of_journal(b"journal marks")

    @cached_property
    def journal_seed(self) -> bytes:
        """The 32 bytes from which the key pair is made that signs checkpoints and extracts."""
        return self._of_journal(b"journal signatures")

    def _of_journal(self, purpose: bytes) -> bytes:
        secret = self.journal_secret.get_secret_value().encode() if self.journal_secret else self.key
        return hmac.digest(secret, purpose, "sha256")

    @property
    def key_file(self) -> Path:
        return self.master_key_file or self.data_dir / "master.keys"

    def master_keys(self) -> MasterKeys:
        """Read the master keys; made once beside the embedded database. Raises SealBroken for an unreadable file."""
        if self.master_key_file is None and not self.key_file.exists():
            MasterKeys.fresh().write(self.key_file, replace=False)
        return MasterKeys.read(self.key_file)

    @field_validator("master_key_file", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return value or None

    @field_validator("oidc_issuer")
    @classmethod
    def _exact_issuer(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK
        if issuer and (not (parts.scheme == "https" or local) or not parts.netloc or parts.query or parts.fragment):
            raise ValueError(f"统一身份认证的地址须为 https 地址，不含参数和片段：{issuer}")
        return issuer

    @field_validator("cors_origins")
    @classmethod
    def _exact_origins(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            parts = urlsplit(origin)
            local = parts.scheme == "http" and parts.hostname in LOOPBACK
            exact = f"{parts.scheme}://{parts.netloc}" == origin and "*" not in origin and parts.username is None
            if origin != EVERYWHERE and not (exact and parts.netloc and (parts.scheme == "https" or local)):
                raise ValueError(
                    f"允许跨站调用的来源须为完整的 https 来源，如 https://portal.example，不含路径：{origin}"
                )
        return origins

    @field_validator("oauth_clients")
    @classmethod
    def _exact_addresses(cls, clients: dict[str, list[str]]) -> dict[str, list[str]]:
        for address in (address for addresses in clients.values() for address in addresses):
            parts = urlsplit(address)
            local = parts.scheme == "http" and parts.hostname in LOOPBACK
            if not (parts.scheme == "https" or local) or not parts.netloc or parts.fragment or "*" in address:
                raise ValueError(f"登录后的返回地址须为完整的 https 地址，不含片段和通配符：{address}")
        return clients

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        for name, secret in (("SECRET", self.secret), ("JOURNAL_SECRET", self.journal_secret)):
            if secret and len(secret.get_secret_value()) < 32:
                raise ValueError(f"DISCLOSURE_{name} 至少需要32个字符")
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("配置统一身份认证须同时设置 DISCLOSURE_OIDC_CLIENT_ID")
        if self.demo and self.host not in LOOPBACK:
            raise ValueError("演示数据只能在本机回环地址上提供服务（DISCLOSURE_HOST=127.0.0.1）")
        if self.smtp_host and "@" not in self.mail_from:
            raise ValueError("设置了邮件服务器，还须设置发件人 DISCLOSURE_MAIL_FROM")
        if self.smtp_security == "none" and self.smtp_host and self.smtp_host not in LOOPBACK:
            raise ValueError("邮件只能加密传送（DISCLOSURE_SMTP_SECURITY=starttls 或者 tls），邮件服务器在本机的除外")
        if self.profile == "production" and self.demo:
            raise ValueError("生产环境不能使用演示数据")
        if self.profile == "production" and not self.secret:
            raise ValueError("生产环境须设置 DISCLOSURE_SECRET")
        if self.profile == "production" and not self.master_key_file:
            raise ValueError(
                "生产环境须设置 DISCLOSURE_MASTER_KEY_FILE：用 python -m app keys new 生成，与数据库分开保存"
            )
        return self
