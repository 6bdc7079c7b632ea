"""Leaky integrate-and-fire neurons (iaf_psc_delta of the graph) in numpy: a federate in 30 lines. docs/python.md explains it."""

import math

import numpy as np

from nil_runtime import Adapter, Constraints, Context, Declaration, SpikeEvents


class Lif(Adapter):
    declaration = Declaration(
        kind="lif",
        name="LIF in numpy",
        version="1",
        doc="iaf_psc_delta, computed by numpy",
        input="synaptic",
        constraints=Constraints(models=("iaf_psc_delta",), delay_steps=(1, 1000)),
    )

    def open(self, context: Context) -> None:
        self.run, p = context, context.populations[0].params
        self.decay = math.exp(-context.dt_ms / p["tau_m"])
        self.rest, self.reset, self.threshold = p["E_L"], p["V_reset"], p["V_th"]
        self.hold = round(p["t_ref"] / context.dt_ms)
        size = context.populations[0].end - context.populations[0].begin
        self.v, self.held = np.full(size, self.rest), np.zeros(size, int)
        self.waiting: dict[int, np.ndarray] = {}

    def inject(self, events: SpikeEvents) -> None:
        for when, neuron, weight in zip(events.arrivals_ns, events.neurons, events.weights, strict=True):
            self.waiting.setdefault(int(when), np.zeros(len(self.v)))[neuron - self.run.populations[0].begin] += weight

    def advance(self, to_ns: int, from_ns: int) -> None:
        for now in range(from_ns + self.run.dt_ns, to_ns + 1, self.run.dt_ns):
            arrived, free = self.waiting.pop(now, 0.0), self.held == 0
            self.v = np.where(free, self.rest + (self.decay * (self.v - self.rest) + arrived), self.v)
            self.held = np.where(free, 0, self.held - 1)
            fired = np.flatnonzero(self.v >= self.threshold)
            self.v[fired], self.held[fired] = self.reset, self.hold
            self.run.emit(0, fired + self.run.populations[0].begin, now)
