"""
Batches and the small messages of a channel as bytes (docs/protocol.md, sections 5 to 7; proto/nil/v1/events.proto).

The reader takes any protobuf encoding and rejects what a receiver must reject. It is written by hand, since a protobuf library skips a field
of another wire type and would copy every column; `decode_batch` gives views on the message.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from .errors import CodecError, InputError

U32: TypeAlias = npt.NDArray[np.uint32]
F32: TypeAlias = npt.NDArray[np.float32]
F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]
BOOL: TypeAlias = npt.NDArray[np.bool_]

MAX_BATCH_STEPS = 1 << 20
_LIMIT = 1 << 53
_NONE = np.zeros(0, "<u4")


@dataclass(frozen=True)
class Batch:
    """Every event of one channel stamped in (begin_ns, end_ns]; `end_ns` is the promise."""

    sender: int
    receiver: int
    incarnation: int
    seq: int
    begin_ns: int
    end_ns: int
    counts: U32
    neurons: U32
    values: F32 | None = None
    # Row-major: steps × width.
    signals: F64 | None = None
    # Of the receiver; 0: the same as `incarnation`.
    to_incarnation: int = 0

    @property
    def steps(self) -> int:
        return len(self.counts)


def check_run_id(run: str) -> bytes:
    """The run's id as messages carry it. Letters, digits, `-` and `_`, at most 127."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,127}", run) is None:
        raise InputError("RUN_ID_INVALID", f"run id {run!r}: must be 1 to 127 letters, digits, '-' or '_'")
    return run.encode()


# ----------------------------------------------------------------------------------------------------------------------
# Reading
# ----------------------------------------------------------------------------------------------------------------------


def _varint(data: memoryview, at: int, end: int) -> tuple[int, int]:
    value = 0
    for i in range(at, min(end, at + 10)):
        byte = data[i]
        value |= (byte & 0x7F) << (7 * (i - at))
        if byte < 0x80:
            return value, i + 1
    raise CodecError("truncated inside a varint" if end - at < 10 else "varint longer than 10 bytes")


def _fields(data: memoryview) -> list[tuple[int, int, int | memoryview]]:
    """(field, wire type, value) of a message; a length-delimited or fixed field's value is a view."""
    found: list[tuple[int, int, int | memoryview]] = []
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at, end)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise CodecError("field 0: no such field")
        value: int | memoryview
        if kind == 0:
            value, at = _varint(data, at, end)
        elif kind in (1, 5, 2):
            if kind == 2:
                size, at = _varint(data, at, end)
            else:
                size = 8 if kind == 1 else 4
            if at + size > end:
                raise CodecError("truncated inside a field")
            value = data[at : at + size]
            at += size
        else:
            raise CodecError(f"wire type {kind} isn't one of protobuf's that this protocol uses")
        found.append((number, kind, value))
    return found


def _expect(number: int, kind: int, wanted: int) -> None:
    if kind != wanted:
        raise CodecError(f"field {number}: wire type {kind}, must be {wanted}")


def _u32(value: int | memoryview) -> int:
    return int.from_bytes(cast(memoryview, value), "little")


def _u53(value: int | memoryview, name: str) -> int:
    number = int.from_bytes(cast(memoryview, value), "little")
    if number >= _LIMIT:
        raise CodecError(f"{name}: outside 0 to 2^53 - 1")
    return number


def _text(value: int | memoryview) -> str:
    raw = bytes(cast(memoryview, value))
    if len(raw) > 127:
        raise CodecError(f"run: {len(raw)} bytes, at most 127")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise CodecError("run: no UTF-8") from None


@dataclass
class _Columns:
    has_spikes: bool = False
    counts: memoryview = field(default_factory=lambda: memoryview(b""))
    neurons: memoryview = field(default_factory=lambda: memoryview(b""))
    values: memoryview | None = None
    has_signals: bool = False
    width: int = 0
    signals: memoryview = field(default_factory=lambda: memoryview(b""))


def decode_batch(data: bytes) -> tuple[str, int, Batch]:
    """The run, dt (ns) and the batch. Everything that can be said of a batch by itself is checked. Raises CodecError."""
    run = ""
    head = {2: 0, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0, 8: 0, 11: 0}
    names = {5: "seq", 6: "begin_ns", 7: "end_ns", 8: "step_ns"}
    columns = _Columns()
    for number, kind, value in _fields(memoryview(data)):
        if number == 1:
            _expect(number, kind, 2)
            run = _text(value)
        elif number <= 4 or number == 11:
            _expect(number, kind, 5)
            head[number] = _u32(value)
        elif number <= 8:
            _expect(number, kind, 1)
            head[number] = _u53(value, names[number])
        elif number in (9, 10):
            _expect(number, kind, 2)
            (_read_spikes if number == 9 else _read_signals)(cast(memoryview, value), columns)
    begin_ns, end_ns, step_ns = head[6], head[7], head[8]
    steps = _steps(begin_ns, end_ns, step_ns)
    counts, neurons, values = _spike_columns(columns, steps)
    signals = _signal_column(columns, steps)
    batch = Batch(head[2], head[3], head[4], head[5], begin_ns, end_ns, counts, neurons, values, signals, head[11])
    return run, step_ns, batch


