"""
The conservative rule of time in integer nanoseconds, as functions over plain data (docs/protocol.md, section 2; nodes/sync): Chandy and Misra
1979, Bryant 1977.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .errors import InputError, NilError

# Longest window of a federate that lies on no cycle of channels.
FREE_WINDOW_STEPS = 32


@dataclass(frozen=True)
class Slice:
    """Neurons [begin, end) of a population."""

    population: int
    begin: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.begin


@dataclass(frozen=True)
class ChannelPlan:
    sender: int
    receiver: int
    lookahead_ns: int
    spikes: tuple[Slice, ...] = ()
    signals: tuple[Slice, ...] = ()
    graded: bool = False


@dataclass(frozen=True)
class Plan:
    dt_ns: int
    duration_ns: int
    seed: int
    # Names and slices, by number.
    names: tuple[str, ...]
    slices: tuple[tuple[Slice, ...], ...]
    channels: tuple[ChannelPlan, ...]
    start_ns: int = 0

    @property
    def end_ns(self) -> int:
        return self.duration_ns // self.dt_ns * self.dt_ns


@dataclass(frozen=True)
class Rules:
    """What a federate needs to know of the plan to keep time; channels in the plan's order."""

    dt_ns: int
    end_ns: int
    # Windows end at multiples of this, and at the run's end.
    window_steps: int
    # Sender and usable lookahead (ns) of each in-channel; receiver of each out-channel.
    ins: tuple[tuple[int, int], ...]
    outs: tuple[int, ...]


@dataclass(frozen=True)
class Wait:
    # `horizon`: `federate` hasn't promised enough; `credit`: it hasn't consumed enough; `drain`: it hasn't ended.
    reason: str
    federate: int
    until_ns: int
    needs_ns: int


@dataclass
class Clock:
    now_ns: int
    promises_ns: Sequence[int]
    credits_ns: Sequence[int]
    stop_ns: float = field(default=math.inf)


def rules_of(plan: Plan, federate: int, window_steps: int = 0, lead_steps: int = 0) -> Rules:
    """
    `lead_steps`: how many steps before they act this federate has to have its events; its in-channels' lookaheads are used less by as
    much. A lookahead of at least one window is used in whole windows, so that no window is cut into two messages.
    """
    lead_ns = lead_steps * plan.dt_ns
    short = [c for c in plan.channels if c.receiver == federate and c.lookahead_ns < lead_ns]
    if short:
        raise InputError(
            "DELAY_TOO_SHORT",
            f"federate {plan.names[federate]}: found a delay of {short[0].lookahead_ns} ns from "
            f"{plan.names[short[0].sender]}, expected at least {lead_ns} ns: it needs events {lead_steps} step(s) before they act",
        )
    lookaheads = {(c.sender, c.receiver): c.lookahead_ns - (lead_ns if c.receiver == federate else 0) for c in plan.channels}
    cadence = _cadence(plan, federate, lookaheads)
    steps = max(1, window_steps) if window_steps else cadence
    window_ns = steps * plan.dt_ns

    def usable(channel: ChannelPlan) -> int:
        lookahead = lookaheads[channel.sender, channel.receiver]
        return lookahead - lookahead % window_ns if lookahead >= window_ns else lookahead

    return Rules(
        dt_ns=plan.dt_ns,
        end_ns=plan.end_ns,
        window_steps=steps,
        ins=tuple((c.sender, usable(c)) for c in plan.channels if c.receiver == federate),
        outs=tuple(c.receiver for c in plan.channels if c.sender == federate),
    )


def _cadence(plan: Plan, federate: int, lookaheads_ns: Mapping[tuple[int, int], int]) -> int:
    """Half of the least mean lookahead per channel, in steps, over all cycles that this federate's component has (Karp 1978)."""
    members = _component(federate, len(plan.names), lookaheads_ns)
    place = {f: i for i, f in enumerate(members)}
    edges = [(place[a], place[b], lookahead // plan.dt_ns) for (a, b), lookahead in lookaheads_ns.items() if a in place and b in place]
    mean = _least_cycle_mean(len(members), edges)
    if mean is None:
        return FREE_WINDOW_STEPS
    if mean <= 0:
        names = ", ".join(plan.names[f] for f in members)
        raise NilError(
            "ZERO_LOOKAHEAD_CYCLE",
            f"federates {names}: a cycle of channels has no lookahead, so none of them can advance",
            2,
        )
    return max(1, math.floor(mean / 2))


def _component(federate: int, count: int, edges: Mapping[tuple[int, int], int]) -> list[int]:
    def reach(ends: tuple[int, int]) -> set[int]:
        found, stack = {federate}, [federate]
        while stack:
            at = stack.pop()
            for edge in edges:
                if edge[ends[0]] == at and edge[ends[1]] not in found:
                    found.add(edge[ends[1]])
                    stack.append(edge[ends[1]])
        return found

    return sorted(reach((0, 1)) & reach((1, 0)) & set(range(count)))


def _least_cycle_mean(n: int, edges: Sequence[tuple[int, int, int]]) -> float | None:
    walks = [[0.0] + [math.inf] * (n - 1)]
    for k in range(1, n + 1):
        row = [math.inf] * n
        for a, b, steps in edges:
            row[b] = min(row[b], walks[k - 1][a] + steps)
        walks.append(row)
    means = [
        max((walks[n][v] - walks[k][v]) / (n - k) for k in range(n) if walks[k][v] < math.inf) for v in range(n) if walks[n][v] < math.inf
    ]
    return min(means) if means else None


def horizon_ns(rules: Rules, promises_ns: Sequence[int]) -> float:
    """The time up to which the federate may advance: every event that it needs until then is known."""
    return min((p + lookahead for p, (_, lookahead) in zip(promises_ns, rules.ins, strict=True)), default=math.inf)


def window_steps(rules: Rules, clock: Clock, most: int) -> int:
    """How many steps may run now, as one window. 0 means wait (or done)."""
    limit_ns = min([rules.end_ns, clock.stop_ns, horizon_ns(rules, clock.promises_ns), *clock.credits_ns])
    now = clock.now_ns // rules.dt_ns
    boundary = (now // rules.window_steps + 1) * rules.window_steps
    return max(0, min(int(limit_ns // rules.dt_ns), boundary, now + most) - now)


def waits_for(rules: Rules, clock: Clock) -> list[Wait]:
    """Every channel that keeps this federate from its next step, the most binding first."""
    waits: list[Wait] = []
    done = clock.now_ns >= rules.end_ns
    next_ns = clock.now_ns + rules.dt_ns
    for promise, (sender, lookahead) in zip(clock.promises_ns, rules.ins, strict=True):
        needs = rules.end_ns if done else next_ns - lookahead
        if promise < needs:
            waits.append(Wait("drain" if done else "horizon", sender, promise, needs))
    if not done:
        for credit, receiver in zip(clock.credits_ns, rules.outs, strict=True):
            if credit < next_ns:
                waits.append(Wait("credit", receiver, credit, next_ns))
    return sorted(waits, key=lambda wait: wait.until_ns - wait.needs_ns)


def default_credit_ns(dt_ns: int, lookahead_ns: int) -> int:
    return max(4096 * dt_ns, 4 * lookahead_ns)


def default_credit_bytes(plan: Plan) -> int:
    """What all senders to one receiver may have under way is half of what a NATS server holds for a slow client by default."""
    senders = [sum(c.receiver == f for c in plan.channels) for f in range(len(plan.names))]
    return min(1 << 24, max(1 << 20, (1 << 25) // max(1, *senders)))
