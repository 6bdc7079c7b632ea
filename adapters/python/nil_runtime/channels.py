"""
Channels over a carrier that loses, repeats and reorders messages: sequence numbers, credit, acknowledgement, repair and probes
(docs/protocol.md, sections 5 to 7). Nothing here does input or output: an endpoint is given what came and a function that publishes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from .errors import CodecError, NilError
from .wire import (
    ASKED_BY_RECEIVER,
    ASKED_BY_SENDER,
    Batch,
    Control,
    check_run_id,
    cut_batch,
    decode_batch,
    decode_control,
    encode_batch,
    encode_control,
    neurons_in_order,
)

# (receiver of the message, kind, bytes)
Publish: TypeAlias = Callable[[int, str, bytes], None]

PROBE_MS = 100.0
_MAX_PROBE_FACTOR = 20
_MAX_PARTS = 1 << 16
# Bytes of a part beside its data, generously.
_PART_HEAD_BYTES = 256


@dataclass(frozen=True)
class Channel:
    """What both ends know of the channel sender → receiver."""

    run: str
    sender: int
    receiver: int
    # Of the sender and the receiver: a pair of them is an epoch of the channel, with a numbering of its own.
    incarnation: int
    to_incarnation: int
    dt_ns: int
    # Where the epoch begins.
    start_ns: int
    end_ns: int
    lookahead_ns: int
    # Neurons of its spike slices, and of its signal slices.
    neurons: int
    signal_width: int
    graded: bool
    credit_ns: int
    credit_bytes: int

    def head(self, **fields: object) -> Control:
        head = Control(self.run, self.sender, self.receiver, self.incarnation, self.to_field)
        return replace(head, **fields)  # type: ignore[arg-type]

    @property
    def to_field(self) -> int:
        """`to_incarnation` as messages have it."""
        return 0 if self.to_incarnation == self.incarnation else self.to_incarnation

    def is_of(self, run: str, message: Batch | Control, stats: Stats) -> bool:
        """Whether a message is of this channel's present epoch; one of an older one is counted."""
        if run != self.run or (message.sender, message.receiver) != (self.sender, self.receiver):
            return False
        found = (message.incarnation, message.to_incarnation or message.incarnation)
        own = (self.incarnation, self.to_incarnation)
        if found != own and found[0] <= own[0] and found[1] <= own[1]:
            stats.fenced += 1
        return found == own


@dataclass
class Stats:
    batches: int = 0
    bytes: int = 0
    events: int = 0
    repaired: int = 0
    rejected: int = 0
    duplicates: int = 0
    # Of those rejected: from or for an older incarnation of either end.
    fenced: int = 0
    # Bytes kept for a receiver that may begin again.
    retained_bytes: int = 0
    # Milliseconds since the epoch; 0 is never.
    last_heard_ms: float = 0.0

    def heard(self) -> None:
        self.last_heard_ms = time.time() * 1000

    def add(self, size: int, batch: Batch) -> None:
        self.batches += 1
        self.bytes += size
        self.events += len(batch.neurons)


