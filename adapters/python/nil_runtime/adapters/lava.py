"""
Populations on Intel's Lava: leaky integrate-and-fire processes in the fixed-point arithmetic of Loihi 2. docs/adapters/lava.md.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.proc.io.extractor import Extractor, PyLoihiExtractorModel
from lava.proc.io.injector import Injector, PyLoihiInjectorModel
from lava.proc.io.utils import ChannelConfig, ReceiveEmpty, ReceiveNotEmpty, SendFull
from lava.proc.lif.process import LIF, LIFRefractory
from lava.proc.sparse.process import DelaySparse, Sparse
from lava.utils.weightutils import clip_weights, determine_sign_mode, truncate_weights
from scipy.sparse import csr_matrix

from ..errors import AdapterError
from ..plugin import Adapter, Constraints, Context, Declaration, Population, SpikeEvents, Synapses, WeightBits
from .origin import Due, first_arrivals_ns, origin_of

_WINDOW_STEPS = 32
# Parameters of a LIF process: default, least, largest, whether each neuron may have its own.
_PARAMETERS = {
    "du": (0, 0, 4095, False),
    "dv": (0, 0, 4095, False),
    "vth": (10, 0, 131_071, False),
    "bias_mant": (0, -4096, 4095, True),
    "bias_exp": (0, 0, 7, True),
    "refractory_period": (0, 0, 63, False),
}
_INITIAL = {"u": (0, -(1 << 23) + 1, (1 << 23) - 1, True), "v": (0, -(1 << 23) + 1, (1 << 23) - 1, True)}
_CHANNEL = ChannelConfig(SendFull.BLOCKING, ReceiveEmpty.BLOCKING, ReceiveNotEmpty.FIFO)


class Lava(Adapter):
    declaration = Declaration(
        kind="lava",
        name="Intel Lava (Loihi 2, fixed point)",
        version=version("lava-nc"),
        doc="Leaky integrate-and-fire neurons of Lava, bit-accurate with Loihi's arithmetic. A step of the run is a step of the chip.",
        input="spikes",
        constraints=Constraints(
            models=("external",),
            # Neurons of one Loihi 2 chip: 128 cores of at most 8192.
            neurons=128 * 8192,
            weight_bits=WeightBits(9, signed=True),
            delay_steps=(1, 63),
        ),
        # weight_exp, by projection: weights are whole numbers times two to the power of this.
        config={"weight_exp": {}},
        window_steps=_WINDOW_STEPS,
        # Spikes reach neurons through a connection process, a step after they were sent.
        lead_steps=1,
        # Lava's processes are forked.
        own_process=True,
    )

    def open(self, context: Context) -> None:
        self._context = context
        self._created = False
        self._neurons = [self._population(p) for p in context.populations]
        self._sources: list[Any] = [None] * len(context.sources)
        self._extractors = []
        self._links: list[tuple[Any, Any]] = []
        for place in range(len(context.sources)):
            self._connect(place, [s for s in context.synapses if s.source == place])
        for p, neurons in zip(context.populations, self._neurons, strict=True):
            extractor = Extractor(shape=(p.end - p.begin,), buffer_size=2 * _WINDOW_STEPS, channel_config=_CHANNEL)
            neurons.s_out.connect(extractor.in_port)
            self._extractors.append(extractor)
        # By step of the chip.
        self._due = Due()
        self._roots = self._components()
        for root in self._roots:
            root.create_runtime(run_cfg=_run_config())
        self._created = True

    def inject(self, events: SpikeEvents) -> None:
        # Steps of the chip count from 1; what is sent in one arrives in the next.
        self._due.add(events, first_arrivals_ns(self._context, events, "a LIF process") // self._context.dt_ns - 1)

    def advance(self, to_ns: int, from_ns: int) -> None:
        dt_ns = self._context.dt_ns
        first, last = from_ns // dt_ns + 1, to_ns // dt_ns
        for step in range(first, last + 1):
            self._send(step)
        for root in self._roots:
            root.run(condition=RunSteps(num_steps=last - first + 1, blocking=True))
        for place, (extractor, p) in enumerate(zip(self._extractors, self._context.populations, strict=True)):
            for step in range(first, last + 1):
                fired = np.flatnonzero(extractor.receive())
                if len(fired) > 0:
                    self._context.emit(place, fired + p.begin, step * dt_ns)

    def close(self) -> None:
        for root in getattr(self, "_roots", []) if getattr(self, "_created", False) else []:
            root.stop()

    def _send(self, step: int) -> None:
        due = self._due.pop(step)
        for place, source in enumerate(self._sources):
            if source is None:
                continue
            injector, index, count = source
            vector = np.zeros(count)
            for neurons in (n for p, n in due if p == place):
                numbers = index[neurons]
                vector[numbers[numbers >= 0]] += 1
            if vector.max(initial=0) > 1:
                name = self._context.sources[place].name
                raise AdapterError(
                    f"adapter {self._context.name}: found {vector.max():g} spikes of one neuron of {name} in a step, expected 1"
                )
            injector.send(vector)

    # ------------------------------------------------------------------------------------------------------------------

    def _population(self, p: Population) -> Any:
        unknown = sorted(set(p.params) - set(_PARAMETERS)) + sorted(set(p.initial) - set(_INITIAL))
        if unknown:
            known = ", ".join([*_PARAMETERS, *_INITIAL])
            raise AdapterError(f"populations.{p.name}.params.{unknown[0]}: found an unknown parameter, expected one of {known}")
        values = {name: _whole(p, name, p.params.get(name), spec) for name, spec in _PARAMETERS.items()}
        values |= {name: _whole(p, name, p.initial.get(name), spec) for name, spec in _INITIAL.items()}
        period = values.pop("refractory_period")
        shape = (p.end - p.begin,)
        if period > 0:
            return LIFRefractory(shape=shape, refractory_period=period, **values)
        return LIF(shape=shape, **values)

    def _connect(self, place: int, incoming: list[Synapses]) -> None:
        source = self._context.sources[place]
        origin = origin_of(self._context, place, incoming)
        own, begin, end, remote = origin.own, origin.begin, origin.end, len(origin.remote)
        injector = None
        if remote > 0:
            injector = Injector(shape=(remote,), buffer_size=2 * _WINDOW_STEPS, channel_config=_CHANNEL)
            self._sources[place] = (injector, origin.index, remote)
        for s in incoming:
            here = origin.is_here(s)
            if here.any() and own is not None:
                delays = s.delays_ns // self._context.dt_ns - 1
                self._synapses(s, here, self._neurons[own], self._neurons[own].s_out, s.sources.astype("i8") - begin, end - begin, delays)
            if not here.all() and injector is not None:
                delays = (s.delays_ns - source.min_delay_ns) // self._context.dt_ns
                self._synapses(s, ~here, injector, injector.out_port, origin.index[s.sources], remote, delays)

    def _synapses(self, s: Synapses, chosen: Any, process: Any, port: Any, senders: Any, size: int, delays: Any) -> None:
        p = self._context.populations[s.target]
        target = self._neurons[s.target]
        rows, columns = s.targets[chosen].astype("i8") - p.begin, senders[chosen]
        if len(np.unique(rows * size + columns)) < len(rows):
            raise AdapterError(
                f"projections.{s.projection}: found two synapses between the same neurons, expected one (allow_multapses: false)"
            )
        exponent = int(self._context.config["weight_exp"].get(s.projection, 0))
        weights = self._weights(s, s.weights[chosen] / 2.0**exponent)
        shape = (p.end - p.begin, size)
        matrix = csr_matrix((weights, (rows, columns)), shape=shape)
        options: dict[str, Any] = {"weight_exp": exponent, "num_weight_bits": 8, "sign_mode": determine_sign_mode(matrix)}
        if delays[chosen].any():
            late = csr_matrix((delays[chosen], (rows, columns)), shape=shape)
            late.eliminate_zeros()
            connection = DelaySparse(weights=matrix, delays=late, max_delay=int(delays[chosen].max()), **options)
        else:
            connection = Sparse(weights=matrix, **options)
        port.connect(connection.s_in)
        connection.a_out.connect(target.a_in)
        self._links.append((process, target))

    def _weights(self, s: Synapses, weights: Any) -> Any:
        """As the chip has them; weights that it would change are an error."""
        whole = np.rint(weights).astype(np.int32)
        mode = determine_sign_mode(whole.reshape(1, -1))
        kept = truncate_weights(clip_weights(whole.reshape(1, -1), mode, num_bits=8), mode, 8).ravel()
        changed = (kept != whole) | (whole != weights)
        if changed.any():
            i = int(np.flatnonzero(changed)[0])
            raise AdapterError(
                f"projections.{s.projection}.weight: found {weights[i]:g}, expected {kept[i]}: 8-bit whole numbers, even ones where both "
                f"signs occur ({mode.name.lower()}); adapters.{self._context.name}.weight_exp scales them"
            )
        return whole

    def _components(self) -> list[Any]:
        """A process of each part of the network that isn't connected to the others: Lava runs what is connected."""
        part = {id(n): i for i, n in enumerate(self._neurons)}
        for process, target in self._links:
            old, new = part.get(id(process)), part[id(target)]
            if old is None:
                part[id(process)] = new
            else:
                part = {key: new if value == old else value for key, value in part.items()}
        roots: dict[int, Any] = {}
        for neurons in self._neurons:
            roots.setdefault(part[id(neurons)], neurons)
        return list(roots.values())


def _run_config() -> Any:
    # What exchanges data with this program has one model, for all kinds of numbers.
    exchange = {Injector: PyLoihiInjectorModel, Extractor: PyLoihiExtractorModel}
    return Loihi2SimCfg(select_tag="fixed_pt", exception_proc_model_map=exchange)


def _whole(p: Population, name: str, value: Any, spec: tuple[int, int, int, bool]) -> Any:
    default, least, most, each = spec
    values = np.asarray(default if value is None else value, "f8")
    where = f"populations.{p.name}.{'initial' if name in _INITIAL else 'params'}.{name}"
    if values.size > 1 and not each and len(np.unique(values)) > 1:
        raise AdapterError(f"{where}: found different values, expected one for the population")
    if (values != np.rint(values)).any() or values.min() < least or values.max() > most:
        raise AdapterError(f"{where}: found {values.flat[0]:g}, expected whole numbers from {least} to {most}")
    whole = values.astype(np.int64)
    return whole if each and values.size > 1 else int(whole.flat[0])
