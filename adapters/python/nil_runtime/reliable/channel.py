"""What both ends of a channel know of it, and what they count."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..wire import Batch, Control

# (receiver of the message, kind, bytes)
Publish: TypeAlias = Callable[[int, str, bytes], None]


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
