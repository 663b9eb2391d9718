"""Handing mail to the mail server that the settings name (SMTP, RFC 5321), over TLS where they ask for it."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from app.config import Settings

TIMEOUT_S = 20

Failed = (smtplib.SMTPException, OSError)
"""What `Post.send` and `post_office` raise when the server is away or refuses; the mail may be tried again."""


class Post:
    """An open connection to the mail server."""

    def __init__(self, server: smtplib.SMTP, sender: str) -> None:
        self._server, self._sender = server, sender

    def send(self, to: str, subject: str, text: str, number: str) -> None:
        """Send one mail; `number` makes its Message-ID, so that a receiver knows one that was sent twice."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, to, subject
        message["Message-ID"] = f"<{number}@{self._sender.rpartition('@')[2] or 'localhost'}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answer comes back
        message.set_content(text, cte="base64")  # Chinese text: no line is too long for any relay
        self._server.send_message(message)


@contextmanager
def post_office(settings: Settings) -> Iterator[Post]:
    """Connect and sign in as the settings say; raises one of `Failed`."""
    secured = ssl.create_default_context()
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_S, context=secured
        )
    else:
        server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT_S)
    with server:
        if settings.smtp_security == "starttls":
            server.starttls(context=secured)
        if settings.smtp_user and settings.smtp_password:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        yield Post(server, settings.mail_from)
