"""
Columns of events between channels and an adapter: what comes is numbered by population and kept until it acts, what the adapter emits is
numbered for each channel and for the recorder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .assignment import Assignment, Partition
from .errors import InputError, NilError
from .plugin import Declaration, SpikeEvents
from .reliable import Channel
from .sync import ChannelPlan, Slice
from .wire import BOOL, F32, F64, I64, U32, Batch

_COLUMNS = (("acts", "i8"), ("populations", "u4"), ("neurons", "u4"), ("stamps", "i8"), ("values", "f4"))
_SYNAPTIC = (("ports", "u1"), ("weights", "f8"))


@dataclass(frozen=True)
class _Outgoing:
    """Synapses here of one source population, by source neuron."""

    starts: I64
    targets: U32
    neurons: U32
    ports: U32
    weights: F64
    delays_ns: I64


class Inbox:
    """What was delivered and doesn't act yet."""

    def __init__(self, assignment: Assignment, partition: Partition, declaration: Declaration) -> None:
        self._partition = partition
        self._synaptic = declaration.input == "synaptic"
        self._lead_ns = declaration.lead_steps * assignment.plan.dt_ns
        self._dt_ns = assignment.plan.dt_ns
        self._names = [name for name, _ in (*_COLUMNS, *(_SYNAPTIC if self._synaptic else ()))]
        dtypes = [dtype for _, dtype in (*_COLUMNS, *(_SYNAPTIC if self._synaptic else ()))]
        self._none = [np.zeros(0, dtype) for dtype in dtypes]
        self._fresh: list[list[np.ndarray]] = []
        self._kept: list[np.ndarray] = self._none
        self._least_ns = np.array([s.min_delay_ns for s in partition.sources], "i8")
        self._outgoing = [_outgoing(partition, i) for i in range(len(partition.sources))] if self._synaptic else []
        self._own = _own_sources(partition)
        self._concerned = [_concerned(partition, i) for i in range(len(partition.sources))]
        self.events = 0

    def most_window_steps(self) -> int:
        """Own spikes come back through own synapses after their delay at least, where the SDK expands them."""
        if not self._synaptic:
            return 1 << 20
        here = [s for s in self._partition.sources if s.here]
        most = min((s.min_delay_ns - self._lead_ns for s in here), default=self._dt_ns << 20)
        if most < self._dt_ns:
            names = ", ".join(s.name for s in here)
            raise InputError(
                "DELAY_TOO_SHORT",
                f"projections from {names} onto the same adapter: found a delay of {most + self._lead_ns} ns, "
                f"expected at least {self._dt_ns + self._lead_ns} ns",
            )
        return int(most // self._dt_ns)

    def put(self, sources: U32, neurons: U32, stamps_ns: I64, values: F32) -> None:
        """Spikes of populations with synapses here, by place in `Partition.sources`."""
        if len(neurons) == 0:
            return
        if not self._synaptic:
            chosen = np.zeros(len(neurons), bool)
            for source in np.unique(sources):
                of = sources == source
                chosen[of] = self._concerned[source][neurons[of]]
            columns = [stamps_ns + self._least_ns[sources], sources, neurons, stamps_ns, values]
            self._fresh.append([column[chosen] for column in columns])
            return
        for source in np.unique(sources):
            chosen = sources == source
            self._expand(self._outgoing[source], neurons[chosen], stamps_ns[chosen], values[chosen])

    def put_own(self, population: int, neurons: U32, stamps_ns: I64, values: F32) -> None:
        """Spikes of a population that is here, by place in `Partition.populations`."""
        source = self._own.get(population)
        if self._synaptic and source is not None:
            self._expand(self._outgoing[source], neurons, stamps_ns, values)

    def _expand(self, out: _Outgoing, neurons: U32, stamps: I64, values: F32) -> None:
        first, counts = out.starts[neurons], out.starts[neurons.astype("i8") + 1] - out.starts[neurons]
        total = int(counts.sum())
        if total == 0:
            return
        ends = np.cumsum(counts)
        at = np.arange(total) - np.repeat(ends - counts - first, counts)
        stamp, value = np.repeat(stamps, counts), np.repeat(values, counts)
        acts = stamp + out.delays_ns[at]
        columns = [
            acts,
            out.targets[at],
            out.neurons[at],
            stamp,
            value,
            out.ports[at],
            out.weights[at] * value,
        ]
        self._fresh.append(columns)

    def take(self, to_ns: int) -> SpikeEvents | None:
        """Everything that acts at or before `to_ns` (or as many steps later as the adapter leads), in order; None for nothing."""
        limit = to_ns + self._lead_ns
        if self._fresh:
            parts = [self._kept, *self._fresh]
            merged = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
            order = np.lexsort((merged[2], merged[1], merged[0]))
            self._kept = [column[order] for column in merged]
            self._fresh = []
        acts = self._kept[0]
        count = int(np.searchsorted(acts, limit, side="right"))
        if count == 0:
            return None
        taken = [column[:count] for column in self._kept]
        self._kept = [column[count:] for column in self._kept]
        self.events += count
        acts, populations, neurons, stamps, values = taken[:5]
        if not self._synaptic:
            order = np.lexsort((neurons, populations, stamps))
            none = (np.zeros(0, "u1"), np.zeros(0), np.zeros(0, "i8"))
            return SpikeEvents(populations[order], neurons[order], stamps[order], values[order], *none)
        return SpikeEvents(populations, neurons, stamps, values, taken[5].astype("u1"), taken[6], acts)


def _outgoing(partition: Partition, source: int) -> _Outgoing:
    here = [s for s in partition.synapses if s.source == source]
    neurons = np.concatenate([s.sources for s in here])
    order = np.argsort(neurons, kind="stable")
    counts = np.bincount(neurons, minlength=partition.sources[source].size)
    return _Outgoing(
        starts=np.concatenate([[0], np.cumsum(counts)]).astype("i8"),
        targets=np.concatenate([np.full(len(s.sources), s.target, "u4") for s in here])[order],
        neurons=np.concatenate([s.targets for s in here])[order],
        ports=np.concatenate([s.ports for s in here]).astype("u4")[order],
        weights=np.concatenate([s.weights for s in here])[order],
        delays_ns=np.concatenate([s.delays_ns for s in here])[order],
    )


def _concerned(partition: Partition, source: int) -> BOOL:
    """Which of a source population's neurons have a synapse here: spikes of others are nobody's."""
    found = np.zeros(partition.sources[source].size, bool)
    for s in partition.synapses:
        if s.source == source:
            found[s.sources] = True
    return found


def _own_sources(partition: Partition) -> dict[int, int]:
    """Place in sources of each population here that projects to one here."""
    return {here: partition.source_place[number] for number, here in partition.place.items() if number in partition.source_place}


class Inlet:
    """From the numbers of one channel to those of populations."""

    def __init__(self, channel: ChannelPlan, partition: Partition, name: str) -> None:
        if channel.signals:
            raise InputError(
                "ADAPTER_SIGNALS",
                f"adapter {name}: found a projection that carries signals (continuous values), expected spikes",
            )
        known = [s for s in channel.spikes if s.population in partition.source_place]
        if len(known) != len(channel.spikes):
            raise InputError("ASSIGN_INVALID", f"adapter {name}: a channel carries a population without synapses here")
        places = [np.full(s.size, partition.source_place[s.population], "u4") for s in known]
        self._sources = np.concatenate([*places, np.zeros(0, "u4")])
        self._neurons = np.concatenate([*(np.arange(s.begin, s.end, dtype="u4") for s in known), np.zeros(0, "u4")])

    def put(self, batch: Batch, dt_ns: int, inbox: Inbox) -> None:
        if len(batch.neurons) == 0:
            return
        steps = np.repeat(np.arange(1, batch.steps + 1, dtype="i8"), batch.counts)
        values = np.ones(len(batch.neurons), "f4") if batch.values is None else batch.values
        inbox.put(self._sources[batch.neurons], self._neurons[batch.neurons], batch.begin_ns + steps * dt_ns, values)


@dataclass(frozen=True)
class Emission:
    """Spikes of steps after `begin_ns`, numbered within the federate, ascending within a step."""

    begin_ns: int
    end_ns: int
    counts: U32
    neurons: U32
    values: F32


class Outbox:
    """What the adapter emitted and wasn't sent yet: stamps may lie after the window."""

    def __init__(self, assignment: Assignment, partition: Partition, inbox: Inbox) -> None:
        self._dt_ns = assignment.plan.dt_ns
        self._who = assignment.name
        self._partition = partition
        self._inbox = inbox
        sizes = [p.end - p.begin for p in partition.populations]
        self.first = np.concatenate([[0], np.cumsum(sizes)]).astype("i8")
        self.neurons = int(self.first[-1])
        self.promised_ns = assignment.plan.start_ns
        self.events = 0
        self._fresh: list[tuple[I64, I64, F32]] = []

    def emit(
        self,
        population: int,
        neurons: Sequence[int] | np.ndarray,
        stamps_ns: int | Sequence[int] | np.ndarray,
        values: float | Sequence[float] | np.ndarray = 1.0,
    ) -> None:
        """`Context.emit`. Stamps are rounded up to whole steps."""
        numbers = np.atleast_1d(np.asarray(neurons)).astype("i8")
        if len(numbers) == 0:
            return
        p = self._partition.populations[population]
        if numbers.min() < p.begin or numbers.max() >= p.end:
            raise NilError(
                "ADAPTER_EMITS",
                f"adapter {self._who}: a spike of neuron {numbers.max()} of {p.name}, which isn't here",
            )
        stamps = np.broadcast_to(np.asarray(stamps_ns, "i8"), numbers.shape)
        stamps = -(-stamps // self._dt_ns) * self._dt_ns
        if stamps.min() <= self.promised_ns:
            raise NilError(
                "ADAPTER_LATE",
                f"adapter {self._who}: a spike stamped {stamps.min()} ns, after it had promised {self.promised_ns} ns",
            )
        payloads = np.broadcast_to(np.asarray(values, "f4"), numbers.shape)
        self.events += len(numbers)
        self._fresh.append((stamps, numbers - p.begin + self.first[population], payloads))
        self._inbox.put_own(population, numbers.astype("u4"), stamps, payloads)

    def take(self, begin_ns: int, end_ns: int) -> Emission:
        self.promised_ns = end_ns
        steps = (end_ns - begin_ns) // self._dt_ns
        if not self._fresh:
            return Emission(begin_ns, end_ns, np.zeros(steps, "u4"), np.zeros(0, "u4"), np.zeros(0, "f4"))
        stamps, neurons, values = (np.concatenate(c) for c in zip(*self._fresh, strict=True))
        later = stamps > end_ns
        self._fresh = [(stamps[later], neurons[later], values[later])] if later.any() else []
        stamps, neurons, values = stamps[~later], neurons[~later], values[~later]
        order = np.lexsort((neurons, stamps))
        rows = (stamps[order] - begin_ns) // self._dt_ns - 1
        counts = np.bincount(rows, minlength=steps).astype("u4")
        return Emission(begin_ns, end_ns, counts, neurons[order].astype("u4"), values[order])


class Outlet:
    """What a channel carries of an emission."""

    def __init__(self, channel: Channel, plan: ChannelPlan, assignment: Assignment, outbox: Outbox) -> None:
        if plan.signals:
            raise InputError(
                "ADAPTER_SIGNALS",
                f"adapter {assignment.name}: found a projection of signals, expected spikes",
            )
        self._channel = channel
        self._numbers = np.full(outbox.neurons, -1, "i8")
        at = 0
        for carried in plan.spikes:
            self._numbers[_local(assignment.slices, carried, outbox)] = np.arange(at, at + carried.size)
            at += carried.size
        own = self._numbers[self._numbers >= 0]
        self._ascending = bool((np.diff(own) > 0).all())

    def batch(self, emission: Emission) -> Batch:
        numbers = self._numbers[emission.neurons]
        chosen = numbers >= 0
        counts = emission.counts
        if not chosen.all():
            rows = np.repeat(np.arange(len(counts)), counts)[chosen]
            counts = np.bincount(rows, minlength=len(counts)).astype("u4")
        numbers, values = numbers[chosen], emission.values[chosen]
        if not self._ascending:
            order = np.lexsort((numbers, np.repeat(np.arange(len(counts)), counts)))
            numbers, values = numbers[order], values[order]
        c = self._channel
        graded = values if c.graded else None
        return Batch(
            c.sender,
            c.receiver,
            0,
            0,
            emission.begin_ns,
            emission.end_ns,
            counts,
            numbers.astype("u4"),
            graded,
        )


def _local(slices: Sequence[Slice], carried: Slice, outbox: Outbox) -> slice:
    for i, own in enumerate(slices):
        if own.population == carried.population and own.begin <= carried.begin and carried.end <= own.end:
            first = int(outbox.first[i]) + carried.begin - own.begin
            return slice(first, first + carried.size)
    raise NilError("PLAN_INVALID", f"a channel carries neurons of population {carried.population} that aren't here")


class Recorder:
    """Recorded spikes since the last chunk: those that the graph's recordings name; without any, of every population that isn't a source."""

    def __init__(self, assignment: Assignment, partition: Partition, outbox: Outbox) -> None:
        self._dt_ns = assignment.plan.dt_ns
        self._kept = np.zeros(outbox.neurons, bool)
        self.spikes = 0
        self._begin_ns = self._end_ns = assignment.plan.start_ns
        self._counts: list[U32] = []
        self._neurons: list[U32] = []
        self._emitted: list[Emission] = []
        number = {p.name: i for i, p in enumerate(assignment.graph.populations)}
        wanted = [r for r in assignment.graph.recordings if r.WhichOneof("kind") == "spikes"]
        for i, (own, values) in enumerate(zip(assignment.slices, assignment.expansion.populations, strict=True)):
            base = int(outbox.first[i]) - own.begin
            ranges = [
                (r.range.begin, r.range.end) if r.HasField("range") else (0, partition.populations[i].size)
                for r in wanted
                if number[r.population] == own.population
            ]
            if not wanted and values.emits_spikes and not values.is_source:
                ranges = [(own.begin, own.end)]
            for begin, end in ranges:
                self._kept[base + max(begin, own.begin) : base + max(min(end, own.end), own.begin)] = True
        state = [r for r in assignment.graph.recordings if r.WhichOneof("kind") == "state" and number[r.population] in partition.place]
        if state:
            raise InputError(
                "RECORDING_UNSUPPORTED",
                f"recordings: found state of {state[0].population}, which is on adapter {assignment.name}; expected spikes there",
            )

    def take(self, emission: Emission) -> None:
        chosen = self._kept[emission.neurons]
        rows = np.repeat(np.arange(len(emission.counts)), emission.counts)[chosen]
        self._counts.append(np.bincount(rows, minlength=len(emission.counts)).astype("<u4"))
        self._neurons.append(emission.neurons[chosen].astype("<u4"))
        self.spikes += int(chosen.sum())
        self._emitted.append(emission)
        self._end_ns = emission.end_ns

    def log(self) -> tuple[int, int, bytes, bytes, bytes] | None:
        """All that was emitted since the last time, recorded or not: first and last step, counts, neurons, payloads (where there are any)."""
        if not self._emitted:
            return None
        emitted, self._emitted = self._emitted, []
        counts = np.concatenate([e.counts for e in emitted]).astype("<u4")
        neurons = np.concatenate([e.neurons for e in emitted]).astype("<u4")
        values = np.concatenate([e.values for e in emitted]).astype("<f4")
        payloads = b"" if bool((values == 1).all()) else values.tobytes()
        begin, end = emitted[0].begin_ns // self._dt_ns, emitted[-1].end_ns // self._dt_ns
        return begin, end, counts.tobytes(), neurons.tobytes(), payloads

    def chunk(self) -> tuple[int, int, bytes, bytes] | None:
        """First and last step, counts and neurons; None when no step has passed."""
        if self._end_ns == self._begin_ns:
            return None
        counts, neurons = np.concatenate(self._counts), np.concatenate(self._neurons)
        begin, end = self._begin_ns // self._dt_ns, self._end_ns // self._dt_ns
        self._counts, self._neurons = [], []
        self._begin_ns = self._end_ns
        return begin, end, counts.tobytes(), neurons.tobytes()
