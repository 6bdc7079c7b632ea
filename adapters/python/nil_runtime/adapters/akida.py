"""
Layers of BrainChip's Akida as populations: a neuron adds up the events of a step and fires where they exceed its threshold. Computed by the akida
package's own engine, and held against a virtual AKD1000: what the chip couldn't hold is an error. docs/adapters/akida.md.
"""

from __future__ import annotations

from typing import Any

import akida
import numpy as np

from ..errors import AdapterError
from ..plugin import Adapter, Constraints, Context, Declaration, Population, SpikeEvents, Synapses, WeightBits

# Events of one neuron in a step: an input has four bits.
_MOST_EVENTS = 15
# Of 4 bits, in the 8 MiB of an AKD1000 or AKD1500.
_MOST_WEIGHTS = 16 << 20
_CHIPS = {"AKD1000": "AKD1000", "AKD1500": "AKD1500_v1"}


class _Layer:
    """A population as a fully connected layer over all neurons that project to it."""

    def __init__(self, population: Population, synapses: list[Synapses], context: Context) -> None:
        self.population = population
        sources = sorted({s.source for s in synapses})
        sizes = [context.sources[s].size for s in sources]
        # Place of each source's first neuron among the inputs.
        self.first = dict(zip(sources, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
        self.delays = {s: _delay(s, synapses, context) for s in sources}
        self.inputs = sum(sizes)
        self.threshold = self._thresholds(population)
        units = population.end - population.begin
        if self.inputs * units > _MOST_WEIGHTS:
            raise AdapterError(
                f"populations.{population.name}: found {self.inputs} inputs and {units} neurons, expected at most {_MOST_WEIGHTS} weights, "
                "which is all that a chip's 8 MiB can hold"
            )
        weights = np.zeros((self.inputs, population.end - population.begin), np.int64)
        for s in synapses:
            np.add.at(weights, (s.sources + self.first[s.source], s.targets - population.begin), _whole(s))
        limit = 7
        if np.abs(weights).max(initial=0) > limit:
            raise AdapterError(
                f"populations.{population.name}: found a weight of {np.abs(weights).max()} in all between two neurons, expected at most {limit}"
            )
        self.model = akida.Model()
        self.model.add(akida.InputData((1, 1, self.inputs), input_bits=4, name=f"{population.name}_in"))
        layer = akida.FullyConnected(units=units, weights_bits=4, activation=True, act_bits=1, name=population.name)
        self.model.add(layer)
        layer.set_variable("weights", weights.reshape(1, 1, self.inputs, units).astype(np.int8))
        layer.set_variable("threshold", self.threshold)

    def fired(self, counts: Any) -> Any:
        return np.flatnonzero(self.model.forward(counts.reshape(1, 1, 1, self.inputs).astype(np.uint8)))

    def check_fits(self, chip: Any, name: str) -> None:
        """Raises AdapterError for a layer that doesn't fit. A model that is mapped runs on hardware only: a copy is."""
        copy = akida.Model.from_dict(self.model.to_dict())
        try:
            copy.map(chip, hw_only=True)
        except Exception as error:
            text = f"populations.{self.population.name}: found {self.inputs} inputs and {len(self.threshold)} neurons, expected what {name} holds"
            raise AdapterError(f"{text} ({' '.join(str(error).split())})") from error

    def _thresholds(self, p: Population) -> Any:
        unknown = sorted(set(p.params) - {"threshold"})
        if unknown:
            raise AdapterError(f"populations.{p.name}.params.{unknown[0]}: found an unknown parameter, expected threshold only")
        values = np.asarray(p.params.get("threshold", 0.0), "f8")
        # Of a step without events nothing comes: the engine works on events.
        if (values != np.rint(values)).any() or values.min() < 0 or values.max() >= 1 << 19:
            raise AdapterError(f"populations.{p.name}.params.threshold: found {values.flat[0]:g}, expected whole numbers from 0 to 524287")
        return np.broadcast_to(values, p.end - p.begin).astype(np.int32)


class Akida(Adapter):
    declaration = Declaration(
        kind="akida",
        name="BrainChip Akida (virtual AKD1000)",
        version=str(akida.__version__),
        doc="A population as a fully connected layer of Akida: fires where a step's events exceed a threshold. 4-bit weights.",
        input="spikes",
        constraints=Constraints(models=("external",), weight_bits=WeightBits(4, signed=True), delay_steps=(1, 1 << 16)),
        config={"chip": "AKD1000"},
    )

    def open(self, context: Context) -> None:
        self._context = context
        chip = context.config["chip"]
        if chip not in _CHIPS or not hasattr(akida, _CHIPS[chip]):
            raise AdapterError(f"adapters.{context.name}.chip: found {chip}, expected one of {', '.join(_CHIPS)}")
        self._layers = []
        for i, p in enumerate(context.populations):
            incoming = [s for s in context.synapses if s.target == i]
            if not incoming:
                raise AdapterError(f"populations.{p.name}: found no projection onto it, expected one: a layer has inputs")
            self._layers.append(_Layer(p, incoming, context))
        for layer in self._layers:
            layer.check_fits(getattr(akida, _CHIPS[chip])(), chip)
        own = {p.name: i for i, p in enumerate(context.populations)}
        # Sources of each population here, which get its spikes back.
        self._back = [[s for s, source in enumerate(context.sources) if own.get(source.name) == i] for i in range(len(own))]
        # Counts of events by (step that they act in, layer).
        self._counts: dict[tuple[int, int], Any] = {}

    def inject(self, events: SpikeEvents) -> None:
        for place in np.unique(events.populations):
            chosen = events.populations == place
            self._add(int(place), events.neurons[chosen], events.stamps_ns[chosen] // self._context.dt_ns, events.values[chosen])

    def advance(self, to_ns: int, from_ns: int) -> None:
        dt_ns = self._context.dt_ns
        for step in range(from_ns // dt_ns + 1, to_ns // dt_ns + 1):
            for i, layer in enumerate(self._layers):
                counts = self._counts.pop((step, i), None)
                if counts is None:
                    continue
                if counts.max() > _MOST_EVENTS:
                    raise AdapterError(
                        f"populations.{layer.population.name}: found {counts.max()} events of a neuron in a step, expected 15 at most"
                    )
                fired = layer.fired(counts) + layer.population.begin
                if len(fired) > 0:
                    self._context.emit(i, fired, step * dt_ns)
                    for source in self._back[i]:
                        self._add(source, fired, np.full(len(fired), step), np.ones(len(fired)))

    def _add(self, place: int, neurons: Any, steps: Any, values: Any) -> None:
        """Spikes of a source, by the step that they are stamped with."""
        if (values != np.rint(values)).any() or (values < 0).any():
            raise AdapterError(
                f"adapter {self._context.name}: found a payload that is no whole number of events, expected one: inputs have 4 bits"
            )
        for i, layer in enumerate(self._layers):
            if place not in layer.first:
                continue
            acts = steps + layer.delays[place]
            for step in np.unique(acts):
                counts = self._counts.setdefault((int(step), i), np.zeros(layer.inputs, np.int64))
                chosen = acts == step
                np.add.at(counts, neurons[chosen].astype(np.int64) + layer.first[place], values[chosen].astype(np.int64))


def _delay(source: int, synapses: list[Synapses], context: Context) -> int:
    here = [s for s in synapses if s.source == source]
    delays = np.unique(np.concatenate([s.delays_ns for s in here]))
    if len(delays) > 1:
        raise AdapterError(
            f"projections.{here[0].projection}.delay: found {len(delays)} different ones, expected one: a layer has no delays of its own"
        )
    return int(delays[0] // context.dt_ns)


def _whole(s: Synapses) -> Any:
    if (s.weights != np.rint(s.weights)).any():
        raise AdapterError(f"projections.{s.projection}.weight: found {s.weights[0]:g}, expected whole numbers from -7 to 7")
    return s.weights.astype(np.int64)
