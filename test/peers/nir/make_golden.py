"""Runs the networks of examples/ and of the NIR paper in snnTorch, Norse and Sinabs and writes what they spike.

    /tmp/venv-torch/bin/python test/peers/nir/make_golden.py NIR_DIR

NIR_DIR holds the paper's files (lif_norse.nir, braille_*.nir, cnn_sinabs.nir). Every library runs in float64, so that nothing hangs on
float32 rounding; each case says how close a membrane came to its threshold (`margin`), and one closer than 1e-7 is refused.
Step s of the golden files is step s of NIL: input frame s, spikes emitted in step s.
"""

import json
import logging
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import nir
import norse
import norse.torch
import numpy as np
import sinabs
import sinabs.activation
import sinabs.layers
import sinabs.nir
import snntorch as snn
import torch
from importlib.metadata import version
from norse.torch.functional import reset as norse_reset
from snntorch.import_nir import import_from_nir

NIR = pathlib.Path(sys.argv[1])
OUT = pathlib.Path(__file__).parent / "golden"
DT = 1e-4
torch.set_grad_enabled(False)


# Inputs: arrays of steps x neurons (row-major), 0 or 1 unless said otherwise.


def random_input(steps, shape, rate, seed):
    return (np.random.default_rng(seed).random((steps, *shape)) < rate).astype(float)


def braille_structured():
    """Channel c fires every c + 2 steps; then silence, then all channels in every second step, then one channel after the other."""
    x = np.zeros((256, 12))
    for c in range(12):
        x[: 128 : c + 2, c] = 1
    x[160:192:2] = 1
    for s in range(200, 256):
        x[s, (s - 200) // 4 % 12] = 1
    return x


def moving_bar(steps):
    """A bar of three columns walks to the right: its leading edge is ON (channel 0), its trailing edge OFF (channel 1)."""
    x = np.zeros((steps, 2, 34, 34))
    for s in range(steps):
        x[s, 0, 8:26, s % 34] = 1
        x[s, 1, 8:26, (s - 3) % 34] = 1
    return x


def graded(steps, shape, seed):
    return np.round(np.random.default_rng(seed).normal(0.4, 0.8, (steps, *shape)), 3)


# Runs: each returns {population: steps x size} of spikes, and the smallest distance of a membrane from its threshold.


class Margin:
    def __init__(self):
        self.value = np.inf

    def see(self, v, threshold):
        self.value = min(self.value, float((v - threshold).abs().min()))


class RSynapticAtOnce(snn.RSynaptic):
    """RSynaptic whose reset_delay=False works.

    In all releases that have it (0.8 to 1.0), RSynaptic.forward computes the reset of the same step on a local variable and returns the
    membrane without it, and raises a TypeError with hidden state. This is the code of snn.Synaptic.forward of the same release.
    """

    def forward(self, input_, spk, syn, mem):
        self.spk, self.syn, self.mem = spk, syn, mem
        self.reset = self.mem_reset(self.mem)
        self.syn, self.mem = self.state_function(input_)
        self.before = self.mem
        self.spk = self.fire(self.mem).double()
        do_reset = self.spk - self.reset
        self.mem = self.mem - do_reset * (self.threshold if self.reset_mechanism_val == 0 else self.mem)
        return self.spk, self.syn, self.mem


def run_snntorch(file, x, mechanism):
    """Modules as snnTorch's import_from_nir makes them; only the reset mechanism, which it always sets to zero, is the network's."""
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()):
        net = import_from_nir(nir.read(NIR / file))
    kind = dict(reset_mechanism=mechanism, reset_delay=False)
    old = net.lif1
    lif1 = RSynapticAtOnce(old.alpha, old.beta, threshold=old.threshold, linear_features=old.recurrent.in_features, **kind)
    lif1.recurrent = old.recurrent
    lif2 = snn.Synaptic(net.lif2.alpha, net.lif2.beta, threshold=net.lif2.threshold, **kind)
    fc1, fc2, lif1, lif2 = (m.double() for m in (net.fc1, net.fc2, lif1, lif2))
    spk1 = syn1 = mem1 = torch.zeros(1, fc1.out_features).double()
    syn2 = mem2 = torch.zeros(1, fc2.out_features).double()
    hidden, out, margin = [], [], Margin()
    twice = 0
    for frame in torch.tensor(x).double():
        spk1, syn1, mem1 = lif1(fc1(frame[None]), spk1, syn1, mem1)
        margin.see(lif1.before, lif1.threshold)
        # As in snn.Synaptic.forward, before its reset.
        before2 = lif2.beta * mem2 + lif2.alpha * syn2 + fc2(spk1) - lif2.mem_reset(mem2) * lif2.threshold
        margin.see(before2, lif2.threshold)
        spk2, syn2, mem2 = lif2(fc2(spk1), syn2, mem2)
        twice += int((mem1 > lif1.threshold).sum() + (mem2 > lif2.threshold).sum())
        hidden.append(spk1[0].numpy())
        out.append(spk2[0].numpy())
    return {"lif1.lif": np.array(hidden), "lif2": np.array(out)}, margin.value, twice


