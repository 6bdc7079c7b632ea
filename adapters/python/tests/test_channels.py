"""Channels over a carrier that loses, repeats and reorders everything, and the rules of time."""

from __future__ import annotations

import random

import numpy as np
import pytest

from nil_runtime.errors import NilError
from nil_runtime.reliable import Channel, Endpoint
from nil_runtime.sync import ChannelPlan, Clock, Plan, rules_of, waits_for, window_steps
from nil_runtime.wire import Batch, encode_batch, encode_control

DT = 100_000


def channel(steps: int, credit_bytes: int = 1 << 20) -> Channel:
    return Channel(
        run="r",
        sender=0,
        receiver=1,
        incarnation=1,
        to_incarnation=1,
        dt_ns=DT,
        start_ns=0,
        end_ns=steps * DT,
        neurons=50,
        signal_width=0,
        graded=False,
        credit_ns=20 * DT,
        credit_bytes=credit_bytes,
    )


@pytest.mark.parametrize("seed", range(8))
def test_everything_comes_once_and_in_order(seed: int) -> None:
    dice = random.Random(seed)
    steps = 300
    flying: list[tuple[int, int, str, bytes]] = []

    def publish(sender: int) -> object:
        def put(to: int, kind: str, data: bytes) -> None:
            for _ in range(dice.choice((0, 1, 1, 2))):
                flying.insert(dice.randrange(len(flying) + 1), (sender, to, kind, data))

        return put

    c = channel(steps)
    ends = [Endpoint(0, [], [c], publish(0), 300), Endpoint(1, [c], [], publish(1), 300)]  # type: ignore[arg-type]
    sender, receiver = ends[0].outs[0], ends[1].ins[0]
    sent: list[list[int]] = []
    got: list[list[int]] = []
    clock = consumed = 0
    for _ in range(20_000):
        if len(got) == steps and sender.is_acknowledged:
            break
        size = min(dice.randint(1, 4), steps - clock // DT)
        if size > 0 and sender.credit_ns() >= clock + size * DT:
            rows = [sorted(dice.choices(range(50), k=dice.choice((0, 0, 3, 60)))) for _ in range(size)]
            counts, neurons = np.array([len(r) for r in rows], "u4"), np.array([n for row in rows for n in row], "u4")
            sender.send(Batch(0, 1, 0, 0, clock, clock + size * DT, counts, neurons))
            sent += rows
            clock += size * DT
        while flying and dice.random() < 0.8:
            source, to, kind, data = flying.pop()
            ends[to].receive(source, kind, data)
        while (batch := receiver.take()) is not None:
            assert batch.begin_ns == consumed
            consumed = batch.end_ns
            got += [row.tolist() for row in np.split(batch.neurons, np.cumsum(batch.counts)[:-1])]
            receiver.release(consumed)
        for end in ends:
            end.waited(30)
    assert got == sent
    assert len(got) == steps
    assert receiver.stats.repaired > 0
    assert receiver.stats.rejected == 0


def test_a_receiver_that_begins_again_gets_everything_after_the_last_durable_time() -> None:
    steps = 60
    flying: list[tuple[int, str, bytes]] = []
    c = channel(steps)
    sender = Endpoint(0, [], [c], lambda to, kind, data: flying.append((to, kind, data)), 10**6, retain=True)
    first = Endpoint(1, [c], [], lambda to, kind, data: flying.append((to, kind, data)), 10**6)
    again: Endpoint | None = None
    got: list[int] = []

    def deliver(receiver: Endpoint) -> None:
        while flying:
            to, kind, data = flying.pop(0)
            (receiver if to == 1 else sender).receive(1 - to, kind, data)
        while (batch := receiver.ins[0].take()) is not None:
            got.extend(batch.neurons.tolist())
            receiver.ins[0].release(batch.end_ns)

    for step in range(0, steps, 2):
        if step == 30:
            # It was at 30; the last durable time is 9 steps, within a batch.
            sender.durable(9 * DT)
            assert got == list(range(30))
            sender.restarted(1, 2, 9 * DT)
            begun = Channel(**{**vars(c), "to_incarnation": 2, "start_ns": 9 * DT})
            again = Endpoint(1, [begun], [], lambda to, kind, data: flying.append((to, kind, data)), 10**6)
            got.clear()
            late = bytes(encode_control("ack", c.head(next_seq=15, consumed_seq=15, consumed_ns=30 * DT)))
            sender.receive(1, "ack", late)
            assert sender.outs[0].stats.fenced == 1
        now = again or first
        for _ in range(20):
            deliver(now)
            if sender.outs[0].credit_ns() >= (step + 2) * DT:
                break
        rows = np.array([step % 50, (step + 1) % 50], "u4")
        sender.outs[0].send(Batch(0, 1, 0, 0, step * DT, (step + 2) * DT, np.ones(2, "u4"), rows))
        deliver(now)
    assert got == [step % 50 for step in range(9, steps)]
    assert sender.outs[0].is_acknowledged


def test_a_sender_that_begins_again_is_heard_from_where_it_was() -> None:
    c = channel(20)
    heard: list[tuple[int, str, bytes]] = []
    receiver = Endpoint(1, [c], [], lambda *message: heard.append(message), 10**6)

    def batch(begin: int, end: int, seq: int, incarnation: int, to: int) -> bytes:
        rows = np.arange(begin, end).astype("u4")
        found = Batch(0, 1, incarnation, seq, begin * DT, end * DT, np.ones(end - begin, "u4"), rows, to_incarnation=to)
        return encode_batch(b"r", DT, found)

    receiver.receive(0, "batch", batch(0, 8, 0, 1, 0))
    receiver.restarted(0, 2, 4 * DT)
    receiver.receive(0, "batch", batch(8, 12, 1, 1, 0))
    assert receiver.ins[0].stats.fenced == 1
    receiver.receive(0, "batch", batch(4, 7, 0, 2, 1))
    receiver.receive(0, "batch", batch(7, 10, 1, 2, 1))
    taken = [receiver.ins[0].take() for _ in range(3)]
    assert [None if b is None else b.neurons.tolist() for b in taken] == [list(range(8)), [8, 9], None]
    with pytest.raises(NilError, match="begins again at 1500000 ns, but what it sent has come up to 1000000 ns only"):
        receiver.restarted(0, 3, 15 * DT)


def plan(*channels: tuple[int, int, int], federates: int = 3) -> Plan:
    links = tuple(ChannelPlan(a, b, steps * DT) for a, b, steps in channels)
    return Plan(DT, 100 * DT, 1, tuple(f"f{i}" for i in range(federates)), ((),) * federates, links)


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ([(0, 1, 15), (1, 0, 15)], 7),
        ([(0, 1, 1), (1, 0, 1)], 1),
        ([(0, 1, 0), (1, 0, 15)], 3),
        ([(0, 1, 0)], 32),
        ([(0, 1, 100), (1, 0, 100), (1, 2, 4), (2, 1, 8)], 3),
    ],
)
def test_windows_are_those_of_the_other_implementation(channels: list[tuple[int, int, int]], expected: int) -> None:
    assert rules_of(plan(*channels), 0).window_steps == expected


def test_a_lead_costs_lookahead() -> None:
    p = plan((0, 1, 15), (1, 0, 15))
    assert rules_of(p, 0, window_steps=1, lead_steps=1).ins == ((1, 14 * DT),)
    with pytest.raises(NilError, match="found a delay of 100000 ns from f1, expected at least 200000 ns"):
        rules_of(plan((1, 0, 1)), 0, lead_steps=2)
    with pytest.raises(NilError, match="no lookahead"):
        rules_of(plan((0, 1, 0), (1, 0, 1)), 0, lead_steps=1)


def test_horizon_credit_and_who_is_waited_for() -> None:
    rules = rules_of(plan((1, 0, 5), (0, 2, 3)), 0)
    assert window_steps(rules, Clock(0, [0], [100 * DT]), 1000) == 5
    assert window_steps(rules, Clock(0, [0], [2 * DT]), 1000) == 2
    assert window_steps(rules, Clock(0, [50 * DT], [100 * DT]), 7) == 7
    (wait,) = waits_for(rules, Clock(5 * DT, [0], [100 * DT]))
    assert (wait.reason, wait.federate, wait.until_ns, wait.needs_ns) == ("horizon", 1, 0, DT)
