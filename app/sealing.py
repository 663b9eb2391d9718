"""Sealing texts: cipher suites, the form a sealed text has, and the file with the keys above all others. No database.

A sealed text says which suite and which key sealed it: `v1.aes-256-gcm.<key id>.<nonce, cipher text, tag in base64url>`. What
it belongs to (table, row, field) is authenticated with it, so that one put in another's place does not open.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Suite = Literal["aes-256-gcm", "sm4-gcm"]

KEY_BYTES = 32  # of every key; SM4 takes the first 16
_NONCE, _TAG = 12, 16


class SealBroken(Exception):
    """A sealed text was changed, stands in a place it was not written for, or its key is not at hand."""


class KeyMissing(SealBroken):
    """The master key that wraps what is to be opened is not in the key file, or the file is unusable."""


def fresh_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def seal(suite: Suite, key_id: str, key: bytes, text: str, *belongs_to: str) -> str:
    """Seal a text with a key; `belongs_to` says where it stands, from the table to the field."""
    sealed = _encrypt(suite, key, text.encode(), _bound(belongs_to))
    return f"v1.{suite}.{key_id}.{base64.urlsafe_b64encode(sealed).decode()}"


def seal_file(suite: Suite, key: bytes, content: bytes, digest: str) -> bytes:
    """Seal the bytes of a file, bound to the digest of what it holds."""
    return _FILES[suite] + _encrypt(suite, key, content, _bound(("files", digest)))


def is_sealed_file(sealed: bytes) -> bool:
    return sealed.startswith(tuple(_FILES.values()))


def unseal_file(key: bytes, sealed: bytes, digest: str) -> bytes:
    """Open the bytes of a sealed file. Raises SealBroken."""
    suite = next(suite for suite, mark in _FILES.items() if sealed.startswith(mark))
    return _decrypt(suite, key, sealed[len(_FILES[suite]) :], _bound(("files", digest)))


_FILES: Mapping[str, bytes] = {"aes-256-gcm": b"\x89disclosure.1.aes\n", "sm4-gcm": b"\x89disclosure.1.sm4\n"}


def _encrypt(suite: str, key: bytes, plain: bytes, bound: bytes) -> bytes:
    """Return nonce, cipher text and tag."""
    nonce = os.urandom(_NONCE)
    if suite == "aes-256-gcm":
        return nonce + AESGCM(key).encrypt(nonce, plain, bound)
    encryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound)
    return nonce + encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def _decrypt(suite: str, key: bytes, sealed: bytes, bound: bytes) -> bytes:
    nonce, body = sealed[:_NONCE], sealed[_NONCE:]
    try:
        if suite == "aes-256-gcm":
            return AESGCM(key).decrypt(nonce, body, bound)
        decryptor = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce, body[-_TAG:])).decryptor()
        decryptor.authenticate_additional_data(bound)
        return decryptor.update(body[:-_TAG]) + decryptor.finalize()
    except (InvalidTag, ValueError) as error:
        raise SealBroken("密文校验不符：内容被改动，或者不在原来的位置") from error


def is_sealed(text: str) -> bool:
    return text.startswith(("v1.aes-256-gcm.", "v1.sm4-gcm."))


def key_id_of(sealed: str) -> str:
    """Tell which key sealed a text. Raises SealBroken for a text that is none."""
    return _parts(sealed)[1]


def unseal(key: bytes, sealed: str, *belongs_to: str) -> str:
    """Open a sealed text. Raises SealBroken."""
    suite, _, payload = _parts(sealed)
    try:
        raw = base64.urlsafe_b64decode(payload)
    except ValueError as error:
        raise SealBroken("不是可以识别的密文") from error
    return _decrypt(suite, key, raw, _bound(belongs_to)).decode()


def _parts(sealed: str) -> tuple[str, str, str]:
    version, _, rest = sealed.partition(".")
    suite, _, rest = rest.partition(".")
    key_id, _, payload = rest.partition(".")
    if version != "v1" or suite not in {"aes-256-gcm", "sm4-gcm"} or not payload:
        raise SealBroken("不是可以识别的密文")
    return suite, key_id, payload


def _bound(belongs_to: tuple[str, ...]) -> bytes:
    return "\0".join(belongs_to).encode()  # no text of ours holds a NUL


@dataclass(frozen=True)
class MasterKeys:
    """The keys that wrap all others, and the secret of the blind indexes; they stand in no database."""

    current: str
    masters: Mapping[str, bytes] = field(repr=False)
    index: bytes = field(repr=False)

    @property
    def master(self) -> bytes:
        return self.masters[self.current]

    @property
    def files(self) -> bytes:
        """The key of stored files."""
        return hmac.new(self.index, b"files", hashlib.sha256).digest()

    def blind(self, purpose: str, value: str) -> str:
        """Return the keyed digest by which an exact value is found again; equal values of one purpose give equal ones."""
        plain = "".join(unicodedata.normalize("NFKC", value).split()).upper()
        return hmac.new(self.index, f"{purpose}\0{plain}".encode(), hashlib.sha256).hexdigest()

    def blind_word(self, word: str) -> str:
        """Return what stands for a word in the full-text index: 60 bits, in letters and digits every tokenizer keeps."""
        digest = hmac.new(self.index, b"word\0" + word.encode(), hashlib.sha256).digest()
        return "w" + base64.b32encode(digest[:10]).decode().lower()[:12]

    def blind_pair(self, pair: int) -> int:
        """Return what stands for a pair of characters where likeness is counted: 62 bits."""
        digest = hmac.new(self.index, b"pair\0" + str(pair).encode(), hashlib.sha256).digest()
        return int.from_bytes(digest[:8], "big") >> 2

    @classmethod
    def fresh(cls) -> "MasterKeys":
        name = _fresh_name()
        return cls(name, {name: fresh_key()}, fresh_key())

    def with_new_master(self) -> "MasterKeys":
        """Add a master key and make it the current one; the earlier ones still open what they wrapped."""
        name = _fresh_name()
        return MasterKeys(name, {**self.masters, name: fresh_key()}, self.index)

    def only_current(self) -> "MasterKeys":
        return MasterKeys(self.current, {self.current: self.master}, self.index)

    @classmethod
    def read(cls, path: Path) -> "MasterKeys":
        """Read the key file. Raises SealBroken with a Chinese sentence that repeats nothing of it."""
        try:
            content = json.loads(path.read_text("utf-8"))
            masters = {name: base64.b64decode(key, validate=True) for name, key in content["masters"].items()}
            found = cls(content["current"], masters, base64.b64decode(content["index"], validate=True))
        except OSError as error:
            raise KeyMissing(f"不能读取主密钥文件：{error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError):
            raise KeyMissing("主密钥文件的内容有误") from None
        keys = [*found.masters.values(), found.index]
        if found.current not in found.masters or any(len(key) != KEY_BYTES for key in keys):
            raise KeyMissing("主密钥文件的内容有误")
        return found

    def write(self, path: Path, *, replace: bool) -> None:
        """Write the key file, readable by its owner only, whole or not at all.

        Without `replace` the file of another process that was first stays, and this one is thrown away.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        aside.touch(mode=0o600)
        try:
            with aside.open("w", encoding="utf-8") as file:
                json.dump(self._content(), file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                aside.replace(path)
            else:
                # A link never replaces: of two processes starting at once, one makes the keys and both read them.
                with suppress(FileExistsError):
                    path.hardlink_to(aside)
        finally:
            aside.unlink(missing_ok=True)

    def _content(self) -> dict[str, object]:
        return {
            "current": self.current,
            "masters": {name: base64.b64encode(key).decode() for name, key in self.masters.items()},
            "index": base64.b64encode(self.index).decode(),
        }


def _fresh_name() -> str:
    return f"m{secrets.token_hex(4)}"
