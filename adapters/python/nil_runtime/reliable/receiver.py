"""The receiving end of a channel."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from ..errors import CodecError, NilError
from ..wire import (
    ASKED_BY_RECEIVER,
    ASKED_BY_SENDER,
    Batch,
    Control,
    cut_batch,
    decode_batch,
    decode_control,
    encode_control,
    neurons_in_order,
)
from .channel import Channel, Publish, Stats
from .parts import PartAssembly


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
        self._parts = PartAssembly(channel.credit_bytes)
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
        self._parts = PartAssembly(c.credit_bytes)
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