def run_norse(file, x, method, names):
    net = norse.torch.from_nir(nir.read(NIR / file), dt=DT, reset_method=method, ignore_warnings=True)
    double_everything(net)
    state, spikes = None, {name: [] for name in names}
    for frame in torch.tensor(x).double():
        _, state = net(frame[None], state)
        for name in names:
            spikes[name].append(state.cache[name.replace(".", "_")].detach().numpy().ravel())
    return {name: np.array(s) for name, s in spikes.items()}, None


def double_everything(net):
    """Norse keeps parameters in named tuples, which module.double() doesn't reach."""
    net.double()
    for module in net.modules():
        p = getattr(module, "p", None)
        if p is not None and hasattr(p, "_replace"):
            module.p = p._replace(**{k: v.double() for k, v in p._asdict().items() if isinstance(v, torch.Tensor)})
        for name in ("w_in", "r"):
            if isinstance(getattr(module, name, None), torch.Tensor):
                setattr(module, name, getattr(module, name).double())


def run_sinabs(x, single):
    net = sinabs.nir.from_nir(nir.read(NIR / "cnn_sinabs.nir"), batch_size=1, num_timesteps=len(x)).double()
    spikes = {}
    for name, module in net.named_modules():
        if isinstance(module, sinabs.layers.IAFSqueeze):
            for key in ("spike_threshold", "min_v_mem"):
                value = getattr(module, key)
                setattr(module, key, torch.nn.Parameter(torch.as_tensor(value).double(), requires_grad=False))
            if single:
                module.spike_fn = sinabs.activation.SingleSpike
            # Spikes come out as float32; the next layer takes float64.
            module.register_forward_hook(lambda _m, _i, o, name=name: spikes.setdefault(name, o.double()))
    net(torch.tensor(x).double())
    return {name: s.numpy().reshape(len(x), -1) for name, s in spikes.items()}, None


def save(name, library, file, x, result, **facts):
    spikes, margin = result
    assert margin is None or margin > 1e-7, f"{name}: a membrane comes within {margin} of its threshold"
    flat = x.reshape(len(x), -1)
    steps, neurons = np.nonzero(flat)
    values = flat[steps, neurons]
    events = {"steps": steps.tolist(), "neurons": neurons.tolist()}
    if not np.all(values == 1):
        events["values"] = values.tolist()
    populations = {}
    for population, s in spikes.items():
        assert s.max(initial=0) <= 1, f"{name}: {population} spikes more than once in a step"
        t, n = np.nonzero(s)
        populations[population] = {"size": s.shape[1], "steps": t.tolist(), "neurons": n.tolist()}
    golden = {
        "library": f"{library} {version(library.split()[0].lower())}",
        "file": file,
        "dt": DT,
        "steps": len(x),
        **facts,
        **({} if margin is None else {"margin": margin}),
        "input": events,
        "spikes": populations,
    }
    (OUT / f"{name}.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(name, {p: len(s["steps"]) for p, s in populations.items()}, f"margin {margin}")


def main():
    OUT.mkdir(exist_ok=True)
    csv = np.loadtxt(NIR / "traces" / "lif_exact.csv", delimiter=",")[:, :1]
    lif = {"paper": csv, "graded": graded(1000, (1,), 5)}
    for kind, x in lif.items():
        result = run_norse("lif_norse.nir", x, norse_reset.reset_value, ["1"])
        save(f"lif_norse_{kind}", "norse", "lif_norse.nir", x, result, reset="zero")
    braille = {"random": random_input(256, (12,), 0.15, 3), "structured": braille_structured()}
    for file, mechanism, method in (
        ("braille_noDelay_bias_zero", "zero", norse_reset.reset_value),
        ("braille_noDelay_noBias_subtract", "subtract", norse_reset.reset_subtract),
    ):
        for kind, x in braille.items():
            *result, twice = run_snntorch(f"{file}.nir", x, mechanism)
            save(f"{file}_{kind}_snntorch", "snntorch", f"{file}.nir", x, result, reset=mechanism, aboveAfterReset=twice)
            result = run_norse(f"{file}.nir", x, method, ["lif1.lif", "lif2"])
            save(f"{file}_{kind}_norse", "norse", f"{file}.nir", x, result, reset=mechanism)
    neurons = ["1", "3", "6", "10", "12"]
    cnn = {"random": random_input(30, (2, 34, 34), 0.02, 7), "structured": moving_bar(30)}
    for kind, x in cnn.items():
        result = run_norse("cnn_sinabs.nir", x, norse_reset.reset_value, neurons)
        save(f"cnn_{kind}_norse", "norse", "cnn_sinabs.nir", x, result, reset="zero")
        result = run_sinabs(x, single=True)
        save(f"cnn_{kind}_sinabs_single", "sinabs", "cnn_sinabs.nir", x, result, reset="subtract", spike="SingleSpike")
    for seed in range(1000):
        x = random_input(40, (2, 34, 34), 0.003, seed)
        spikes, _ = run_sinabs(x, single=False)
        if max(s.max() for s in spikes.values()) <= 1 and spikes["12"].sum() > 0:
            save("cnn_sparse_sinabs", "sinabs", "cnn_sinabs.nir", x, (spikes, None), reset="subtract", spike="MultiSpike", seed=seed)
            break


main()
