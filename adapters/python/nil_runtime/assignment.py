"""What a federate is assigned, from the messages of control.proto and graph.proto to plain data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from .errors import InputError
from .gen import graph_pb2
from .plugin import Declaration, Population, Source, StepCurrent, Synapses
from .reliable import Channel
from .sync import ChannelPlan, Plan, Slice, default_credit_bytes, default_credit_ns
from .wire import F64

# Of every adapter, by adapters/sdk; an adapter that waits for nobody's clock is never late. `python` chose this interpreter.
_SDK_KEYS = frozenset(("kind", "late", "look_ahead", "tolerance", "on_loss", "python"))


# (place, found, expected)
_Fail: TypeAlias = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Assignment:
    run_id: str
    federate: int
    # Of each federate of the plan.
    incarnations: tuple[int, ...]
    graph: Any
    plan: Plan
    expansion: Any
    window_steps: int
    report_ms: float
    credit_ns: int
    credit_bytes: int
    # Its name in the graph: the federate's own, but for instances of an adapter that was split.
    adapter: str
    # Channels stay open after Done until the coordinator says so, and what was sent is kept.
    retain: bool

    @property
    def name(self) -> str:
        return self.plan.names[self.federate]

    @property
    def slices(self) -> tuple[Slice, ...]:
        return self.plan.slices[self.federate]

    def adapter_config(self) -> dict[str, Any]:
        """The block under `adapters` in the graph without the SDK's own keys; {} where there is none."""
        for adapter in self.graph.adapters:
            if adapter.name == self.adapter and adapter.config:
                return own_keys(json.loads(adapter.config))
        return {}


