"""HELICS's ring, PHOLD and timing benchmarks (helics_bench.c), in one process over its in-process core or in many over zmq or ipc.

Defaults are what was fastest here: all federates share one in-process core. A run in which HELICS stops granting time is ended after
`--timeout` seconds and repeated; how often is in `hangs`.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import helics

import peer_common

HERE = pathlib.Path(__file__).resolve().parent

parser = argparse.ArgumentParser()
parser.add_argument("--name", choices=["ring", "phold", "timing"], default="ring")
parser.add_argument("--federates", type=int, default=8)
parser.add_argument("--core", default="inproc", help="inproc, or zmq, ipc ... with --processes")
parser.add_argument("--layout", choices=["single", "multi"], default="single")
parser.add_argument("--policy", choices=["free", "restrictive"], default=None)
parser.add_argument("--processes", action="store_true", help="each federate a process of its own")
parser.add_argument("--timeout", type=float, default=120.0)
parser.add_argument("--tries", type=int, default=4)
args = parser.parse_args()

compiler = next((c for c in ("cc", "gcc", "clang") if shutil.which(c)), None)
if compiler is None:
    peer_common.report(name=args.name, skipped="no C compiler (cc, gcc or clang) on the PATH")
    sys.exit(0)

install = pathlib.Path(helics.__file__).parent / "install"
library = next(folder for folder in (install / "lib64", install / "lib") if folder.exists())
version = helics.helicsGetVersion().split()[0]
policy = args.policy or ("free" if args.name == "timing" else "restrictive")
multi = args.layout == "multi" or args.processes


def command(program, index=None):
    line = [program, args.name, str(args.federates), args.core, "multi" if multi else "single", policy]
    return line + ([] if index is None else [str(index)])


def attempt(program):
    """One run: the JSON of each process, or None where it hangs."""
    members = args.federates + (args.name == "timing")
    indices = range(members) if args.processes else [None]
    running = [subprocess.Popen(command(program, i), stdout=subprocess.PIPE, text=True) for i in indices]
    try:
        outputs = [process.communicate(timeout=args.timeout)[0] for process in running]
    except subprocess.TimeoutExpired:
        return None
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.wait()
    if any(process.returncode != 0 for process in running):
        sys.exit(f"helics_bench failed: {command(program)}")
    return [json.loads(output) for output in outputs]


with tempfile.TemporaryDirectory(prefix="nil-helics-") as folder:
    program = os.path.join(folder, "helics_bench")
    subprocess.run(
        [compiler, "-O2", f"-I{install / 'include'}", "-o", program, str(HERE / "helics_bench.c"), f"-L{library}"]
        + ["-l:libhelics.so.3", f"-Wl,-rpath,{library}", "-lpthread", "-lm"],
        check=True,
    )
    hangs, parts = 0, None
    while parts is None and hangs < args.tries:
        parts = attempt(program)
        hangs += parts is None

common = {
    "name": args.name,
    "federates": args.federates,
    "core": args.core,
    "layout": "processes" if args.processes else args.layout,
    "policy": policy,
    "hangs": hangs,
    "versions": {"helics": version, "python": sys.version.split()[0]},
}
if parts is None:
    peer_common.report(**common, failed=f"HELICS stopped granting time in {args.tries} of {args.tries} runs")
    sys.exit(0)
simulate = max(part["simulate"] for part in parts)
grants = sum(part["grants"] for part in parts)
peer_common.report(
    **common,
    build=max(part["build"] for part in parts),
    simulate=simulate,
    grants=grants,
    grantsPerSecond=grants / simulate,
    events=sum(part["events"] for part in parts),
    peakMemoryBytes=sum(part["peakMemoryBytes"] for part in parts),
)
