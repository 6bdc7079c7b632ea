"""
Populations simulated by NEST, in one run with those of workers and devices. NEST keeps its own neuron models, synapses and delays; spikes
that come from elsewhere reach it through generators. docs/adapters/nest.md.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import AdapterError
from ..plugin import Adapter, Constraints, Context, Declaration, Population, SpikeEvents, Synapses
from .origin import first_arrivals_ns, origin_of

os.environ.setdefault("PYNEST_QUIET", "1")

import nest

_GRAPH_MODELS = ("iaf_psc_delta", "iaf_psc_exp", "iaf_psc_alpha", "external")
# Parameters that are booleans in NEST and 0 or 1 in a graph.
_BOOLEANS = frozenset(("refractory_input",))
_NS = 1e6
# Reading a recorder copies all that it has.
_RECORDER_EVENTS = 10_000


class Nest(Adapter):
    declaration = Declaration(
        kind="nest",
        name="NEST",
        version=str(nest.__version__),
        doc="A population simulated by NEST, with NEST's own models, synapses and delays.",
        input="spikes",
        constraints=Constraints(models=_GRAPH_MODELS, delay_steps=(1, 1 << 20), step_ns=(1000, 0, 1000), stimuli=("step_current",)),
        # threads; for populations of model `external`, the NEST model and its parameters, by population.
        config={"threads": 1, "seed": 1, "models": {}, "params": {}},
        # A generator's events pass a connection, which has a delay of one step at least.
        lead_steps=1,
    )

    def open(self, context: Context) -> None:
        self._context = context
        self._dt_ms = context.dt_ns / _NS
        nest.ResetKernel()
        _be_quiet()
        nest.set(
            resolution=self._dt_ms,
            local_num_threads=int(context.config["threads"]),
            rng_seed=int(context.config["seed"]),
            print_time=False,
        )
        self._nodes = [self._create(p) for p in context.populations]
        self._first = np.array([nodes[0].global_id for nodes in self._nodes])
        self._generators: list[Any] = [None] * len(context.sources)
        for place, source in enumerate(context.sources):
            incoming = [s for s in context.synapses if s.source == place]
            self._connect(place, source.min_delay_ns, incoming)
        for current in context.step_currents:
            self._inject_current(current)
        self._recorder = nest.Create("spike_recorder", params={"time_in_steps": True})
        for nodes in self._nodes:
            nest.Connect(nodes, self._recorder)
        nest.Prepare()
        self._prepared = True
        self._read = 0

    def inject(self, events: SpikeEvents) -> None:
        # The event acts one connection delay (a step) after the generator's spike.
        fires = first_arrivals_ns(self._context, events, "NEST") - self._context.dt_ns
        keys = (events.populations.astype("i8") << 32) | events.neurons
        order = np.lexsort((fires, keys))
        keys, times = keys[order], fires[order]
        starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        for begin, end in zip(starts, [*starts[1:], len(keys)], strict=True):
            when, counts = np.unique(times[begin:end], return_counts=True)
            generators, index = self._generators[keys[begin] >> 32]
            generator = generators[int(index[keys[begin] & 0xFFFFFFFF])]
            generator.set(spike_times=when / _NS, spike_multiplicities=counts)

    def advance(self, to_ns: int, from_ns: int) -> None:
        nest.Run((to_ns - from_ns) / _NS)
        count = int(self._recorder.n_events)
        if count == self._read:
            return
        events = self._recorder.events
        stamps = np.asarray(events["times"]).astype("i8") * self._context.dt_ns
        # Each thread of NEST has its own list, one after the other.
        fresh = stamps > from_ns
        senders, stamps = np.asarray(events["senders"])[fresh], stamps[fresh]
        self._read = count
        if count >= _RECORDER_EVENTS:
            # A recorder can be emptied between Cleanup and Prepare only; what is under way stays as it is.
            nest.Cleanup()
            self._recorder.n_events = self._read = 0
            nest.Prepare()
        places = np.searchsorted(self._first, senders, side="right") - 1
        for place, p in enumerate(self._context.populations):
            mine = places == place
            if mine.any():
                self._context.emit(place, senders[mine] - self._first[place] + p.begin, stamps[mine])

    def close(self) -> None:
        if getattr(self, "_prepared", False):
            nest.Cleanup()

    def _create(self, p: Population) -> Any:
        size = p.end - p.begin
        model = p.model
        params: dict[str, Any] = dict(p.params)
        if model == "external":
            model = self._context.config["models"].get(p.name)
            if model is None:
                raise AdapterError(
                    f"adapters.{self._context.name}.models: found nothing for population {p.name}, which is external; expected a NEST model"
                )
            if model not in nest.node_models:
                raise AdapterError(f"adapters.{self._context.name}.models.{p.name}: found {model}, expected a neuron model of NEST")
            params = dict(self._context.config["params"].get(p.name, {}))
        nodes = nest.Create(model, size)
        _set(nodes, {k: _booleans(k, v) for k, v in params.items()})
        # V_m last: setting E_L moves it.
        self._set_initial(nodes, p)
        return nodes

    def _set_initial(self, nodes: Any, p: Population) -> None:
        settable = nodes[0].get()
        for name, value in p.initial.items():
            if name in settable and name not in ("refractory", "t_ref"):
                try:
                    _set(nodes, {name: value})
                    continue
                except nest.kernel.NESTError:
                    pass
            if np.any(np.asarray(value) != 0):
                raise AdapterError(
                    f"populations.{p.name}.initial.{name}: found {np.max(value):g}, expected 0: NEST's {p.model} starts there"
                )

    def _connect(self, place: int, least_ns: int, incoming: list[Synapses]) -> None:
        """Own connections between neurons that are here; a generator for each neuron elsewhere, and its connections."""
        origin = origin_of(self._context, place, incoming)
        generators = None
        if len(origin.remote) > 0:
            generators = nest.Create("spike_generator", len(origin.remote))
            self._generators[place] = (generators, origin.index)
        for s in incoming:
            self._check_ports(s)
            targets = s.targets - self._context.populations[s.target].begin + self._first[s.target]
            here = origin.is_here(s)
            if here.any() and origin.own is not None:
                senders = s.sources[here] - origin.begin + self._first[origin.own]
                self._synapses(senders, targets[here], s.weights[here], s.delays_ns[here])
            if not here.all() and generators is not None:
                senders = origin.index[s.sources[~here]] + generators[0].global_id
                delays = s.delays_ns[~here] - least_ns + self._context.dt_ns
                self._synapses(senders, targets[~here], s.weights[~here], delays)

    def _synapses(self, senders: Any, targets: Any, weights: Any, delays_ns: Any) -> None:
        spec = {"synapse_model": "static_synapse", "weight": weights, "delay": delays_ns / _NS}
        nest.Connect(senders.astype("i8"), targets.astype("i8"), "one_to_one", spec)

    def _check_ports(self, s: Synapses) -> None:
        """NEST's models tell excitatory from inhibitory by the weight's sign."""
        p = self._context.populations[s.target]
        if p.model in ("iaf_psc_exp", "iaf_psc_alpha"):
            wrong = (s.weights != 0) & ((s.weights < 0) != (s.ports == 1))
            if wrong.any():
                raise AdapterError(
                    f"projections.{s.projection}.receptor: found weight {s.weights[wrong][0]:g} at port {s.ports[wrong][0]} of {p.name}, "
                    f"expected the port that goes with its sign: NEST's {p.model} has no other"
                )

    def _inject_current(self, current: Any) -> None:
        # A generator's amplitude of time t acts from the step that starts at t + dt.
        times = (current.times_ns - self._context.dt_ns) / _NS
        if len(times) and times[0] <= 0:
            raise AdapterError(
                f"stimuli: found a current at {current.times_ns[0] / _NS:g} ms, expected {2 * self._dt_ms:g} ms or later "
                "(or the parameter I_e): NEST's generators start one step late"
            )
        p = self._context.populations[current.population]
        begin, end = max(current.begin, p.begin) - p.begin, min(current.end, p.end) - p.begin
        if begin >= end:
            return
        params = {"amplitude_times": times, "amplitude_values": current.amplitudes}
        generator = nest.Create("step_current_generator", params=params)
        nodes = self._nodes[current.population][begin:end]
        nest.Connect(generator, nodes, "all_to_all", {"weight": 1.0, "delay": self._dt_ms})


def _be_quiet() -> None:
    if hasattr(nest, "VerbosityLevel"):
        nest.verbosity = nest.VerbosityLevel.ERROR
    else:
        nest.set_verbosity("M_ERROR")


def _booleans(name: str, value: Any) -> Any:
    return [bool(v) for v in np.atleast_1d(value)] if name in _BOOLEANS else value


def _set(nodes: Any, values: Mapping[str, Any]) -> None:
    if not values:
        return
    size = len(nodes)
    columns = {name: np.atleast_1d(value) for name, value in values.items()}
    if all(len(column) == 1 for column in columns.values()):
        nodes.set({name: column[0].item() if hasattr(column[0], "item") else column[0] for name, column in columns.items()})
        return
    rows = {name: np.broadcast_to(column, size) for name, column in columns.items()}
    nodes.set([{name: row[i].item() for name, row in rows.items()} for i in range(size)])
