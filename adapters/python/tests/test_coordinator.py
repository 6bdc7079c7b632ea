"""A federate in Python in runs of a real coordinator, nats-server and worker: processes of the command line."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

# Of one call of the command line, and of a program that was asked to end, in seconds: a machine may be busy.
LONG = 300
ROOT = Path(__file__).resolve().parents[3]
NIL = ["node", str(ROOT / "dist" / "cli" / "main.js")]
LIF = ROOT / "adapters" / "python" / "examples" / "lif.py"
GRAPH = """
nil: 1
name: cut
defaults: {dt: 0.1 ms, duration: 200 ms, seed: 7}
ADAPTERS
populations:
  noise: {model: poisson_source, size: 40, params: {rate: 400 Hz}}
  left:
    model: iaf_psc_delta
    size: 30
    params: &p {C_m: 250 pF, tau_m: 10 ms, t_ref: 2 ms, E_L: -70 mV, V_reset: -70 mV, V_th: -55 mV}
  right: {model: iaf_psc_delta, size: 20, params: *p PLACEMENT}
projections:
  - {source: noise, target: left, rule: fixed_indegree, indegree: 10, weight: 2 mV, delay: 0.5 ms}
  - {source: noise, target: right, rule: fixed_indegree, indegree: 8, weight: 2.25 mV, delay: 0.3 ms}
  - {source: left, target: right, rule: fixed_indegree, indegree: 5, weight: 1.5 mV, delay: 1.5 ms}
  - {source: right, target: left, rule: fixed_indegree, indegree: 5, weight: -1.25 mV, delay: 1 ms}
  - {source: right, target: right, rule: fixed_indegree, indegree: 4, weight: 0.75 mV, delay: 0.8 ms}
