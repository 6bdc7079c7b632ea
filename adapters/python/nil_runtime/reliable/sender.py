"""The sending end of a channel."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from ..errors import CodecError, NilError
from ..wire import (
    ASKED_BY_RECEIVER,
    ASKED_BY_SENDER,
    Batch,
    Control,
    check_run_id,
    cut_batch,
    decode_control,
    encode_batch,
    encode_control,
)
from .channel import Channel, Publish, Stats

# Bytes of a part beside its data, generously.
_PART_HEAD_BYTES = 256


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


def _size(batch: Batch) -> int:
    columns = (batch.counts, batch.neurons, batch.values, batch.signals)
    return sum(column.nbytes for column in columns if column is not None)
