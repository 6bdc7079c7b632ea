"""What an adapter's program tells a coordinator, as messages of control.proto."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import asdict
from typing import Any

from .federate import Federate, Report
from .gen import control_pb2 as pb
from .plugin import Declaration
from .version import PROTOCOL_VERSION, VERSION


def hello_message(declaration: Declaration, name: str) -> Any:
    hello = pb.Hello(
        protocol_version=PROTOCOL_VERSION,
        name=name,
        threads=1,
        kinds=[declaration.kind],
        host=socket.gethostname()[:200],
        pid=os.getpid(),
        software_version=VERSION,
    )
    hello.adapter.CopyFrom(declaration_message(declaration))
    return hello


def declaration_message(declaration: Declaration) -> Any:
    c = declaration.constraints
    inputs = {
        "none": pb.ADAPTER_INPUT_NONE,
        "spikes": pb.ADAPTER_INPUT_SPIKES,
        "synaptic": pb.ADAPTER_INPUT_SYNAPTIC,
    }
    constraints = pb.AdapterConstraints(
        models=c.models,
        neurons=c.neurons or 0,
        fan_in=c.fan_in or 0,
        fan_out=c.fan_out or 0,
        synapses=c.synapses or 0,
        stimuli=c.stimuli,
    )
    if c.weight_bits is not None:
        constraints.weight_bits, constraints.weight_signed = c.weight_bits.bits, c.weight_bits.signed
    if c.delay_steps is not None:
        constraints.delay_steps_min, constraints.delay_steps_max = c.delay_steps
    if c.delay_ns is not None:
        constraints.delay_ns_min, constraints.delay_ns_max = c.delay_ns
    if c.step_ns is not None:
        least, most, multiple = c.step_ns
        constraints.step_ns_min = least
        if most:
            constraints.step_ns_max = most
        if multiple:
            constraints.step_ns_multiple_of = multiple
    return pb.AdapterDeclaration(
        kind=declaration.kind,
        name=declaration.name,
        version=declaration.version,
        input=inputs[declaration.input],
        real_time=declaration.timing == "real-time",
        constraints=constraints,
        window_steps=declaration.window_steps,
        direction=declaration.direction,
        lead_steps=declaration.lead_steps,
    )


def progress_message(run_id: str, report: Report) -> Any:
    reasons = {
        "horizon": pb.WAIT_REASON_HORIZON,
        "credit": pb.WAIT_REASON_CREDIT,
        "drain": pb.WAIT_REASON_DRAIN,
    }
    progress = pb.Progress(
        run_id=run_id,
        clock_ns=report.clock_ns,
        horizon_ns=report.horizon_ns,
        spikes=report.spikes,
        synaptic_events=report.synaptic_events,
        wall_simulate_ms=report.simulate_ms,
        wall_wait_ms=report.wait_ms,
    )
    for wait in report.waits:
        progress.waits.add(
            reason=reasons[wait.reason],
            federate=wait.federate,
            until_ns=wait.until_ns,
            needs_ns=wait.needs_ns,
        )
    ends = [(progress.ins, *end) for end in report.ins] + [(progress.outs, *end, 0) for end in report.outs]
    for into, end, promise_ns, queued in ends:
        # Statistics have the message's names.
        fields = {"from": end.channel.sender, "to": end.channel.receiver, **asdict(end.stats)}
        into.add(promise_ns=promise_ns, queued=queued, **fields)
    return progress


def done_message(run_id: str, federate: Federate, stopped: bool) -> Any:
    return pb.Done(
        run_id=run_id,
        stopped=stopped,
        last=progress_message(run_id, federate.report()),
        peak_memory_bytes=_peak_memory_bytes(),
        adapter=pb.AdapterReport(is_adapter=True, events_in=federate.events_in, events_out=federate.events_out),
    )


def _peak_memory_bytes() -> int:
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)
