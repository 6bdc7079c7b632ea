"""Who this program is to a coordinator and to the bus, and whom it trusts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import grpc

from .bus import BusAccess
from .errors import InputError

_MESSAGE_BYTES = 512 << 20


@dataclass(frozen=True)
class Access:
    """How a coordinator is reached, and the bus where the coordinator's own words about it don't do. Paths of PEM files."""

    coordinator: str
    token: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    # TLS with the system's authorities.
    tls: bool = False
    insecure: bool = False
    bus: BusAccess = field(default_factory=lambda: BusAccess(""))


def open_channel(access: Access) -> grpc.Channel:
    """To the coordinator. Raises InputError TOKEN_IN_CLEAR and TLS_FILES."""
    host = access.coordinator.rsplit(":", 1)[0].strip("[]")
    options = [
        ("grpc.max_receive_message_length", _MESSAGE_BYTES),
        ("grpc.max_send_message_length", _MESSAGE_BYTES),
    ]
    if access.ca_file is None and access.cert_file is None and not access.tls:
        if access.token is not None and not access.insecure and not _is_loopback(host):
            raise InputError(
                "TOKEN_IN_CLEAR",
                f"coordinator {access.coordinator}: found a token but no TLS, expected --tls-ca FILE or --tls (or --insecure)",
            )
        return grpc.insecure_channel(access.coordinator, options)
    credentials = grpc.ssl_channel_credentials(_pem(access.ca_file), _pem(access.key_file), _pem(access.cert_file))
    return grpc.secure_channel(access.coordinator, credentials, options)


def bus_access(access: Access, transport: Any) -> BusAccess:
    """What this program was told of the bus, and what the coordinator says where it wasn't."""
    own = access.bus
    url = own.url or transport.nats_url
    ca = own.ca or transport.nats_ca or None
    secret = (own.token, own.user, own.jwt)
    found = replace(own, url=url, ca=ca)
    if ca is not None or "tls://" in url:
        found = replace(found, cert_file=own.cert_file or access.cert_file, key_file=own.key_file or access.key_file)
        if found.ca is None and access.ca_file is not None:
            found = replace(found, ca=read_text(access.ca_file, "TLS_FILES"))
    if not any(secret) and transport.HasField("nats_user"):
        found = replace(found, jwt=transport.nats_user.jwt, seed=transport.nats_user.seed)
    return found


def read_text(path: str, code: str) -> str:
    """Raises InputError with this code for what can't be read, or is no text."""
    try:
        return Path(path).read_text("utf-8")
    except FileNotFoundError as error:
        raise InputError(code, f"{path}: found no such file, expected one") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(code, f"{path}: found a file that can't be read ({error}), expected text") from error


def _pem(path: str | None) -> bytes | None:
    return None if path is None else read_text(path, "TLS_FILES").encode()


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