class _Parts:
    """Rejoins batches that came in parts, in any order. Holds what was received and no more."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._whole: dict[int, tuple[int, dict[int, bytes]]] = {}

    def add(self, part: Control, next_seq: int) -> bytes | None:
        """The whole batch when this was its last missing part. Raises CodecError for one that contradicts itself or others."""
        if not 1 <= part.count <= _MAX_PARTS or part.index >= part.count or not part.data:
            raise CodecError(f"part {part.index} of {part.count}")
        if self._bytes > self._max_bytes and part.seq != next_seq:
            return None
        count, parts = self._whole.setdefault(part.seq, (part.count, {}))
        if count != part.count:
            raise CodecError(f"part of {part.count}, others of {count}")
        if part.index not in parts:
            parts[part.index] = part.data
            self._bytes += len(part.data)
        if len(parts) < count:
            return None
        self.drop(part.seq)
        return b"".join(parts[i] for i in range(count))

    def drop(self, seq: int) -> None:
        _, parts = self._whole.pop(seq, (0, {}))
        self._bytes -= sum(map(len, parts.values()))


class Receiver:
    """Hands out batches in sequence, each once; asks for what is missing and rejects what doesn't belong here."""

    def __init__(self, channel: Channel, publish: Publish) -> None:
        self.channel = channel
        self.stats = Stats()
        self._publish = publish
        self._ready: deque[Batch] = deque()
        self._held: deque[tuple[int, int]] = deque()
        self._ahead: dict[int, tuple[Batch, int]] = {}
        self._ahead_bytes = 0
        self._parts = _Parts(channel.credit_bytes)
        self._next_seq = 0
        # End of what was received in sequence: over all, and in this epoch.
        self._end_ns = channel.start_ns
        self._epoch_ns = channel.start_ns
        self._released_ns = channel.start_ns
        self._consumed_seq = 0
        self._consumed_ns = channel.start_ns
        self._unacked_bytes = 0
        self._acked_ns = channel.start_ns
        # Repair was asked for up to this number; forgotten at the second probe after it, of either end.
        self._asked_seq = 0
        self._probed_since_asked = False

    @property
    def is_complete(self) -> bool:
        """The sender's last batch has come."""
        return self._end_ns >= self.channel.end_ns

    def take(self) -> Batch | None:
        return self._ready.popleft() if self._ready else None

    def release(self, consumed_ns: int) -> None:
        """The federate is done with every batch that ends at or before this time."""
        self._released_ns = max(self._released_ns, consumed_ns)
        self._consume()

    def restart(self, incarnation: int, from_ns: int) -> None:
        """The sender was lost and begins again at `from_ns`; of what it sends, what is new is taken."""
        c = self.channel
        if from_ns > self._end_ns:
            raise NilError(
                "RECOVERY_IMPOSSIBLE",
                f"channel {c.sender} -> {c.receiver}: federate {c.sender} begins again at {from_ns} ns, but what it sent has come "
                f"up to {self._end_ns} ns only",
            )
        self.channel = replace(c, incarnation=incarnation, start_ns=from_ns)
        self._held.clear()
        self._ahead.clear()
        self._ahead_bytes = self._next_seq = self._consumed_seq = self._unacked_bytes = self._asked_seq = 0
        self._parts = _Parts(c.credit_bytes)
        self._epoch_ns = self._consumed_ns = self._acked_ns = from_ns
        self._probed_since_asked = False

    def _consume(self) -> None:
        while self._held and self._held[0][0] <= self._released_ns:
            self._unacked_bytes += self._held.popleft()[1]
            self._consumed_seq += 1
        self._consumed_ns = max(self._consumed_ns, min(self._released_ns, self._epoch_ns))
        c = self.channel
        if self._unacked_bytes >= c.credit_bytes / 4 or self._consumed_ns - self._acked_ns >= c.credit_ns / 4:
            self.acknowledge()

    def acknowledge(self) -> None:
        self._unacked_bytes = 0
        self._acked_ns = self._consumed_ns
        self._say(
            "ack",
            self.channel.head(next_seq=self._next_seq, consumed_seq=self._consumed_seq, consumed_ns=self._consumed_ns),
        )

    def probe(self) -> None:
        # Its sender may wait for credit, and have nobody who asks for it any more.
        if self._next_seq > 0:
            self.acknowledge()
        self._maybe_ask_again()
        self._say("probe", self.channel.head(asker=ASKED_BY_RECEIVER, next_seq=self._next_seq))

    def _maybe_ask_again(self) -> None:
        if self._probed_since_asked:
            self._asked_seq = 0
        self._probed_since_asked = True

    def receive(self, kind: str, data: bytes) -> bool:
        """Takes a message of the sender; whether there's something new to take."""
        before = self._next_seq
        try:
            if kind == "batch":
                self._on_batch(data)
            else:
                self._on_control(kind, decode_control(kind, data))
        except CodecError:
            self.stats.rejected += 1
        return self._next_seq > before

    def _on_batch(self, data: bytes) -> None:
        run, step_ns, batch = decode_batch(data)
        if not self.channel.is_of(run, batch, self.stats) or step_ns != self.channel.dt_ns or not self._fits(batch):
            self.stats.rejected += 1
            return
        self.stats.heard()
        if batch.seq < self._next_seq or batch.seq in self._ahead:
            self.stats.duplicates += 1
        elif batch.seq > self._next_seq:
            self._keep_ahead(batch, len(data))
        elif self._accept(batch, len(data)):
            self._accept_ahead()

    def _fits(self, batch: Batch) -> bool:
        c = self.channel
        has_values, has_signals = batch.values is not None, batch.signals is not None
        return (
            batch.begin_ns % c.dt_ns == 0
            and batch.end_ns <= min(c.end_ns, self._consumed_ns + c.credit_ns)
            and batch.seq <= self._last_seq()
            and (len(batch.neurons) == 0 or has_values == c.graded)
            and has_signals == (c.signal_width > 0)
            and (batch.signals is None or batch.signals.size == batch.steps * c.signal_width)
            and neurons_in_order(batch, c.neurons)
        )

    def _last_seq(self) -> int:
        """The largest number that a batch within the credit can have, since each is a step long at least."""
        return self._consumed_seq + self.channel.credit_ns // self.channel.dt_ns

    def _accept(self, batch: Batch, size: int) -> bool:
        if batch.begin_ns != self._epoch_ns:
            self.stats.rejected += 1
            return False
        self._next_seq += 1
        self._epoch_ns = batch.end_ns
        self._parts.drop(batch.seq)
        self._held.append((batch.end_ns, size))
        if batch.end_ns > self._end_ns:
            self._ready.append(cut_batch(batch, self._end_ns, self.channel.dt_ns) if batch.begin_ns < self._end_ns else batch)
            self._end_ns = batch.end_ns
            self.stats.add(size, batch)
        else:
            self.stats.duplicates += 1
        if batch.end_ns <= self._released_ns:
            self._consume()
        if self._epoch_ns >= self.channel.end_ns:
            self.acknowledge()
        return True

    def _accept_ahead(self) -> None:
        while self._next_seq in self._ahead:
            batch, size = self._ahead.pop(self._next_seq)
            self._ahead_bytes -= size
            if not self._accept(batch, size):
                break
        if self._ahead:
            self._repair_gap()

    def _keep_ahead(self, batch: Batch, size: int) -> None:
        if batch.begin_ns <= self._epoch_ns:
            self.stats.rejected += 1
            return
        if self._ahead_bytes < self.channel.credit_bytes:
            self._ahead[batch.seq] = (batch, size)
            self._ahead_bytes += size
        self._repair_gap()

    def _on_control(self, kind: str, message: Control) -> None:
        if not self.channel.is_of(message.run, message, self.stats):
            raise CodecError("of another channel")
        if kind == "part":
            self._on_part(message)
            return
        if message.next_seq > self._last_seq() + 1 or (kind == "probe" and message.asker != ASKED_BY_SENDER):
            raise CodecError("beyond the credit, or an answer")
        self.stats.heard()
        if kind == "probe":
            self.acknowledge()
            # A receiver that is at its end doesn't probe any more, but may have to take what is sent again.
            self._maybe_ask_again()
        self._ask_up_to(message.next_seq)

    def _on_part(self, part: Control) -> None:
        if part.seq > self._last_seq():
            raise CodecError("beyond the credit")
        self.stats.heard()
        if part.seq < self._next_seq or part.seq in self._ahead:
            self.stats.duplicates += part.index == 0
            return
        whole = self._parts.add(part, self._next_seq)
        if whole is not None:
            self._on_batch(whole)

    def _repair_gap(self) -> None:
        self._ask_up_to(min(self._ahead))

    def _ask_up_to(self, sent_seq: int) -> None:
        end = min([sent_seq, *self._ahead])
        if end <= max(self._next_seq, self._asked_seq):
            return
        self._asked_seq = end
        self._probed_since_asked = False
        self.stats.repaired += end - self._next_seq
        self._say("repair", self.channel.head(seq_begin=self._next_seq, seq_end=end))

    def _say(self, kind: str, message: Control) -> None:
        self._publish(self.channel.sender, kind, encode_control(kind, message))


