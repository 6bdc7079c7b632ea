"""
Populations simulated by Brian 2, in one run with those of workers and devices: models of the graph, or any equations of Brian's.
docs/adapters/brian2.md.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import brian2 as b
import numpy as np

from ..errors import AdapterError
from ..plugin import Adapter, Constraints, Context, Declaration, Population, SpikeEvents, Synapses
from .origin import Due, first_arrivals_ns, origin_of

# Updates as the graph's models have them: what arrived since the step before is in `inp_…`.
_DELTA = """
free = int(ref == 0)
v = free * (E_L + (P30 * I_e + P33 * (v - E_L) + inp_0)) + (1 - free) * v
v = clip(v, V_min, inf)
ref = ref - (1 - free)
inp_0 = 0
"""
_EXP = """
free = int(ref == 0)
v = free * (E_L + (P22 * (v - E_L) + P21ex * I_ex + P21in * I_in + P20 * I_e)) + (1 - free) * v
ref = ref - (1 - free)
I_ex = P11ex * I_ex + inp_0
I_in = P11in * I_in + inp_1
inp_0 = 0
inp_1 = 0
"""


class Brian2(Adapter):
    declaration = Declaration(
        kind="brian2",
        name="Brian 2",
        version=str(b.__version__),
        doc="A population simulated by Brian 2: iaf_psc_delta and iaf_psc_exp of the graph, or equations of Brian's for external neurons.",
        input="spikes",
        constraints=Constraints(models=("iaf_psc_delta", "iaf_psc_exp", "external"), delay_steps=(1, 1 << 20)),
        # groups: for each external population equations, threshold, reset, refractory, method, initial, namespace; on_pre: by projection.
        config={"target": "numpy", "seed": 1, "groups": {}, "on_pre": {}},
        # Spikes act after a step's threshold: those of the step before have to be there.
        lead_steps=1,
    )

    def open(self, context: Context) -> None:
        self._context = context
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._dt = context.dt_ns * 1e-9 * b.second
        b.prefs.codegen.target = context.config["target"]
        b.prefs.core.default_float_dtype = np.float64
        # The run isn't in the main thread, and signals are the federate's.
        b.prefs.core.stop_on_keyboard_interrupt = False
        b.start_scope()
        b.defaultclock.dt = self._dt
        b.seed(int(context.config["seed"]))
        self._net = b.Network()
        self._groups = [self._group(p) for p in context.populations]
        self._arrivals = [self._source(i, [s for s in context.synapses if s.source == i]) for i in range(len(context.sources))]
        self._due = Due()
        self._net.add(b.NetworkOperation(self._start_step, when="start", order=-1000, clock=b.defaultclock))
        self._net.add(b.NetworkOperation(self._end_step, when="end", order=1000, clock=b.defaultclock))
        self._step = self._limit = 0
        self._may_run = threading.Semaphore(0)
        self._has_run = threading.Semaphore(0)
        self._closing = False

    def inject(self, events: SpikeEvents) -> None:
        # Acts on the step that ends at stamp + delay, so it is added after the threshold of the one before.
        self._due.add(events, first_arrivals_ns(self._context, events, "Brian") // self._context.dt_ns - 2)

    def advance(self, to_ns: int, from_ns: int) -> None:
        self._limit = to_ns // self._context.dt_ns
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="brian2", daemon=True)
            self._thread.start()
        else:
            self._may_run.release()
        self._has_run.acquire()
        if self._failure is not None:
            raise AdapterError(f"adapter {self._context.name}: Brian: {self._failure}", "ADAPTER_FAILED") from self._failure

    def close(self) -> None:
        self._closing = True
        if getattr(self, "_thread", None) is not None and self._thread is not None:
            self._may_run.release()
            self._thread.join(10)

    # ------------------------------------------------------------------------------------------------------------------
    # One run of Brian's over the whole time, in a thread of its own, which waits where the federate does.
    # ------------------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            duration = (self._context.end_ns - self._context.start_ns) * 1e-9 * b.second
            self._net.run(duration, namespace={})
        except BaseException as error:
            self._failure = error
        self._has_run.release()

    def _start_step(self) -> None:
        if self._step >= self._limit and not self._closing:
            self._has_run.release()
            self._may_run.acquire()
        if self._closing:
            self._net.stop()
            return
        for place, neurons in self._due.pop(self._step):
            arrivals = self._arrivals[place]
            if arrivals is None:
                continue
            group, index = arrivals
            numbers = index[neurons]
            numbers = numbers[numbers >= 0]
            counts = np.bincount(numbers, minlength=len(group))
            if counts.max(initial=0) > 1:
                raise AdapterError(
                    f"found {counts.max()} spikes of one neuron of {self._context.sources[place].name} in a step, expected 1"
                )
            group.variables["due"].get_value()[:] = counts

    def _end_step(self) -> None:
        self._step += 1
        for place, (group, p) in enumerate(zip(self._groups, self._context.populations, strict=True)):
            fired = group.spikes
            if len(fired) > 0:
                self._context.emit(place, np.asarray(fired) + p.begin, self._step * self._context.dt_ns)

    # ------------------------------------------------------------------------------------------------------------------
    # The network
    # ------------------------------------------------------------------------------------------------------------------

    def _group(self, p: Population) -> Any:
        group = self._external(p) if p.model == "external" else self._of_graph(p)
        self._net.add(group)
        return group

    def _of_graph(self, p: Population) -> Any:
        """iaf_psc_delta or iaf_psc_exp: the update written out, so that it is the graph's model and not an approximation of it."""
        is_delta = p.model == "iaf_psc_delta"
        if is_delta and np.any(np.asarray(p.params.get("refractory_input", 0)) != 0):
            raise AdapterError(f"populations.{p.name}.params.refractory_input: found 1, expected 0: this adapter loses such input")
        values = {**{name: np.asarray(value, "f8") for name, value in p.params.items()}, **_constants(p, self._context.dt_ms)}
        names = ["E_L", "I_e", "V_th", "V_reset", "ref_steps"]
        names += ["P30", "P33", "V_min"] if is_delta else ["P20", "P21ex", "P21in", "P22", "P11ex", "P11in"]
        equations = "\n".join(
            ["v : 1", "ref : 1", "inp_0 : 1", "inp_1 : 1", "I_ex : 1", "I_in : 1", *(f"{n} : 1 (constant)" for n in names)]
        )
        group = b.NeuronGroup(
            p.end - p.begin,
            equations,
            threshold="v >= V_th",
            reset="v = V_reset\nref = ref_steps",
            dt=self._dt,
            namespace={},
        )
        for name in names:
            setattr(group, name, values[name])
        initial = {"V_m": "v", "refractory": "ref", "I_syn_ex": "I_ex", "I_syn_in": "I_in"}
        for name, value in p.initial.items():
            if name in initial:
                setattr(group, initial[name], value)
            elif np.any(np.asarray(value) != 0):
                raise AdapterError(f"populations.{p.name}.initial.{name}: found {np.max(value):g}, expected 0")
        group.run_regularly(_DELTA if is_delta else _EXP, when="groups", dt=self._dt)
        return group

    def _external(self, p: Population) -> Any:
        described = self._context.config["groups"].get(p.name)
        where = f"adapters.{self._context.name}.groups.{p.name}"
        known = {"equations", "threshold", "reset", "refractory", "method", "initial", "namespace"}
        if described is None or "equations" not in described or "threshold" not in described:
            raise AdapterError(f"{where}: found none or no equations and threshold, expected them for an external population")
        unknown = sorted(set(described) - known)
        if unknown:
            raise AdapterError(f"{where}.{unknown[0]}: found an unknown key, expected one of {', '.join(sorted(known))}")
        namespace = {name: _quantity(value, f"{where}.namespace.{name}") for name, value in described.get("namespace", {}).items()}
        options = {name: described[name] for name in ("threshold", "reset", "method") if name in described}
        if "refractory" in described:
            text = described["refractory"]
            options["refractory"] = _quantity(text, f"{where}.refractory") if _is_quantity(text) else text
        group = b.NeuronGroup(p.end - p.begin, described["equations"], dt=self._dt, namespace=namespace, **options)
        for name, value in described.get("initial", {}).items():
            setattr(group, name, _quantity(value, f"{where}.initial.{name}") if _is_quantity(value) else value)
        return group

    def _source(self, place: int, incoming: list[Synapses]) -> Any:
        """Brian's own synapses between groups that are here; for neurons elsewhere a group that fires what is due, and its synapses."""
        source = self._context.sources[place]
        origin = origin_of(self._context, place, incoming)
        group = None
        if len(origin.remote) > 0:
            group = b.NeuronGroup(len(origin.remote), "due : 1", threshold="due > 0", reset="due = 0", dt=self._dt, namespace={})
            self._net.add(group)
        for s in incoming:
            here = origin.is_here(s)
            if here.any() and origin.own is not None:
                senders = s.sources[here].astype("i8") - origin.begin
                self._synapses(s, here, self._groups[origin.own], senders, s.delays_ns - self._context.dt_ns)
            if not here.all():
                self._synapses(s, ~here, group, origin.index[s.sources[~here]], s.delays_ns - source.min_delay_ns)
        return None if group is None else (group, origin.index)

    def _synapses(self, s: Synapses, chosen: Any, source: Any, senders: Any, delays_ns: Any) -> None:
        p = self._context.populations[s.target]
        target = self._groups[s.target]
        targets = s.targets[chosen].astype("i8") - p.begin
        if p.model == "external":
            parts = [(self._context.config["on_pre"].get(s.projection, "v_post += w"), np.ones(len(targets), bool))]
        else:
            parts = [(f"inp_{port}_post += w", s.ports[chosen] == port) for port in np.unique(s.ports[chosen])]
        for on_pre, part in parts:
            synapses = b.Synapses(source, target, "w : 1 (constant)", on_pre=on_pre, dt=self._dt, namespace={})
            synapses.connect(i=senders[part], j=targets[part])
            synapses.w = s.weights[chosen][part]
            synapses.delay = delays_ns[chosen][part] * 1e-9 * b.second
            self._net.add(synapses)