def own_keys(block: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without the keys that every adapter has."""
    return {key: value for key, value in block.items() if key not in _SDK_KEYS}


def assignment_of(message: Any) -> Assignment:
    """Raises InputError for what an adapter in Python can't do."""
    if not message.HasField("plan") or message.federate >= len(message.plan.federates):
        raise InputError("ASSIGN_INVALID", f"run {message.run_id}: an assignment without plan or its federate")
    graph = graph_pb2.Graph()
    graph.ParseFromString(message.graph)
    plan = _plan(message.plan)
    name = plan.names[message.federate]
    if message.HasField("checkpoints"):
        raise InputError(
            "CHECKPOINTS_UNSUPPORTED",
            f"federate {name}: found a run with checkpoints, expected one without: its state can't be saved",
        )
    if message.snapshots or plan.start_ns > 0 or message.start_ns > 0:
        raise InputError(
            "CHECKPOINTS_UNSUPPORTED",
            f"federate {name}: found a run that goes on from a checkpoint, expected a new one",
        )
    return Assignment(
        run_id=message.run_id,
        federate=message.federate,
        incarnations=tuple(message.incarnations) or (message.incarnation,) * len(plan.names),
        graph=graph,
        plan=plan,
        expansion=message.expansion,
        window_steps=message.window_steps,
        report_ms=float(message.report_ms or 250),
        credit_ns=message.transport.credit_ns,
        credit_bytes=message.transport.credit_bytes,
        adapter=message.plan.federates[message.federate].adapter or name,
        retain=message.retain,
    )


def _plan(plan: Any) -> Plan:
    def slices(messages: Any) -> tuple[Slice, ...]:
        return tuple(Slice(s.population, s.begin, s.end) for s in messages)

    return Plan(
        dt_ns=plan.dt_ns,
        duration_ns=plan.duration_ns,
        seed=plan.seed,
        start_ns=plan.start_ns,
        names=tuple(f.name for f in plan.federates),
        slices=tuple(slices(f.slices) for f in plan.federates),
        channels=tuple(
            ChannelPlan(getattr(c, "from"), c.to, c.lookahead_ns, slices(c.spikes), slices(c.signals), c.graded) for c in plan.channels
        ),
    )


def channels_of(assignment: Assignment) -> tuple[list[Channel], list[Channel]]:
    """In-channels and out-channels, in the plan's order."""
    plan, own = assignment.plan, assignment.federate

    def channel(c: ChannelPlan) -> Channel:
        credit_ns = assignment.credit_ns or default_credit_ns(plan.dt_ns, c.lookahead_ns)
        if credit_ns < plan.dt_ns:
            raise InputError("CREDIT_TOO_SMALL", f"credit of {credit_ns} ns: must be at least one step of {plan.dt_ns} ns")
        return Channel(
            run=assignment.run_id,
            sender=c.sender,
            receiver=c.receiver,
            incarnation=assignment.incarnations[c.sender],
            to_incarnation=assignment.incarnations[c.receiver],
            dt_ns=plan.dt_ns,
            start_ns=plan.start_ns,
            end_ns=plan.end_ns,
            neurons=sum(s.size for s in c.spikes),
            signal_width=sum(s.size for s in c.signals),
            graded=c.graded,
            credit_ns=credit_ns,
            credit_bytes=assignment.credit_bytes or default_credit_bytes(plan),
        )

    ins = [channel(c) for c in plan.channels if c.receiver == own]
    outs = [channel(c) for c in plan.channels if c.sender == own]
    return ins, outs


@dataclass(frozen=True)
class Partition:
    """What an adapter owns, in numbers."""

    populations: tuple[Population, ...]
    sources: tuple[Source, ...]
    synapses: tuple[Synapses, ...]
    step_currents: tuple[StepCurrent, ...]
    # Names of ports, by place in `populations`.
    ports: tuple[tuple[str, ...], ...]
    # Place in `populations`, and in `sources`, by the population's number in the graph.
    place: Mapping[int, int]
    source_place: Mapping[int, int]


def partition_of(assignment: Assignment, declaration: Declaration) -> Partition:
    graph, expansion, plan = assignment.graph, assignment.expansion, assignment.plan
    if len(expansion.populations) != len(assignment.slices):
        raise InputError(
            "ASSIGN_INVALID",
            f"federate {assignment.name}: an assignment without its expansion: the coordinator is too old",
        )
    number = {p.name: i for i, p in enumerate(graph.populations)}
    populations = tuple(
        _population(graph.populations[s.population], s, values) for s, values in zip(assignment.slices, expansion.populations, strict=True)
    )
    place = {s.population: i for i, s in enumerate(assignment.slices)}
    synapses: list[tuple[int, int, Any, Synapses]] = []
    least: dict[int, int] = {}
    for p in expansion.projections:
        projection = graph.projections[p.projection]
        source = number[projection.source]
        columns = _synapses(projection.name, place[number[projection.target]], p, plan.dt_ns)
        synapses.append((source, p.projection, projection, columns))
        delay = int(columns.delays_ns.min())
        least[source] = min(least.get(source, delay), delay)
    order = sorted(least)
    source_place = {population: i for i, population in enumerate(order)}
    sources = tuple(
        Source(
            graph.populations[s].name,
            graph.populations[s].model,
            graph.populations[s].size,
            s in place,
            least[s],
        )
        for s in order
    )
    placed = tuple(
        Synapses(c.projection, source_place[s], c.target, c.ports, c.sources, c.targets, c.weights, c.delays_ns) for s, _, _, c in synapses
    )
    return Partition(
        populations=populations,
        sources=sources,
        synapses=placed,
        step_currents=_stimuli(assignment, declaration, place, number),
        ports=tuple(tuple(values.ports) for values in expansion.populations),
        place=place,
        source_place=source_place,
    )


def _population(message: Any, part: Slice, values: Any) -> Population:
    def columns(found: Mapping[str, bytes]) -> dict[str, float | F64]:
        arrays = {name: np.frombuffer(data, "<f8") for name, data in found.items()}
        return {name: float(array[0]) if len(array) == 1 else array for name, array in arrays.items()}

    shape = tuple(message.shape) or (message.size,)
    params, initial = columns(values.params), columns(values.initial)
    # Parameters of a device's own neurons are free: no model says what there is to expand.
    params = {**_stated(message.params, part, f"populations.{message.name}.params", params), **params}
    initial = {**_stated(message.initial, part, f"populations.{message.name}.initial", initial), **initial}
    return Population(message.name, message.model, message.size, shape, part.begin, part.end, params, initial)


def _stated(found: Mapping[str, Any], part: Slice, place: str, expanded: Mapping[str, object]) -> dict[str, float | F64]:
    """Numbers and lists of a graph; a distribution can't be drawn here."""
    stated: dict[str, float | F64] = {}
    for name, value in found.items():
        kind = value.WhichOneof("kind")
        if name in expanded:
            continue
        if kind not in ("constant", "array"):
            raise InputError(
                "ADAPTER_CONSTRAINT", f"{place}.{name}: found a distribution, expected a number or a list for a device's neurons"
            )
        stated[name] = value.constant if kind == "constant" else np.frombuffer(value.array, "<f8")[part.begin : part.end]
    return stated


def _synapses(name: str, target: int, message: Any, dt_ns: int) -> Synapses:
    sources = np.frombuffer(message.sources, "<u4")

    def full(data: bytes, dtype: str) -> Any:
        column = np.frombuffer(data, dtype)
        return np.repeat(column, len(sources)) if len(column) == 1 else column

    return Synapses(
        projection=name,
        source=0,
        target=target,
        ports=full(message.ports, "u1"),
        sources=sources,
        targets=np.frombuffer(message.targets, "<u4"),
        weights=full(message.weights, "<f8"),
        delays_ns=full(message.delay_steps, "<u4").astype("i8") * dt_ns,
    )


def _stimuli(
    assignment: Assignment, declaration: Declaration, place: Mapping[int, int], number: Mapping[str, int]
) -> tuple[StepCurrent, ...]:
    found: list[StepCurrent] = []
    for i, stimulus in enumerate(assignment.graph.stimuli):
        population = number[stimulus.target]
        if population not in place:
            continue
        kind = stimulus.WhichOneof("kind")
        if kind not in declaration.constraints.stimuli or kind != "step_current":
            known = ", ".join(declaration.constraints.stimuli) or "none"
            raise InputError(
                "ADAPTER_CONSTRAINT",
                f"stimuli[{i}]: found {kind} on {stimulus.target}, which is on adapter {assignment.name} ({declaration.kind}); "
                f"expected one of its own stimuli ({known}), or a source population on a worker that projects to it",
            )
        s = stimulus.step_current
        size = assignment.graph.populations[population].size
        begin, end = (s.range.begin, s.range.end) if s.HasField("range") else (0, size)
        # Times are float64 in the graph's message.
        times = np.frombuffer(s.times_ns, "<f8").astype("i8")
        found.append(StepCurrent(place[population], begin, end, times, np.frombuffer(s.amplitudes, "<f8")))
    return tuple(found)


def check_constraints(assignment: Assignment, partition: Partition, declaration: Declaration) -> None:
    """Raises InputError ADAPTER_CONSTRAINT for the first constraint that a population or projection breaks."""
    c, dt = declaration.constraints, assignment.plan.dt_ns
    who = f"adapter {assignment.name} ({declaration.kind})"

    def fail(place: str, found: str, expected: str) -> None:
        raise InputError("ADAPTER_CONSTRAINT", f"{place}: found {found}, expected {expected}, which is what {who} can do")

    for p in partition.populations:
        if p.model not in c.models and "*" not in c.models:
            fail(f"populations.{p.name}", f"model {p.model}", f"one of {', '.join(c.models)}")
    neurons = sum(p.end - p.begin for p in partition.populations)
    if c.neurons is not None and neurons > c.neurons:
        fail(
            f"populations.{partition.populations[0].name}",
            f"{neurons} neurons in all",
            f"at most {c.neurons}",
        )
    if c.step_ns is not None:
        least, most, multiple = c.step_ns
        if dt < least or (most and dt > most) or (multiple and dt % multiple):
            fail(
                "dt",
                f"{dt} ns",
                f"{least} to {most or 'any'} ns" + (f" in multiples of {multiple}" if multiple else ""),
            )
    if c.synapses is not None and (count := sum(len(s.sources) for s in partition.synapses)) > c.synapses:
        fail("projections", f"{count} synapses in all", f"at most {c.synapses}")
    _check_fans(partition, declaration, fail)
    for s in partition.synapses:
        _check_projection(s, declaration, dt, fail)


def _check_fans(partition: Partition, declaration: Declaration, fail: _Fail) -> None:
    c = declaration.constraints
    into = [(p.name, [s.targets for s in partition.synapses if s.target == i]) for i, p in enumerate(partition.populations)]
    out = [(p.name, [s.sources for s in partition.synapses if s.source == i]) for i, p in enumerate(partition.sources)]
    for most, word, ends in ((c.fan_in, "onto", into), (c.fan_out, "from", out)):
        for name, here in ends:
            if most is None or not here:
                continue
            counts = np.bincount(np.concatenate(here), minlength=1)
            if counts.max() > most:
                fail(f"populations.{name}", f"{counts.max()} synapses {word} neuron {counts.argmax()}", f"at most {most}")


def _check_projection(s: Synapses, declaration: Declaration, dt: int, fail: _Fail) -> None:
    c = declaration.constraints
    place = f"projections.{s.projection}"
    least, most = int(s.delays_ns.min()), int(s.delays_ns.max())
    for limits, unit, scale in ((c.delay_steps, "steps", dt), (c.delay_ns, "ns", 1)):
        if limits is None:
            continue
        bad = least if least < limits[0] * scale else most if most > limits[1] * scale else None
        if bad is not None:
            fail(f"{place}.delay", f"{bad // scale} {unit}", f"{limits[0]} to {limits[1]} {unit}")
    if c.weight_bits is not None:
        bits = c.weight_bits.bits - (1 if c.weight_bits.signed else 0)
        if not c.weight_bits.signed and float(s.weights.min()) < 0:
            fail(f"{place}.weight", f"{s.weights.min():g}", "no negative weight")
        if (needed := bits_of(s.weights)) > bits:
            kind = "signed" if c.weight_bits.signed else "unsigned"
            fail(
                f"{place}.weight",
                f"weights of {needed + c.weight_bits.signed} bits",
                f"{c.weight_bits.bits} bits, {kind}",
            )


def bits_of(weights: Sequence[float] | F64) -> int:
    """Bits of magnitude that whole numbers times one power of two need for these weights; 54 where more than a float64 has."""
    found = np.unique(np.abs(np.asarray(weights, "f8")))
    found = found[found > 0]
    if len(found) == 0:
        return 0
    mantissas, exponents = np.frexp(found)
    whole = (mantissas * 2.0**53).astype(np.uint64)
    trailing = np.array([(int(w) & -int(w)).bit_length() - 1 for w in whole])
    lowest = int((exponents - 53 + trailing).min())
    return min(54, int(exponents.max()) - lowest)
