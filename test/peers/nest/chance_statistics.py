"""Rate and irregularity of stochastic models and generators in NEST over ten seeds: golden/chance-statistics.json.

100 neurons each, for 1.5 s at 0.1 ms; spikes in the first 100 ms don't count. `rateHz`: of all neurons; `cv`: of intervals, as in
brunel_statistics.py; `windowHz`: the rate in the parts of a cycle or of the run that `window` names ([begin, end) in ms, repeated every `every` ms).
Generators act through parrot_neuron: one train for each.
"""

import json
import pathlib

import numpy as np

import run_nest  # noqa: F401  (sets NEST up to be quiet)
from brunel_statistics import SEEDS, SETTLE_MS, statistics
from run_nest import nest

SIZE = 100
DURATION_MS = 1500.0
SINE = {"rate": 40.0, "amplitude": 30.0, "frequency": 10.0, "phase": 30.0}
CYCLE = {"window": [0.0, 40.0], "every": 100.0}
WHOLE = {"window": [100.0, 800.0], "every": 1500.0}

# Parameters are the library's; what NEST names or counts otherwise is in NEST.
CASES = {
    "pp_psc_delta": {
        "params": {"I_e": 400.0, "q_sfa": 2.0, "c_1": 0.5, "dead_time": 2.0},
        "poisson": {"rate": 800.0, "weight": 0.3, "delay": 1.0},
        **WHOLE,
    },
    "gif_psc_exp": {
        "params": {"I_e": 110.0, "Delta_V": 2.0, "q_stc_1": 8.0, "q_stc_2": -3.0, "q_sfa_1": 5.0, "q_sfa_2": 2.0, "V_m": -70.0},
        "poisson": {"rate": 800.0, "weight": 40.0, "delay": 1.0},
        **WHOLE,
    },
    "sinusoidal_poisson_generator": {"params": SINE, **CYCLE},
    "sinusoidal_gamma_generator": {"params": {**SINE, "order": 3.0}, **CYCLE},
    "gamma": {"model": "sinusoidal_gamma_generator", "params": {"rate": 40.0, "order": 2.5}, **WHOLE},
    "inhomogeneous_poisson": {"times": [100.0, 500.0, 800.0], "rates": [20.0, 80.0, 35.0], "window": [500.0, 800.0], "every": 1500.0},
}


def nest_parameters(name, params):
    if name == "pp_psc_delta":
        return {**params, "q_sfa": [params["q_sfa"]], "tau_sfa": [34.0]}
    if name == "gif_psc_exp":
        out = {k: v for k, v in params.items() if not k.startswith("q_")}
        return {**out, "tau_stc": [10.0, 100.0], "q_stc": [params["q_stc_1"], params["q_stc_2"]], "tau_sfa": [10.0, 100.0], "q_sfa": [params["q_sfa_1"], params["q_sfa_2"]]}
    return params


def simulate(name, case, seed):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.SetKernelStatus({"resolution": 0.1, "rng_seed": seed})
    if name.endswith("_psc_delta") or name.endswith("_psc_exp"):
        cells = nest.Create(name, SIZE, params=nest_parameters(name, case["params"]))
        poisson = case["poisson"]
        noise = nest.Create("poisson_generator", params={"rate": poisson["rate"]})
        nest.Connect(noise, cells, syn_spec={"weight": poisson["weight"], "delay": poisson["delay"]})
    else:
        cells = nest.Create("parrot_neuron", SIZE)
        if name == "inhomogeneous_poisson":
            generator = nest.Create("inhomogeneous_poisson_generator", params={"rate_times": case["times"], "rate_values": case["rates"]})
        else:
            generator = nest.Create(case.get("model", name), params=case["params"])
        nest.Connect(generator, cells, syn_spec={"weight": 1.0, "delay": 0.1})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(DURATION_MS)
    senders, times = recorder.events["senders"], recorder.events["times"]
    kept = times[times > SETTLE_MS]
    begin, end = case["window"]
    phase = np.mod(kept, case["every"])
    inside = np.count_nonzero((phase > begin + 1e-6) & (phase <= end + 1e-6))
    return {**statistics(senders, times, SIZE, DURATION_MS), "windowHz": inside / SIZE / (window_ms(case) / 1000.0)}


def window_ms(case):
    steps = np.arange(int(SETTLE_MS * 10) + 1, int(DURATION_MS * 10) + 1)
    phase = np.mod(steps, round(case["every"] * 10))
    begin, end = case["window"]
    return np.count_nonzero((phase > begin * 10) & (phase <= end * 10)) / 10


def main():
    golden = {"nest": nest.__version__, "settleMs": SETTLE_MS, "size": SIZE, "durationMs": DURATION_MS, "cases": {}}
    for name, case in CASES.items():
        runs = [{"seed": seed, **simulate(name, case, seed)} for seed in SEEDS]
        golden["cases"][name] = {**case, "runs": runs}
        for what in ("rateHz", "cv", "windowHz"):
            values = [run[what] for run in runs]
            print(f"{name} {what}: mean {np.mean(values):.4f} std {np.std(values, ddof=1):.4f}")
    path = pathlib.Path(__file__).parent / "golden" / "chance-statistics.json"
    path.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
