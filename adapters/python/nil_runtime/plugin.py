"""
What an adapter is: a class with three methods, `open`, `inject` and `advance` (and `close` where there's something to let go of). Everything
else is the SDK's: joining a run, time, promises, flow control, records, errors. The same concepts as adapters/sdk/plugin.ts, with columns
instead of one event at a time.

An adapter owns populations of the graph (`placement: {population: adapter}`). What other populations project to them arrives as events, in one
of two views; what its neurons emit are spikes with stamps, and the synapses that those go through are their targets' owners' business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from .wire import F32, F64, I64, U32

U8: TypeAlias = npt.NDArray[np.uint8]
Direction: TypeAlias = Literal["source", "sink", "both"]
# `spikes`: who spiked when; the device has its own synapses, and gets them at `open`. `synaptic`: what arrives at which neuron, expanded by
# the SDK. `none`: nothing arrives (sources).
InputView: TypeAlias = Literal["none", "spikes", "synaptic"]
Timing: TypeAlias = Literal["on-demand", "real-time", "either"]


@dataclass(frozen=True)
class WeightBits:
    """A weight is a whole number of this many bits times a power of two that all weights of a projection share."""

    bits: int
    signed: bool = True


@dataclass(frozen=True)
class Constraints:
    """What an adapter can hold; what isn't said has no limit. Checked before `open`, which names the constraint that a population breaks."""

    # Neuron models by their names in the graph; `external` (a device's own neurons) has to be named, too.
    models: tuple[str, ...]
    neurons: int | None = None
    # Most synapses onto a neuron, and most on the device that one source neuron reaches.
    fan_in: int | None = None
    fan_out: int | None = None
    synapses: int | None = None
    weight_bits: WeightBits | None = None
    # Inclusive, in the run's steps.
    delay_steps: tuple[int, int] | None = None
    # Inclusive, in ns.
    delay_ns: tuple[int, int] | None = None
    # Lengths of a step: (least, largest, multiple of); 0 is no limit.
    step_ns: tuple[int, int, int] | None = None
    # Kinds of stimuli that it applies to its neurons itself (`step_current`).
    stimuli: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declaration:
    kind: str
    name: str
    version: str
    doc: str
    constraints: Constraints
    direction: Direction = "both"
    input: InputView = "spikes"
    timing: Timing = "on-demand"
    # Keys that its configuration has, and what they default to.
    config: Mapping[str, Any] = field(default_factory=dict)
    # Longest window of one `advance`; 0: as long as delays allow.
    window_steps: int = 0
    # Steps before they act that it has to have its events: a simulator whose inputs pass a device with a delay of one step needs 1. Costs as
    # much of the lookahead.
    lead_steps: int = 0
    # Whether it needs a process of its own: what starts processes itself can't have the federate's threads beside it.
    own_process: bool = False


@dataclass(frozen=True)
class SpikeEvents:
    """
    Columns of events in ascending order of (time, population, neuron). In the `spikes` view `populations` are places in `Context.sources`; in
    the `synaptic` view places in `Context.populations`, and `neurons` the targets.
    """

    populations: U32
    neurons: U32
    # When it spiked, in ns.
    stamps_ns: I64
    # Payloads of graded sources, 1 elsewhere.
    values: F32
    # The `synaptic` view has beside: place in the target's model's ports, weight × payload, and when it acts (ns). Else empty.
    ports: U8
    weights: F64
    arrivals_ns: I64

    def __len__(self) -> int:
        return len(self.neurons)


@dataclass(frozen=True)
class Population:
    """The part [begin, end) of a population that is here. Neurons are always numbered within the whole population."""

    name: str
    model: str
    # Of the whole population.
    size: int
    shape: tuple[int, ...]
    begin: int
    end: int
    # Of neurons [begin, end): one number for all, or one for each. Drawn where the graph has distributions.
    params: Mapping[str, float | F64]
    initial: Mapping[str, float | F64]


@dataclass(frozen=True)
class Source:
    """A population that projects to one that is here; it may be here itself."""

    name: str
    model: str
    size: int
    here: bool
    # Smallest delay to anything here.
    min_delay_ns: int


@dataclass(frozen=True)
class Synapses:
    """Synapses of one projection that end here, as columns, ordered by target."""

    projection: str
    # Places in `Context.sources` and `Context.populations`.
    source: int
    target: int
    # Place in the target's model's ports, for each synapse.
    ports: U8
    sources: U32
    targets: U32
    weights: F64
    delays_ns: I64


@dataclass(frozen=True)
class StepCurrent:
    """Amplitude i holds from times_ns[i] to times_ns[i + 1], for neurons [begin, end)."""

    population: int
    begin: int
    end: int
    times_ns: I64
    amplitudes: F64


# (population, neurons, stamps_ns, values): these neurons of `populations[population]` spiked. Stamps are whole steps.
Emit: TypeAlias = Callable[..., None]


@dataclass(frozen=True)
class Context:
    name: str
    config: Mapping[str, Any]
    dt_ns: int
    start_ns: int
    end_ns: int
    seed: int
    populations: Sequence[Population]
    sources: Sequence[Source]
    # Synapses from everywhere, also those within the device.
    synapses: Sequence[Synapses]
    step_currents: Sequence[StepCurrent]
    emit: Emit
    log: Callable[[str], None]

    @property
    def dt_ms(self) -> float:
        return self.dt_ns / 1e6


class Adapter:
    """Derive from this. `open` is called once for each run, on a new instance; everything is called from one thread."""

    declaration: Declaration

    def open(self, context: Context) -> None:
        """Opens it for a run. What can't be opened raises AdapterError, which names what was found and what would be right."""
        raise NotImplementedError

    def inject(self, events: SpikeEvents) -> None:
        """
        Takes events. All that act at or before the `to_ns` of the next `advance` (and `lead_steps` later) have been given before it: in the
        `spikes` view an event acts at its stamp + the smallest delay of its source, in the `synaptic` view at its arrival.
        """

    def advance(self, to_ns: int, from_ns: int) -> None:
        """Takes its neurons to `to_ns`. Spikes stamped in (from_ns, to_ns] have been given to `emit` when it returns."""
        raise NotImplementedError

    def close(self) -> None:
        """The run has ended, whichever way."""


def no_events() -> SpikeEvents:
    return SpikeEvents(
        np.zeros(0, "u4"),
        np.zeros(0, "u4"),
        np.zeros(0, "i8"),
        np.zeros(0, "f4"),
        np.zeros(0, "u1"),
        np.zeros(0),
        np.zeros(0, "i8"),
    )