def _read_spikes(data: memoryview, into: _Columns) -> None:
    into.has_spikes = True
    for number, kind, value in _fields(data):
        if number == 1:
            _expect(number, kind, 0)
            if value != 0:
                raise CodecError(f"spikes.encoding {value}: this receiver knows 0 only")
        elif number in (2, 3, 4):
            _expect(number, kind, 2)
            column = cast(memoryview, value)
            if number == 2:
                into.counts = column
            elif number == 3:
                into.neurons = column
            else:
                into.values = column


def _read_signals(data: memoryview, into: _Columns) -> None:
    into.has_signals = True
    for number, kind, value in _fields(data):
        if number == 1:
            _expect(number, kind, 5)
            into.width = _u32(value)
        elif number == 2:
            _expect(number, kind, 2)
            into.signals = cast(memoryview, value)


def _steps(begin_ns: int, end_ns: int, step_ns: int) -> int:
    if step_ns == 0:
        raise CodecError("step_ns: 0, must be positive")
    span = end_ns - begin_ns
    if span < step_ns or span % step_ns != 0:
        raise CodecError(f"window ({begin_ns}, {end_ns}]: must be one or more steps of {step_ns} ns")
    if span // step_ns > MAX_BATCH_STEPS:
        raise CodecError(f"window of {span // step_ns} steps: at most {MAX_BATCH_STEPS}")
    return span // step_ns


def _spike_columns(c: _Columns, steps: int) -> tuple[U32, U32, F32 | None]:
    if not c.has_spikes:
        return np.zeros(steps, "<u4"), _NONE, None
    if len(c.counts) != steps * 4:
        raise CodecError(f"spikes.counts: {len(c.counts)} bytes, must be {steps * 4} for {steps} steps")
    counts = np.frombuffer(c.counts, "<u4")
    total = int(counts.sum(dtype=np.uint64))
    if len(c.neurons) != total * 4:
        raise CodecError(f"spikes.neurons: {len(c.neurons)} bytes, must be {total * 4}: counts add up to {total}")
    neurons = np.frombuffer(c.neurons, "<u4")
    if c.values is None:
        return counts, neurons, None
    if len(c.values) != total * 4:
        raise CodecError(f"spikes.values: {len(c.values)} bytes, must be {total * 4}: counts add up to {total}")
    return counts, neurons, np.frombuffer(c.values, "<f4")


def _signal_column(c: _Columns, steps: int) -> F64 | None:
    if not c.has_signals:
        return None
    wanted = steps * c.width * 8
    if len(c.signals) != wanted:
        raise CodecError(f"signals.values: {len(c.signals)} bytes, must be {wanted} for {steps} steps × {c.width}")
    return np.frombuffer(c.signals, "<f8")


def neurons_in_order(batch: Batch, width: int) -> bool:
    """Whether neuron numbers are below `width` and don't descend within a step."""
    neurons = batch.neurons
    if len(neurons) == 0:
        return True
    if int(neurons.max()) >= width:
        return False
    descends = neurons[1:] < neurons[:-1]
    if not descends.any():
        return True
    ends = np.cumsum(batch.counts, dtype=np.int64)
    starts_step = np.zeros(len(neurons) + 1, bool)
    starts_step[ends] = True
    return not bool((descends & ~starts_step[1 : len(neurons)]).any())


# ----------------------------------------------------------------------------------------------------------------------
# Writing
# ----------------------------------------------------------------------------------------------------------------------


