"""Whom a limit is about: keyed digests of names and addresses, which are personal data and stand in no table."""

import hashlib
import hmac
import ipaddress


def subject(key: bytes, *parts: str) -> str:
    """Return what a limit is stored under."""
    return hmac.new(key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def network(address: str) -> str:
    """Return the source an address belongs to: one holder has a whole /64 of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
