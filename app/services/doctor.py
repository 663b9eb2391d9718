"""What is wrong with an installation: what makes it unsafe (fatal), and what somebody has to see to in time (a warning)."""

import datetime as dt
import ipaddress
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.config import EVERYWHERE, LOOPBACK, Settings
from app.models import Agency, User
from app.sealing import SealBroken
from app.services import fonts, lags, notices
from app.services.calendars import Calendars
from app.services.demo.traces import is_demo

_FEWEST_CHARACTERS = 12
_GUESSABLE = re.compile("change.?me|default|disclosure|example|password|secret|test|123456|密", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, as a Chinese sentence that says what to do about it."""

    code: str
    message: str
    fatal: bool = False

    @property
    def mark(self) -> str:
        return "✗" if self.fatal else "!"


def examine(session: Session, settings: Settings, now: dt.datetime, *, migrated: bool) -> list[Finding]:
    """List everything found, the fatal first; a database that is not `migrated` is not looked into."""
    found = [*_of_settings(settings)]
    if migrated:
        found += [*_of_data(session, settings), *_of_calendar(session, now), *_of_jobs(session, now)]
    else:
        found.append(Finding("not_migrated", "数据库尚未升级到最新版本：请运行 python -m app migrate", fatal=True))
    return sorted(found, key=lambda finding: not finding.fatal)


def _of_calendar(session: Session, now: dt.datetime) -> list[Finding]:
    return [Finding("calendar", message) for message in notices.warnings(session, Calendars().book(session), now)]


def _of_jobs(session: Session, now: dt.datetime) -> list[Finding]:
    return [Finding("behind", message) for message in lags.warnings(session, now)]


def has_no_users(session: Session) -> bool:
    """Tell whether nobody has an account yet: the service is up, and has to be set up."""
    return session.scalar(select(User.id).limit(1)) is None


def as_json(findings: Iterable[Finding]) -> str:
    """Write the findings for a script: a list of `code`, `message`, `fatal`."""
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2)


def _of_settings(settings: Settings) -> Iterator[Finding]:
    production = settings.profile == "production"
    secret = settings.secret.get_secret_value() if settings.secret else ""
    if secret and len(set(secret)) < _FEWEST_CHARACTERS:
        yield Finding("weak_secret", "DISCLOSURE_SECRET 过于简单：请用随机字符重新生成，至少32个字符", fatal=production)
    elif _GUESSABLE.search(secret):
        yield Finding("default_secret", "DISCLOSURE_SECRET 像是示例中的文字：请用随机字符重新生成", fatal=production)
    kept = settings.data_dir / "secret.key"
    if not secret and kept.exists() and kept.stat().st_mode & 0o077:
        yield Finding("secret_readable", f"其他账号可以读取 {kept}：请把权限改为 0600", fatal=True)
    if settings.data_dir.exists() and settings.data_dir.stat().st_mode & 0o077:
        yield Finding("data_readable", f"其他账号可以进入数据目录 {settings.data_dir}：请把权限改为 0700")
    if not settings.master_key_file and settings.key_file.exists() and settings.key_file.stat().st_mode & 0o077:
        yield Finding("key_file_readable", f"其他账号可以读取 {settings.key_file}：请把权限改为 0600", fatal=True)
    elif settings.key_file.exists() and settings.key_file.stat().st_mode & 0o007:
        message = f"任何账号都可以读取 {settings.key_file}：请把权限改为 0400 或者 0440，归服务的账号或者组所有"
        yield Finding("key_file_open", message)
    try:
        settings.master_keys()
    except SealBroken as broken:
        yield Finding("key_file_unusable", f"{broken}：已加密的个人信息不能打开", fatal=True)
    if missing := [name for name in settings.fonts if name not in fonts.at_hand(settings)]:
        message = f"没有安装字体{'、'.join(missing)}：文书的 PDF 可能无法生成，请安装 fonts-noto-cjk 和 fonts-hanazono"
        yield Finding("fonts_missing", message)
    yield from _of_network(settings, production=production)


def _of_network(settings: Settings, *, production: bool) -> Iterator[Finding]:
    if any(_is_everybody(proxy.strip()) for proxy in settings.trusted_proxies.split(",")):
        message = "DISCLOSURE_TRUSTED_PROXIES 包括所有地址：任何人都能伪造来源地址，请写明代理服务器的地址"
        yield Finding("every_proxy_trusted", message, fatal=production)
    if EVERYWHERE in settings.cors_origins:
        message = "DISCLOSURE_CORS_ORIGINS 为 *：任何网站的页面都能调用接口，请写明允许的来源"
        yield Finding("every_origin_allowed", message, fatal=production)
    if not production and settings.host not in LOOPBACK:
        message = f"以开发设置在 {settings.host} 上对外服务：请设置 DISCLOSURE_PROFILE=production"
        yield Finding("development_on_network", message)
    if production and settings.webhook_http:
        message = "DISCLOSURE_WEBHOOK_HTTP 已打开：回调的内容以明文传送，只应在内网中使用"
        yield Finding("webhooks_in_the_clear", message)
    if production and not settings.public_url:
        message = "没有设置 DISCLOSURE_PUBLIC_URL：登录后的返回地址取自请求，浏览器也不会被要求只用 https"
        yield Finding("public_url_missing", message)
    elif production and not settings.public_url.startswith("https://"):
        yield Finding(
            "public_url_not_https", "DISCLOSURE_PUBLIC_URL 不是 https 地址：登录和令牌会以明文传送", fatal=True
        )
    if production and urlsplit(settings.oidc_issuer).hostname in LOOPBACK:
        message = "DISCLOSURE_OIDC_ISSUER 在本机：生产环境须是政府统一身份认证的 https 地址"
        yield Finding("issuer_on_loopback", message, fatal=True)
    if production and any(
        address.startswith("http://") for found in settings.oauth_clients.values() for address in found
    ):
        message = "DISCLOSURE_OAUTH_CLIENTS 中有 http 返回地址：生产环境只应登记 https 地址"
        yield Finding("client_not_https", message)


def _is_everybody(proxy: str) -> bool:
    try:
        return proxy == "*" or ipaddress.ip_network(proxy, strict=False).prefixlen == 0
    except ValueError:
        return False  # a name, such as that of a socket


_ROLE = text(
    "SELECT rolsuper OR rolbypassrls AS free, EXISTS (SELECT FROM pg_class WHERE relname = 'cases' AND "
    "pg_has_role(current_user, relowner, 'MEMBER')) AS owner FROM pg_roles WHERE rolname = current_user"
)


def _of_role(session: Session) -> Iterator[Finding]:
    """Look whether row-level security holds for the account the service uses."""
    if session.get_bind().dialect.name != "postgresql":
        return
    role = session.execute(_ROLE).one()
    if role.free:
        message = "数据库账号是超级用户，行级安全对它不起作用：请让服务使用另一个账号（DISCLOSURE_DATABASE_ROLE）"
        yield Finding("row_security_bypassed", message, fatal=True)
    elif role.owner:
        message = "数据库账号是各表的所有者，能够关闭行级安全：请让服务使用另一个账号（DISCLOSURE_DATABASE_ROLE）"
        yield Finding("database_owner", message)


def _of_data(session: Session, settings: Settings) -> Iterator[Finding]:
    production = settings.profile == "production"
    if production:
        yield from _of_role(session)
    agencies = session.scalar(select(func.count()).select_from(Agency)) or 0
    if production and settings.is_sqlite and agencies > 1:
        message = f"{agencies}个机关共用 SQLite：多个机关的生产环境请用 PostgreSQL（DISCLOSURE_DATABASE_URL）"
        yield Finding("sqlite_for_several_agencies", message, fatal=True)
    if is_demo(session):
        if production or settings.host not in LOOPBACK:
            message = "数据库中是演示数据：只能在本机回环地址上使用，不能用于生产环境"
            yield Finding("demo_data", message, fatal=True)
    elif has_no_users(session):
        yield Finding("no_users", "还没有用户：请运行 python -m app init 取得设置令牌")
