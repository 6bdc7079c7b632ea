"""What simulators with synapses of their own need: which senders are here and which elsewhere, and when spikes from elsewhere are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import AdapterError
from ..plugin import Context, SpikeEvents, Synapses
from ..wire import BOOL, I64, U32


@dataclass(frozen=True)
class Origin:
    """A source's neurons: [begin, end) are here, and those elsewhere that have synapses here are numbered anew."""

    # Place in `Context.populations`; None where the source isn't here.
    own: int | None
    begin: int
    end: int
    # Neurons elsewhere, ascending; and of each of the source's neurons its place among them, -1 for others.
    remote: U32
    index: I64

    def is_here(self, s: Synapses) -> BOOL:
        return (s.sources >= self.begin) & (s.sources < self.end)


def origin_of(context: Context, place: int, incoming: Sequence[Synapses]) -> Origin:
    """Of `context.sources[place]`, whose synapses here are `incoming`."""
    source = context.sources[place]
    own = next((i for i, p in enumerate(context.populations) if p.name == source.name), None)
    begin, end = (0, 0) if own is None else (context.populations[own].begin, context.populations[own].end)
    remote = np.unique(np.concatenate([s.sources[(s.sources < begin) | (s.sources >= end)] for s in incoming]))
    index = np.full(source.size, -1, "i8")
    index[remote] = np.arange(len(remote))
    return Origin(own, begin, end, remote, index)


def first_arrivals_ns(context: Context, events: SpikeEvents, who: str) -> I64:
    """When each event reaches its first synapse. Raises AdapterError for payloads, which `who` has none of."""
    if not (events.values == 1).all():
        raise AdapterError(f"adapter {context.name}: found a spike with a payload, expected spikes without: {who} has none")
    least: I64 = np.array([s.min_delay_ns for s in context.sources], "i8")
    arrivals: I64 = events.stamps_ns + least[events.populations]
    return arrivals


class Due:
    """Spikes from elsewhere, by the step in which a simulator is to be given them."""

    def __init__(self) -> None:
        self._steps: dict[int, list[tuple[int, U32]]] = {}

    def add(self, events: SpikeEvents, steps: I64) -> None:
        for step in np.unique(steps):
            for place in np.unique(events.populations[steps == step]):
                chosen = events.neurons[(steps == step) & (events.populations == place)]
                self._steps.setdefault(int(step), []).append((int(place), chosen))

    def pop(self, step: int) -> Sequence[tuple[int, U32]]:
        """Places in `Context.sources`, and neurons."""
        return self._steps.pop(step, ())
