"""A federate in Python: a neuron spikes when enough has reached it within a moment, and then begins to count anew."""

from __future__ import annotations

import numpy as np
from nil_runtime import Adapter, Constraints, Context, Declaration, SpikeEvents


class Gate(Adapter):
    declaration = Declaration(
        kind="gate",
        name="Gate",
        version="1.0.0",
        doc="Spikes when so much weight arrived within so many milliseconds.",
        input="synaptic",
        constraints=Constraints(models=("external",), neurons=16),
        config={"least": 5, "window_ms": 20},
    )

    def open(self, context: Context) -> None:
        self._context = context
        self._sums = [np.zeros(p.size) for p in context.populations]
        self._since_ns = [np.zeros(p.size, "i8") for p in context.populations]
        self._waiting: list[tuple[int, int, int, float]] = []

    def inject(self, events: SpikeEvents) -> None:
        columns = (events.arrivals_ns, events.populations, events.neurons, events.weights)
        self._waiting += [(int(t), int(p), int(n), float(w)) for t, p, n, w in zip(*columns)]

    def advance(self, to_ns: int, from_ns: int) -> None:
        config = self._context.config
        for at_ns, p, n, weight in self._waiting:
            if at_ns - self._since_ns[p][n] > config["window_ms"] * 1_000_000:
                self._since_ns[p][n] = at_ns
                self._sums[p][n] = 0
            self._sums[p][n] += weight
            if self._sums[p][n] >= config["least"]:
                self._sums[p][n] = 0
                self._context.emit(p, [n], at_ns)
        self._waiting = []
