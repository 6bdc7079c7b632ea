"""Batches that are larger than a message of the carrier."""

from __future__ import annotations

from ..errors import CodecError
from ..wire import Control

# A message of a few bytes can't make a receiver wait for, or hold, endless ones.
_MAX_PARTS = 1 << 16


class PartAssembly:
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
