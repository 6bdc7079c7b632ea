"""A federate's end of all its channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import CodecError
from ..wire import ASKED_BY_SENDER, decode_control
from .channel import Channel, Publish
from .receiver import Receiver
from .sender import Sender

PROBE_MS = 100.0
_MAX_PROBE_FACTOR = 20


@dataclass
class _Silence:
    since_ms: float
    after_ms: float


class Endpoint:
    """A federate's end of all its channels, and who asks the silent how they stand."""

    def __init__(
        self,
        federate: int,
        ins: Sequence[Channel],
        outs: Sequence[Channel],
        publish: Publish,
        max_bytes: int,
        probe_ms: float = PROBE_MS,
        retain: bool = False,
    ) -> None:
        self.federate = federate
        self.ins = [Receiver(channel, publish) for channel in ins]
        self.outs = [Sender(channel, publish, max_bytes, retain) for channel in outs]
        self.probe_ms = probe_ms
        self._in_from = {r.channel.sender: r for r in self.ins}
        self._out_to = {s.channel.receiver: s for s in self.outs}
        self._waited_ms = 0.0
        ends: list[Receiver | Sender] = [*self.ins, *self.outs]
        self._silence = {end: _Silence(0.0, probe_ms) for end in ends}

    def receive(self, sender: int, kind: str, data: bytes) -> bool:
        """Takes what `sender` published for this federate; whether there's news: a batch, or credit."""
        asked = kind == "probe" and _is_asked_by_sender(data)
        end: Receiver | Sender | None
        to_sender = kind in ("ack", "repair") or (kind == "probe" and not asked)
        end = self._out_to.get(sender) if to_sender else self._in_from.get(sender)
        if end is None or not end.receive(kind, data):
            return False
        self._silence[end] = _Silence(self._waited_ms, self.probe_ms)
        return True

    def restarted(self, peer: int, incarnation: int, from_ns: int) -> None:
        """A neighbour was lost and begins again as this incarnation. Raises NilError RECOVERY_IMPOSSIBLE."""
        receiver, sender = self._in_from.get(peer), self._out_to.get(peer)
        if receiver is not None and incarnation > receiver.channel.incarnation:
            receiver.restart(incarnation, from_ns)
        if sender is not None and incarnation > sender.channel.to_incarnation:
            sender.restart(incarnation, from_ns)

    def durable(self, until_ns: int) -> None:
        for sender in self.outs:
            sender.durable(until_ns)

    def waited(self, ms: float) -> None:
        """Only time that is spent waiting counts, since news can't come in while the federate computes."""
        self._waited_ms += ms
        for receiver in self.ins:
            if not receiver.is_complete and self._is_due(receiver):
                receiver.probe()
        for sender in self.outs:
            if sender.is_outstanding and self._is_due(sender):
                sender.probe()

    def _is_due(self, end: Receiver | Sender) -> bool:
        silence = self._silence[end]
        if self._waited_ms - silence.since_ms < silence.after_ms:
            return False
        silence.since_ms = self._waited_ms
        silence.after_ms = min(2 * silence.after_ms, _MAX_PROBE_FACTOR * self.probe_ms)
        return True


def _is_asked_by_sender(data: bytes) -> bool:
    try:
        return decode_control("probe", data).asker == ASKED_BY_SENDER
    except CodecError:
        return False