@dataclass
class _Sent:
    seq: int
    size: int
    # Kept until the receiver has it.
    data: bytes | None


class Sender:
    """Numbers batches, keeps them until they are acknowledged, and sends them again when asked."""

    def __init__(self, channel: Channel, publish: Publish, max_bytes: int, retain: bool = False) -> None:
        self.channel = channel
        self.stats = Stats()
        self._publish = publish
        self._max_bytes = max_bytes
        # Batches for a receiver that begins again, and those of them that are still to be sent to the present one.
        self._retain = retain
        self._kept: deque[Batch] = deque()
        self._backlog: deque[Batch] = deque()
        self._kept_from_ns = channel.start_ns
        self._run = check_run_id(channel.run)
        self._sent: deque[_Sent] = deque()
        self._outstanding_bytes = 0
        self._next_seq = 0
        # End of what was given to `send`, and of what was sent in this epoch.
        self._sent_ns = channel.start_ns
        self._epoch_ns = channel.start_ns
        self._acked_seq = 0
        self._consumed_seq = 0
        self._consumed_ns = channel.start_ns

    @property
    def is_acknowledged(self) -> bool:
        return self._acked_seq == self._next_seq and not self._backlog

    @property
    def is_outstanding(self) -> bool:
        return self._consumed_seq < self._next_seq

    def credit_ns(self) -> int:
        """The largest `end_ns` that `send` takes now. A batch may go while fewer than `credit_bytes` are outstanding, whatever its size."""
        if self._outstanding_bytes >= self.channel.credit_bytes or self._backlog:
            return self._sent_ns
        return self._consumed_ns + self.channel.credit_ns

    def send(self, batch: Batch) -> None:
        self._sent_ns = batch.end_ns
        if self._retain:
            self._kept.append(batch)
            self.stats.retained_bytes += _size(batch)
        # A receiver that was started again has what came before.
        if batch.end_ns <= self.channel.start_ns:
            return
        if self._backlog:
            self._backlog.append(batch)
        else:
            self._send_next(batch)

    def restart(self, to_incarnation: int, from_ns: int) -> None:
        """The receiver was lost and begins again at `from_ns`: what ends after is sent once more, as its credit allows."""
        c = self.channel
        self.channel = replace(c, to_incarnation=to_incarnation, start_ns=from_ns)
        self._sent.clear()
        self._backlog.clear()
        self._outstanding_bytes = self._next_seq = self._acked_seq = self._consumed_seq = 0
        self._epoch_ns = self._consumed_ns = from_ns
        if self._sent_ns <= from_ns:
            return
        if not self._retain or self._kept_from_ns > from_ns:
            kept = self._kept_from_ns if self._retain else self._sent_ns
            raise NilError(
                "RECOVERY_IMPOSSIBLE",
                f"channel {c.sender} -> {c.receiver}: federate {c.receiver} begins again at {from_ns} ns, but what was sent is kept "
                f"from {kept} ns only",
            )
        self._backlog.extend(batch for batch in self._kept if batch.end_ns > from_ns)
        self._send_backlog()

    def durable(self, until_ns: int) -> None:
        """Nobody begins again before this time."""
        while self._kept and self._kept[0].end_ns <= until_ns:
            dropped = self._kept.popleft()
            self._kept_from_ns = dropped.end_ns
            self.stats.retained_bytes -= _size(dropped)

    def _send_backlog(self) -> None:
        while self._backlog:
            if self._outstanding_bytes >= self.channel.credit_bytes:
                return
            if self._backlog[0].end_ns > self._consumed_ns + self.channel.credit_ns:
                return
            self._send_next(self._backlog.popleft())

    def _send_next(self, batch: Batch) -> None:
        c = self.channel
        news = cut_batch(batch, c.start_ns, c.dt_ns) if batch.begin_ns < c.start_ns else batch
        numbered = replace(news, seq=self._next_seq, incarnation=c.incarnation, to_incarnation=c.to_field)
        data = encode_batch(self._run, c.dt_ns, numbered)
        self._sent.append(_Sent(numbered.seq, len(data), data))
        self._outstanding_bytes += len(data)
        self._next_seq += 1
        self._epoch_ns = batch.end_ns
        self.stats.add(len(data), numbered)
        self._transmit(numbered.seq, data)

    def probe(self) -> None:
        self._say("probe", self.channel.head(asker=ASKED_BY_SENDER, next_seq=self._next_seq))

    def receive(self, kind: str, data: bytes) -> bool:
        """Takes what the receiver says; false (and counted) when it can't be meant for this channel."""
        try:
            message = decode_control(kind, data)
            fits = self.channel.is_of(message.run, message, self.stats) and self._on(kind, message)
        except CodecError:
            fits = False
        if fits:
            self.stats.heard()
        else:
            self.stats.rejected += 1
        return fits

    def _on(self, kind: str, m: Control) -> bool:
        if kind == "ack":
            return self._on_ack(m)
        if kind == "repair":
            if m.seq_end > self._next_seq or m.seq_begin > m.seq_end:
                return False
            for sent in list(self._sent):
                if m.seq_begin <= sent.seq < m.seq_end and sent.data is not None:
                    self._transmit(sent.seq, sent.data)
                    self.stats.repaired += 1
            return True
        if m.asker != ASKED_BY_RECEIVER or m.next_seq > self._next_seq:
            return False
        self._say("state", self.channel.head(next_seq=self._next_seq, promised_ns=self._epoch_ns))
        return True

    def _on_ack(self, ack: Control) -> bool:
        if ack.next_seq > self._next_seq or ack.consumed_seq > ack.next_seq:
            return False
        # Acknowledgements may overtake each other: each only adds to what is known.
        self._acked_seq = max(self._acked_seq, ack.next_seq)
        self._consumed_seq = max(self._consumed_seq, ack.consumed_seq)
        self._consumed_ns = max(self._consumed_ns, min(ack.consumed_ns, self._epoch_ns))
        for sent in self._sent:
            if sent.seq >= self._acked_seq:
                break
            sent.data = None
        while self._sent and self._sent[0].seq < self._consumed_seq:
            self._outstanding_bytes -= self._sent.popleft().size
        self._send_backlog()
        return True

    def _transmit(self, seq: int, data: bytes) -> None:
        if len(data) <= self._max_bytes:
            self._publish(self.channel.receiver, "batch", data)
            return
        size = max(1, self._max_bytes - _PART_HEAD_BYTES)
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        for index, piece in enumerate(pieces):
            self._say("part", self.channel.head(seq=seq, index=index, count=len(pieces), data=piece))

    def _say(self, kind: str, message: Control) -> None:
        self._publish(self.channel.receiver, kind, encode_control(kind, message))


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


def _size(batch: Batch) -> int:
    return int(batch.counts.nbytes + batch.neurons.nbytes)


def _is_asked_by_sender(data: bytes) -> bool:
    try:
        return decode_control("probe", data).asker == ASKED_BY_SENDER
    except CodecError:
        return False