def _varint_size(n: int) -> int:
    return max(1, (n.bit_length() + 6) // 7)


def _put_varint(n: int, width: int) -> bytes:
    out = bytearray()
    for _ in range(width - 1):
        out.append((n & 0x7F) | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def _column(message: bytearray, tag: int, column: npt.NDArray[np.generic], align: int) -> None:
    """A column, after as much padding as aligns it within the message."""
    raw = column.tobytes()
    width = _varint_size(len(raw))
    off = (len(message) + 1 + width) % align
    if off != 0 and raw:
        # A padding field takes 2 bytes at least.
        pad = 1 + align if align - off == 1 else align - off
        message += bytes([0x7A, pad - 2]) + bytes(pad - 2)
    message.append(tag)
    message += _put_varint(len(raw), width) + raw


def _submessage(message: bytearray, tag: int, bound: int) -> tuple[int, int]:
    message.append(tag)
    width = _varint_size(bound)
    message += bytes(width)
    return len(message), width


def _close(message: bytearray, begin: int, width: int) -> None:
    message[begin - width : begin] = _put_varint(len(message) - begin, width)


def encode_batch(run: bytes, step_ns: int, batch: Batch) -> bytes:
    """A `nil.v1.Batch`, byte for byte as this project's TypeScript writes it."""
    message = bytearray(b"\x0a")
    message += bytes([len(run)]) + run
    message += struct.pack("<BIBIBI", 0x15, batch.sender, 0x1D, batch.receiver, 0x25, batch.incarnation)
    message += struct.pack("<BQBQBQBQ", 0x29, batch.seq, 0x31, batch.begin_ns, 0x39, batch.end_ns, 0x41, step_ns)
    if len(batch.neurons) > 0:
        counts, neurons = batch.counts.astype("<u4", copy=False), batch.neurons.astype("<u4", copy=False)
        size = counts.nbytes + neurons.nbytes + (0 if batch.values is None else 4 * len(batch.values))
        begin, width = _submessage(message, 0x4A, size + 50)
        _column(message, 0x12, counts, 4)
        _column(message, 0x1A, neurons, 4)
        if batch.values is not None:
            _column(message, 0x22, batch.values.astype("<f4", copy=False), 4)
        _close(message, begin, width)
    if batch.signals is not None:
        signals = batch.signals.astype("<f8", copy=False)
        begin, width = _submessage(message, 0x52, signals.nbytes + 30)
        message += struct.pack("<BI", 0x0D, signals.size // batch.steps)
        _column(message, 0x12, signals, 8)
        _close(message, begin, width)
    if batch.to_incarnation:
        message += struct.pack("<BI", 0x5D, batch.to_incarnation)
    return bytes(message)


def cut_batch(batch: Batch, from_ns: int, dt_ns: int) -> Batch:
    """What a batch has after `from_ns`."""
    skipped = (from_ns - batch.begin_ns) // dt_ns
    spikes = int(batch.counts[:skipped].sum())
    width = 0 if batch.signals is None else batch.signals.size // batch.steps
    return replace(
        batch,
        begin_ns=from_ns,
        counts=batch.counts[skipped:],
        neurons=batch.neurons[spikes:],
        values=None if batch.values is None else batch.values[spikes:],
        signals=None if batch.signals is None else batch.signals[skipped * width :],
    )


# ----------------------------------------------------------------------------------------------------------------------
# The small messages
# ----------------------------------------------------------------------------------------------------------------------

Kind: TypeAlias = Literal["batch", "part", "state", "ack", "repair", "probe"]
ASKED_BY_RECEIVER, ASKED_BY_SENDER = 1, 2

# Fields by number: name and kind of `text`, `u32`, `u53`, `enum` or `bytes`.
_HEAD = {1: ("run", "text"), 2: ("sender", "u32"), 3: ("receiver", "u32"), 4: ("incarnation", "u32")}
_MESSAGES: dict[str, dict[int, tuple[str, str]]] = {
    "ack": {**_HEAD, 5: ("next_seq", "u53"), 6: ("consumed_seq", "u53"), 7: ("consumed_ns", "u53"), 8: ("to_incarnation", "u32")},
    "repair": {**_HEAD, 5: ("seq_begin", "u53"), 6: ("seq_end", "u53"), 7: ("to_incarnation", "u32")},
    "probe": {**_HEAD, 5: ("asker", "enum"), 6: ("next_seq", "u53"), 7: ("to_incarnation", "u32")},
    "state": {**_HEAD, 5: ("next_seq", "u53"), 6: ("promised_ns", "u53"), 7: ("to_incarnation", "u32")},
    "part": {**_HEAD, 5: ("seq", "u53"), 6: ("index", "u32"), 7: ("count", "u32"), 8: ("data", "bytes"), 9: ("to_incarnation", "u32")},
}
_WIRE = {"text": 2, "bytes": 2, "u32": 5, "u53": 1, "enum": 0}


@dataclass(frozen=True)
class Control:
    """One of the small messages; fields that a kind doesn't have are 0."""

    run: str = ""
    sender: int = 0
    receiver: int = 0
    incarnation: int = 0
    to_incarnation: int = 0
    next_seq: int = 0
    consumed_seq: int = 0
    consumed_ns: int = 0
    promised_ns: int = 0
    seq_begin: int = 0
    seq_end: int = 0
    asker: int = 0
    seq: int = 0
    index: int = 0
    count: int = 0
    data: bytes = b""


def encode_control(kind: str, message: Control) -> bytes:
    out = bytearray()
    for number, (name, form) in _MESSAGES[kind].items():
        value = getattr(message, name)
        if not value:
            continue
        out.append(number << 3 | _WIRE[form])
        if form in ("text", "bytes"):
            raw = value.encode() if form == "text" else value
            out += _put_varint(len(raw), _varint_size(len(raw))) + raw
        elif form == "enum":
            out += _put_varint(value, _varint_size(value))
        else:
            out += struct.pack("<I" if form == "u32" else "<Q", value)
    return bytes(out)


def decode_control(kind: str, data: bytes) -> Control:
    """Raises CodecError."""
    fields = _MESSAGES[kind]
    found: dict[str, object] = {}
    for number, wire, value in _fields(memoryview(data)):
        if number not in fields:
            continue
        name, form = fields[number]
        _expect(number, wire, _WIRE[form])
        if form == "text":
            found[name] = _text(value)
        elif form == "bytes":
            found[name] = bytes(cast(memoryview, value))
        elif form == "enum":
            found[name] = cast(int, value)
        else:
            found[name] = _u32(value) if form == "u32" else _u53(value, name)
    return Control(**found)  # type: ignore[arg-type]
