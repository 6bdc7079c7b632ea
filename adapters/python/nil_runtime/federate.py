"""
The federate's loop, as nodes/federate.ts: deliver what has come, find the window that the horizon and the receivers' credit allow, advance the
adapter over it, send one batch on each out-channel with the promise, record; wait when nothing can be done.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from .assignment import Assignment, channels_of, check_constraints, partition_of
from .errors import NilError
from .events import Inbox, Inlet, Outbox, Outlet, Recorder
from .plugin import Adapter, Context
from .reliable import Endpoint, Publish, Receiver, Sender
from .sync import Clock, Wait, horizon_ns, rules_of, waits_for, window_steps
from .wire import Batch

Command: TypeAlias = Literal["run", "stop"]
# `record`: first and last step, counts, neurons. `log`: the same of all that was emitted, and payloads.
OnRecord: TypeAlias = Callable[[Literal["record", "log"], tuple[Any, ...]], None]

# Batches that begin later than this after the clock stay with the channel, which gives no credit for them.
_AHEAD_STEPS = 1024
_LONGEST_WAIT_MS = 50.0
_CLOSE_MS = 10_000.0


class Mailbox(Protocol):
    def receive(self, endpoint: Endpoint) -> bool:
        """Gives the endpoint what has come, and sends what it said; whether there was news."""

    def wait(self, timeout_ms: float) -> None:
        """Sleeps until something comes."""

    def aborted(self) -> bool:
        """The connection is gone."""


@dataclass
class Report:
    clock_ns: int
    horizon_ns: int
    waits: list[Wait]
    ins: list[tuple[Receiver, int, int]]
    outs: list[tuple[Sender, int]]
    spikes: int
    synaptic_events: int
    simulate_ms: float
    wait_ms: float


class Federate:
    """One adapter in one run. Building it raises NilError for what it can't do."""

    def __init__(
        self,
        assignment: Assignment,
        adapter: Adapter,
        config: dict[str, object],
        publish: Publish,
        max_bytes: int,
        log: Callable[[str], None],
    ) -> None:
        declaration = adapter.declaration
        plan = assignment.plan
        self.assignment = assignment
        self.adapter = adapter
        partition = partition_of(assignment, declaration)
        check_constraints(assignment, partition, declaration)
        self.rules = rules_of(plan, assignment.federate, assignment.window_steps, declaration.lead_steps)
        ins, outs = channels_of(assignment)
        self._inbox = Inbox(assignment, partition, declaration)
        self._outbox = Outbox(assignment, partition, self._inbox)
        plans = {(c.sender, c.receiver): c for c in plan.channels}
        self._inlets = [Inlet(plans[c.sender, c.receiver], partition, assignment.name) for c in ins]
        self._outlets = [Outlet(c, plans[c.sender, c.receiver], assignment, self._outbox) for c in outs]
        self._recorder = Recorder(assignment, partition, self._outbox)
        self._most = min(self._inbox.most_window_steps(), declaration.window_steps or (1 << 20))
        self._queues: list[deque[Batch]] = [deque() for _ in ins]
        self._taken_ns = [plan.start_ns for _ in ins]
        self._promises_ns = [plan.start_ns for _ in ins]
        self._clock_ns = plan.start_ns
        self._waiting = False
        self._simulate_ms = self._wait_ms = 0.0
        self.neurons = self._outbox.neurons
        self.synapses = sum(len(s.sources) for s in partition.synapses)
        # Last, since messages may come from now on.
        self.endpoint = Endpoint(assignment.federate, ins, outs, publish, max_bytes, retain=assignment.retain)
        adapter.open(
            Context(
                name=assignment.name,
                config={**declaration.config, **config},
                dt_ns=plan.dt_ns,
                start_ns=plan.start_ns,
                end_ns=plan.end_ns,
                seed=plan.seed,
                populations=partition.populations,
                sources=partition.sources,
                synapses=partition.synapses,
                step_currents=partition.step_currents,
                emit=self._outbox.emit,
                log=log,
            )
        )

    def run(
        self,
        mailbox: Mailbox,
        command: Callable[[], Command],
        on_report: Callable[[Report], None],
        on_record: OnRecord,
    ) -> bool:
        """To the run's end; False when told to stop before it. What was recorded has been given away when it returns or raises."""
        last_ms = _now_ms()

        def report_when_due() -> None:
            nonlocal last_ms
            if _now_ms() - last_ms >= self.assignment.report_ms:
                last_ms = _now_ms()
                self._flush(on_record)
                on_report(self.report())

        def wait() -> None:
            self._waiting = True
            report_when_due()
            began = _now_ms()
            if not mailbox.receive(self.endpoint):
                mailbox.wait(min(_LONGEST_WAIT_MS, self.assignment.report_ms))
                self.endpoint.waited(_now_ms() - began)
                mailbox.receive(self.endpoint)
            self._wait_ms += _now_ms() - began
            self._waiting = False

        try:
            while self._clock_ns < self.rules.end_ns:
                if self._stopped(mailbox, command):
                    return False
                mailbox.receive(self.endpoint)
                self._deliver()
                steps = window_steps(self.rules, self._clock(), self._most)
                if steps > 0:
                    self._advance(steps)
                    report_when_due()
                else:
                    wait()
            self._flush(on_record)
            # Takes in what others still send, so that they get credit for it.
            while True:
                self._discard()
                if all(taken >= self.rules.end_ns for taken in self._taken_ns):
                    break
                if self._stopped(mailbox, command):
                    return False
                wait()
            self._close(mailbox)
            return True
        finally:
            self._flush(on_record)

    @property
    def events_in(self) -> int:
        """Events that the adapter was given."""
        return self._inbox.events

    @property
    def events_out(self) -> int:
        """Spikes that it emitted."""
        return self._outbox.events

    def report(self) -> Report:
        horizon = min(horizon_ns(self.rules, self._promises_ns), self.rules.end_ns)
        e = self.endpoint
        return Report(
            clock_ns=self._clock_ns,
            horizon_ns=int(horizon),
            waits=waits_for(self.rules, self._clock()) if self._waiting else [],
            ins=[(r, taken, len(q)) for r, taken, q in zip(e.ins, self._taken_ns, self._queues, strict=True)],
            outs=[(s, self._clock_ns) for s in e.outs],
            spikes=self._recorder.spikes,
            synaptic_events=self._inbox.events,
            simulate_ms=self._simulate_ms,
            wait_ms=self._wait_ms,
        )

    def _stopped(self, mailbox: Mailbox, command: Callable[[], Command]) -> bool:
        if command() == "stop":
            return True
        if mailbox.aborted():
            raise NilError(
                "CHANNELS_LOST",
                f"federate {self.assignment.name}: its channels were cut at {self._clock_ns} ns",
            )
        return False

    def _clock(self) -> Clock:
        return Clock(self._clock_ns, self._promises_ns, [s.credit_ns() for s in self.endpoint.outs])

    def _take(self) -> None:
        for i, receiver in enumerate(self.endpoint.ins):
            while (batch := receiver.take()) is not None:
                self._queues[i].append(batch)
                self._taken_ns[i] = batch.end_ns

    def _deliver(self) -> None:
        self._take()
        dt_ns = self.rules.dt_ns
        limit = self._clock_ns + _AHEAD_STEPS * dt_ns
        for i, queue in enumerate(self._queues):
            end_ns = self._promises_ns[i]
            while queue and queue[0].begin_ns < limit:
                batch = queue.popleft()
                self._inlets[i].put(batch, dt_ns, self._inbox)
                end_ns = batch.end_ns
            if end_ns > self._promises_ns[i]:
                self._promises_ns[i] = end_ns
                self.endpoint.ins[i].release(end_ns)

    def _discard(self) -> None:
        self._take()
        for i, receiver in enumerate(self.endpoint.ins):
            self._queues[i].clear()
            self._promises_ns[i] = self._taken_ns[i]
            receiver.release(self._taken_ns[i])

    def _advance(self, steps: int) -> None:
        began = _now_ms()
        from_ns = self._clock_ns
        to_ns = from_ns + steps * self.rules.dt_ns
        events = self._inbox.take(to_ns)
        if events is not None:
            self.adapter.inject(events)
        self.adapter.advance(to_ns, from_ns)
        emission = self._outbox.take(from_ns, to_ns)
        for outlet, sender in zip(self._outlets, self.endpoint.outs, strict=True):
            sender.send(outlet.batch(emission))
        self._recorder.take(emission)
        self._clock_ns = to_ns
        self._simulate_ms += _now_ms() - began

    def _flush(self, on_record: OnRecord) -> None:
        chunk = self._recorder.chunk()
        if chunk is not None:
            on_record("record", chunk)
        log = self._recorder.log()
        if log is not None:
            on_record("log", log)

    def _close(self, mailbox: Mailbox) -> None:
        for receiver in self.endpoint.ins:
            receiver.acknowledge()
        end = _now_ms() + _CLOSE_MS
        while not all(s.is_acknowledged for s in self.endpoint.outs) and _now_ms() < end and not mailbox.aborted():
            began = _now_ms()
            if not mailbox.receive(self.endpoint):
                mailbox.wait(_LONGEST_WAIT_MS)
                self.endpoint.waited(_now_ms() - began)


def _now_ms() -> float:
    return time.monotonic() * 1000
