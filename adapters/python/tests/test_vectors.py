"""The protocol's test vectors (test/vectors), both ways: the same files that the TypeScript implementation is held to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nil_runtime.errors import CodecError
from nil_runtime.reliable import Channel, Endpoint
from nil_runtime.wire import Batch, Control, decode_batch, decode_control, encode_batch, encode_control

FOLDER = Path(__file__).resolve().parents[3] / "test" / "vectors"
VECTORS = [(json.loads(path.read_text()), path.with_suffix(".bin").read_bytes()) for path in sorted(FOLDER.glob("*.json"))]
SPECIAL = {"NaN": np.nan, "Infinity": np.inf, "-Infinity": -np.inf, "-0": -0.0}
NAMES = {
    "from": "sender",
    "to": "receiver",
    "nextSeq": "next_seq",
    "consumedSeq": "consumed_seq",
    "consumedNs": "consumed_ns",
}
NAMES |= {"toIncarnation": "to_incarnation", "seqBegin": "seq_begin", "seqEnd": "seq_end", "promisedNs": "promised_ns"}


def named(wanted: Any) -> list[Any]:
    return [pytest.param(v, data, id=v["name"]) for v, data in VECTORS if wanted(v)]


def floats(values: list[Any] | None, dtype: str) -> Any:
    return None if values is None else np.array([SPECIAL.get(v, v) if isinstance(v, str) else v for v in values], dtype)


def batch_of(b: dict[str, Any]) -> Batch:
    counts, neurons = np.array(b["counts"], "<u4"), np.array(b["neurons"], "<u4")
    times = (b["incarnation"], b["seq"], b["beginNs"], b["endNs"])
    return Batch(
        b["from"],
        b["to"],
        *times,
        counts,
        neurons,
        floats(b.get("values"), "<f4"),
        floats(b.get("signals"), "<f8"),
        b.get("toIncarnation", 0),
    )


def same(a: Batch, b: Batch) -> None:
    assert (a.to_incarnation, a.sender, a.receiver, a.incarnation, a.seq, a.begin_ns, a.end_ns) == (
        (b.to_incarnation, b.sender, b.receiver, b.incarnation, b.seq, b.begin_ns, b.end_ns)
    )
    for name in ("counts", "neurons", "values", "signals"):
        left, right = getattr(a, name), getattr(b, name)
        assert (left is None) == (right is None), name
        if left is not None:
            assert left.dtype == right.dtype and left.tobytes() == right.tobytes(), name


def test_all_files_are_here() -> None:
    assert len(VECTORS) >= 40
    assert len(VECTORS) == len(list(FOLDER.glob("*.bin")))


@pytest.mark.parametrize(("vector", "data"), named(lambda v: v["kind"] == "batch" and v["valid"]))
def test_batch(vector: dict[str, Any], data: bytes) -> None:
    facts = vector["batch"]
    run, step_ns, batch = decode_batch(data)
    assert (run, step_ns) == (facts["run"], facts["stepNs"])
    same(batch, batch_of(facts))
    encoded = encode_batch(facts["run"].encode(), facts["stepNs"], batch_of(facts))
    if vector["canonical"]:
        assert encoded.hex() == data.hex()
    same(decode_batch(encoded)[2], batch)


@pytest.mark.parametrize(("vector", "data"), named(lambda v: v["kind"] != "batch"))
def test_control(vector: dict[str, Any], data: bytes) -> None:
    message = {NAMES.get(name, name): value for name, value in vector["message"].items()}
    if "data" in message:
        message["data"] = bytes(message["data"])
    expected = Control(**message)
    assert decode_control(vector["kind"], data) == expected
    assert encode_control(vector["kind"], expected).hex() == data.hex()


@pytest.mark.parametrize(("vector", "data"), named(lambda v: v.get("checkedBy") == "codec"))
def test_no_batch(vector: dict[str, Any], data: bytes) -> None:
    with pytest.raises(CodecError):
        decode_batch(data)


@pytest.mark.parametrize(("vector", "data"), named(lambda v: v.get("checkedBy") == "channel"))
def test_rejected_by_the_channel(vector: dict[str, Any], data: bytes) -> None:
    same(decode_batch(data)[2], batch_of(vector["batch"]))
    c = vector["channel"]
    channel = Channel(
        run=c["run"], sender=c["from"], receiver=c["to"], incarnation=c["incarnation"], to_incarnation=c["incarnation"], dt_ns=c["stepNs"], start_ns=0,
        end_ns=c["durationNs"], neurons=c["neurons"], signal_width=0, graded=False,
        credit_ns=4096 * c["stepNs"], credit_bytes=1 << 24,
    )  # fmt: skip
    endpoint = Endpoint(c["to"], ins=[channel], outs=[], publish=lambda *_: None, max_bytes=10**6)
    endpoint.receive(c["from"], "batch", data)
    assert endpoint.ins[0].take() is None
    assert (endpoint.ins[0].stats.rejected, endpoint.ins[0].stats.batches) == (1, 0)