"""


def graph(folder: Path, placed: bool) -> Path:
    text = GRAPH.replace("ADAPTERS", "adapters: {other: {kind: lif}}" if placed else "")
    path = folder / ("cut.nil.yaml" if placed else "whole.nil.yaml")
    path.write_text(text.replace("PLACEMENT", ", placement: other" if placed else ""))
    return path


def nil(*arguments: str, status: int = 0) -> str:
    done = subprocess.run([*NIL, *arguments], capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == status, done.stderr + done.stdout
    return done.stdout + (done.stderr if status else "")


def nodes(*access: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(nil("nodes", *access, "--json"))["nodes"]
    return found


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def nats_server() -> str | None:
    """As stream/nats/server.ts finds it."""
    cached = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "nil-runtime" / "nats-server" / "bin" / "nats-server"
    return os.environ.get("NIL_NATS_SERVER") or shutil.which("nats-server") or (str(cached) if cached.exists() else None)


SERVER = nats_server()
pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="no node on the PATH"),
    pytest.mark.skipif(not Path(NIL[1]).exists(), reason="the command line isn't built (npm run build)"),
    pytest.mark.skipif(SERVER is None, reason="no nats-server in NIL_NATS_SERVER, on the PATH, or where npm test puts it"),
]


def start_coordinator(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    """The program, and the address that it says it listens on."""
    env = {**os.environ, "NIL_NATS_SERVER": str(SERVER)}
    command = [*NIL, "coordinator", "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env)
    assert process.stdout is not None
    # "coordinator: listening on HOST:PORT, events over nats://…"
    line = process.stdout.readline()
    said = re.search(r"listening on (\S+:\d+)", line)
    if said is None:
        process.kill()
        pytest.fail(f"the coordinator said no address: {line}{process.communicate()[0]}")
    # Its output has an end only when it ends, and a full pipe would stop it.
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return process, said.group(1)


@pytest.fixture
def coordinator() -> Iterator[str]:
    process, address = start_coordinator()
    yield address
    process.terminate()
    process.wait(LONG)


@pytest.fixture
def joined(coordinator: str) -> Iterator[str]:
    command = [sys.executable, "-m", "nil_runtime.adapter", str(LIF), "--coordinator", coordinator, "--name", "other"]
    programs = [subprocess.Popen(command), subprocess.Popen([*NIL, "worker", "--coordinator", coordinator])]
    until(lambda: len(nodes("--coordinator", coordinator)) == 2)
    yield coordinator
    for program in programs:
        program.terminate()
    # Asked to end, an adapter's program does so without an error.
    assert programs[0].wait(LONG) == 0
    programs[1].wait(LONG)


def test_the_spikes_of_a_worker(joined: str, tmp_path: Path) -> None:
    nil("run", str(graph(tmp_path, placed=False)), "--out", str(tmp_path / "whole"), "--quiet")
    # Twice: the adapter serves one run after the other.
    for out in ("cut", "again"):
        path = str(graph(tmp_path, placed=True))
        nil("submit", path, "--coordinator", joined, "--wait", "--quiet", "--out", str(tmp_path / out))
        spikes = nil("spikes", str(tmp_path / out))
        assert spikes.count("\n") > 2000
        assert spikes == nil("spikes", str(tmp_path / "whole"))


def test_a_worker_is_killed_after_a_checkpoint(tmp_path: Path) -> None:
    """The software part goes on from the checkpoint; the adapter is asked for nothing twice."""
    process, address = start_coordinator("--store", str(tmp_path / "store"))
    access = ["--coordinator", address]
    slow = tmp_path / "slow.py"
    slow.write_text(
        "import importlib.util, time\n"
        f"spec = importlib.util.spec_from_file_location('lif', {str(LIF)!r})\n"
        "lif = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(lif)\n"
        "class Slow(lif.Lif):\n"
        "    def advance(self, to_ns, from_ns):\n"
        "        time.sleep(0.02)\n"
        "        super().advance(to_ns, from_ns)\n"
    )
    adapter = [sys.executable, "-m", "nil_runtime.adapter", f"{slow}:Slow", "--name", "other", *access]
    programs: list[subprocess.Popen[Any]] = [process, subprocess.Popen(adapter)]
    programs += [subprocess.Popen([*NIL, "worker", "--name", name, *access]) for name in ("first", "second", "spare")]
    try:
        until(lambda: len(nodes(*access)) == 4)
        path = graph(tmp_path, placed=True)
        path.write_text(path.read_text().replace("duration: 200 ms", "duration: 400 ms"))
        every = ["--workers", "2", "--checkpoint-every", "50ms"]
        run_id = json.loads(nil("submit", str(path), *access, *every, "--json"))["runId"]

        def status() -> dict[str, Any]:
            run: dict[str, Any] = json.loads(nil("status", run_id, *access, "--json"))["runs"][0]
            return run

        until(lambda: status()["clockNs"] > 150e6)
        assert status()["state"] == "running"
        busy = next(node for node in nodes(*access) if node["name"] in ("first", "second", "spare") and node["runId"])
        os.kill(busy["pid"], signal.SIGKILL)
        until(lambda: status()["state"] not in ("pending", "assigned", "ready", "running"))
        nil("results", run_id, *access, "--quiet", "--out", str(tmp_path / "cut"))
        summary = json.loads((tmp_path / "cut" / "summary.json").read_text())
        assert [recovery["fromNs"] >= 50e6 for recovery in summary["recoveries"]] == [True]
        whole = graph(tmp_path, placed=False)
        whole.write_text(whole.read_text().replace("duration: 200 ms", "duration: 400 ms"))
        nil("run", str(whole), "--out", str(tmp_path / "whole"), "--quiet")
        assert nil("spikes", str(tmp_path / "cut")) == nil("spikes", str(tmp_path / "whole"))
    finally:
        for program in reversed(programs):
            program.terminate()
            program.wait(LONG)


def test_a_constraint_that_is_broken_is_named(joined: str, tmp_path: Path) -> None:
    path = graph(tmp_path, placed=True)
    path.write_text(path.read_text().replace("delay: 1.5 ms", "delay: 150 ms"))
    said = nil("submit", str(path), "--coordinator", joined, "--wait", "--quiet", "--out", str(tmp_path / "x"), status=2)
    assert "delay" in said
    assert "1500" in said


def test_certificates_tokens_and_a_nats_user_of_its_own(tmp_path: Path) -> None:
    """Mutual TLS with coordinator and NATS, and the user that the coordinator makes for each federate."""
    auth = tmp_path / "auth"
    nil("auth", "init", str(auth))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    config = auth / "nats" / "nats-server.conf"
    config.write_text(config.read_text().replace("4222", str(port)))
    programs: list[subprocess.Popen[Any]] = [
        subprocess.Popen([str(SERVER), "--config", config.name], cwd=config.parent, stderr=subprocess.DEVNULL)
    ]
    try:
        until(lambda: answers(port))
        process, address = start_coordinator("--nats", f"tls://127.0.0.1:{port}", "--auth", str(auth / "coordinator"))
        programs.append(process)
        joining = ["--coordinator", address, "--auth", str(auth / "worker")]
        adapter = [sys.executable, "-m", "nil_runtime.adapter", str(LIF), "--name", "other", *joining]
        programs += [subprocess.Popen(adapter), subprocess.Popen([*NIL, "worker", *joining])]
        operator = ["--coordinator", address, "--auth", str(auth / "operator")]
        until(lambda: len(nodes(*operator)) == 2)
        nil("submit", str(graph(tmp_path, placed=True)), *operator, "--wait", "--quiet", "--out", str(tmp_path / "cut"))
        nil("run", str(graph(tmp_path, placed=False)), "--out", str(tmp_path / "whole"), "--quiet")
        assert nil("spikes", str(tmp_path / "cut")) == nil("spikes", str(tmp_path / "whole"))
    finally:
        for program in reversed(programs):
            program.terminate()
            program.wait(LONG)