def _constants(p: Population, dt_ms: float) -> Mapping[str, Any]:
    v = {name: np.asarray(value, "f8") for name, value in p.params.items()}
    tau, c = v["tau_m"], v["C_m"]
    found = {"ref_steps": np.rint(v["t_ref"] / dt_ms), "P33": np.exp(-dt_ms / tau), "P30": -tau / c * np.expm1(-dt_ms / tau)}
    if p.model == "iaf_psc_exp":
        found |= {"P22": found["P33"], "P20": found["P30"]}
        for side in ("ex", "in"):
            tau_syn = v[f"tau_syn_{side}"]
            found[f"P11{side}"] = np.exp(-dt_ms / tau_syn)
            found[f"P21{side}"] = _propagator(tau_syn, tau, c, dt_ms)
    return found


def _propagator(tau_syn: Any, tau: Any, c: Any, dt_ms: float) -> Any:
    """From a current that decays with tau_syn to the membrane (Rotter and Diesmann 1999), also where both time constants are equal."""
    tau_syn, tau = np.broadcast_arrays(tau_syn, tau)
    same = tau_syn == tau
    apart = np.where(same, 1.0, tau - tau_syn)
    general = tau * tau_syn / (c * apart) * np.exp(-dt_ms / tau) * -np.expm1(-dt_ms * np.where(same, 0.0, 1 / tau_syn - 1 / tau))
    return np.where(same, dt_ms / c * np.exp(-dt_ms / tau), general)


def _is_quantity(value: Any) -> bool:
    if isinstance(value, bool | int | float):
        return True
    return isinstance(value, str) and value[:1] in "0123456789.-+"


def _quantity(value: Any, where: str) -> Any:
    """A number, or text such as `10 mV`."""
    if not isinstance(value, str):
        return value
    number, _, unit = value.partition(" ")
    try:
        scale = getattr(b, unit.strip()) if unit.strip() else 1
        return float(number) * scale
    except (ValueError, AttributeError):
        raise AdapterError(f"{where}: found '{value}', expected a number and a unit of Brian's, such as '10 mV'") from None
