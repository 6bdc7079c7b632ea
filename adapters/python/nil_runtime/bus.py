"""
NATS in a thread of its own, so that a federate that computes misses nothing and one that waits can sleep: what comes is put in a
list, what is to go is taken from one.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from .errors import NilError
from .reliable import Endpoint

KINDS = frozenset(("batch", "part", "state", "ack", "repair", "probe"))


@dataclass(frozen=True)
class BusAccess:
    """How the bus is reached. Texts in PEM, secrets in memory only."""

    url: str
    token: str | None = None
    user: str | None = None
    password: str | None = None
    # A user as JWT, and the seed of its nkey.
    jwt: str | None = None
    seed: str | None = None
    ca: str | None = None
    # Files of the client's own certificate and key.
    cert_file: str | None = None
    key_file: str | None = None


class Bus:
    """A connection to NATS, and the mailbox of one federate on it."""

    def __init__(self, access: BusAccess) -> None:
        self._access = access
        self._news = threading.Event()
        self._came: deque[tuple[int, str, bytes]] = deque()
        self._goes: deque[tuple[str, bytes]] = deque()
        self._scheduled = False
        self._lost = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nil-bus", daemon=True)
        self._client: Any = None
        self.max_bytes = 1 << 20

    def open(self, run: str, federate: int, names: int) -> None:
        """Connects and subscribes; when it returns the server has the subscription, so nothing sent afterwards is missed."""
        self._prefix = f"nil.v1.{run}"
        self._federate = federate
        self._names = names
        self._thread.start()
        try:
            self._call(self._open(), 15)
        except NilError:
            raise
        except Exception as error:
            raise NilError("NATS_UNREACHABLE", f"NATS {self._access.url}: {error or type(error).__name__}") from error

    async def _open(self) -> None:
        import nats

        a = self._access
        options: dict[str, Any] = {
            "servers": a.url.split(","),
            "max_reconnect_attempts": 10,
            "reconnect_time_wait": 0.5,
            "connect_timeout": 5,
        }
        if a.token is not None:
            options["token"] = a.token
        if a.user is not None:
            options["user"], options["password"] = a.user, a.password
        if a.jwt is not None and a.seed is not None:
            options.update(_jwt_callbacks(a.jwt, a.seed))
        if a.ca is not None or "tls://" in a.url:
            context = ssl.create_default_context(cadata=a.ca)
            if a.cert_file is not None:
                context.load_cert_chain(a.cert_file, a.key_file)
            options["tls"] = context

        async def closed() -> None:
            self._lost = True
            self._news.set()

        async def failed(_: Exception) -> None:
            """Reconnects by itself; what is lost in between is repaired."""

        self._client = await nats.connect(closed_cb=closed, error_cb=failed, disconnected_cb=None, **options)
        self.max_bytes = self._client.max_payload
        await self._client.subscribe(f"{self._prefix}.{self._federate}.>", cb=self._on_message, pending_bytes_limit=1 << 28)
        await self._client.flush(5)

    async def _on_message(self, message: Any) -> None:
        tokens = message.subject.split(".")
        if len(tokens) != 6 or tokens[5] not in KINDS or not tokens[4].isdigit() or int(tokens[4]) >= self._names:
            return
        self._came.append((int(tokens[4]), tokens[5], message.data))
        self._news.set()

    def publish(self, to: int, kind: str, data: bytes) -> None:
        self._goes.append((f"{self._prefix}.{to}.{self._federate}.{kind}", data))
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._drain()))

    async def _drain(self) -> None:
        self._scheduled = False
        while self._goes:
            subject, data = self._goes.popleft()
            if not self._client.is_closed:
                await self._client.publish(subject, data)

    def receive(self, endpoint: Endpoint) -> bool:
        self._news.clear()
        news = False
        while self._came:
            news = endpoint.receive(*self._came.popleft()) or news
        return news

    def wait(self, timeout_ms: float) -> None:
        self._news.wait(timeout_ms / 1000)

    def wake(self) -> None:
        self._news.set()

    def aborted(self) -> bool:
        return self._lost

    def close(self) -> None:
        if not self._thread.is_alive():
            return
        with contextlib.suppress(Exception):
            self._call(self._close(), 5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        if not self._thread.is_alive():
            # It has file descriptors, and a program has a bus for each run.
            self._loop.close()

    async def _close(self) -> None:
        if self._client is not None:
            await self._drain()
            await self._client.flush(2)
            await self._client.close()

    def _call(self, work: Coroutine[Any, Any, None], timeout_s: float) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)


def _jwt_callbacks(jwt: str, seed: str) -> dict[str, Callable[..., bytes | bytearray]]:
    import base64

    import nkeys

    def sign(nonce: str) -> bytes:
        pair = nkeys.from_seed(bytearray(seed.encode()))
        return base64.b64encode(pair.sign(nonce.encode()))

    return {"user_jwt_cb": lambda: bytearray(jwt.encode()), "signature_cb": sign}
