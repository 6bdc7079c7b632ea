"""
Joining a coordinator: one gRPC stream for as long as the adapter lives, one run at a time (docs/protocol.md, section 3). Adapters are called
from the thread that calls `serve`; pings are answered from another.
"""

from __future__ import annotations

import ipaddress
import os
import queue
import socket
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import grpc

from .assignment import Assignment, assignment_of, own_keys
from .bus import Bus, BusAccess
from .errors import InputError, NilError
from .federate import Command, Federate, Report
from .gen import control_pb2 as pb
from .plugin import Adapter, Declaration
from .version import PROTOCOL_VERSION, VERSION

_RETRY_S = (0.25, 5.0)
# A peer that missed the last acknowledgement may still ask for it.
_LINGER_S = 5.0
_MESSAGE_BYTES = 512 << 20


@dataclass(frozen=True)
class Access:
    """How a coordinator is reached, and the bus where the coordinator's own words about it don't do. Paths of PEM files."""

    coordinator: str
    token: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    # TLS with the system's authorities.
    tls: bool = False
    insecure: bool = False
    bus: BusAccess = field(default_factory=lambda: BusAccess(""))


class Stopping(Exception):
    """The program is to end."""


class Joined:
    """An adapter's program: joins, runs what it is assigned, joins again when the coordinator comes back."""

    def __init__(
        self,
        make: Callable[[], Adapter],
        declaration: Declaration,
        access: Access,
        name: str,
        config: dict[str, Any] | None = None,
        log: Callable[[str], None] | None = None,
    ) -> None:
        self._make = make
        self._declaration = declaration
        self._access = access
        self._name = name
        self._config = own_keys(config or {})
        self._log = log or (lambda line: print(line, file=sys.stderr, flush=True))
        self._inbox: queue.SimpleQueue[tuple[object, Any]] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._stream: object = None
        self._stopped_run = ""
        self._closing = threading.Event()
        self._lingering: tuple[Federate, Bus, str, float] | None = None
        self._bus: Bus | None = None
        # PeerRestarted and Durable.
        self._notices: deque[Any] = deque()

    def close(self) -> None:
        """Ends `serve`, also from another thread or a signal handler: a run that goes on fails as by a lost federate."""
        self._closing.set()
        self._inbox.put((None, None))
        if self._bus is not None:
            self._bus.wake()

    def serve(self) -> None:
        """Until `close`. Raises NilError JOIN_REFUSED when the coordinator doesn't want this adapter."""
        retry_s = _RETRY_S[0]
        try:
            while not self._closing.is_set():
                joined, error = self._join_once()
                if self._closing.is_set():
                    return
                if error is not None and error.code() in (
                    grpc.StatusCode.FAILED_PRECONDITION,
                    grpc.StatusCode.UNAUTHENTICATED,
                    grpc.StatusCode.PERMISSION_DENIED,
                ):
                    raise InputError("JOIN_REFUSED", f"coordinator {self._access.coordinator}: {error.details()}")
                retry_s = _RETRY_S[0] if joined else min(2 * retry_s, _RETRY_S[1])
                why = error.details() if error is not None else "it ended the stream"
                self._log(f"adapter {self._name}: no coordinator at {self._access.coordinator} ({why}), trying again")
                self._closing.wait(retry_s)
        finally:
            self._let_go()

    # ------------------------------------------------------------------------------------------------------------------
    # The stream
    # ------------------------------------------------------------------------------------------------------------------

    def _join_once(self) -> tuple[bool, Any]:
        stream = object()
        self._stream = stream
        outbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._outbox = outbox
        channel = _channel(self._access)
        join = channel.stream_stream(
            "/nil.v1.Federation/Join",
            request_serializer=pb.FromFederate.SerializeToString,
            response_deserializer=pb.ToFederate.FromString,
        )
        metadata = (("authorization", f"Bearer {self._access.token}"),) if self._access.token else ()
        outbox.put(pb.FromFederate(hello=_hello(self._declaration, self._name)))
        call: Any = join(_requests(outbox), metadata=metadata)
        failed: list[Any] = []

        def read() -> None:
            try:
                for message in call:
                    self._received(stream, message, outbox)
            except grpc.RpcError as error:
                failed.append(error)
            self._inbox.put((stream, None))
            if self._bus is not None:
                self._bus.wake()

        reader = threading.Thread(target=read, name="nil-join", daemon=True)
        reader.start()
        joined = False
        try:
            while (message := self._next(stream)) is not None:
                joined = joined or message.WhichOneof("body") == "welcome"
                self._handle(message)
        finally:
            outbox.put(None)
            call.cancel()
            channel.close()
            self._let_go()
        return joined, failed[0] if failed else None

    def _received(self, stream: object, message: Any, outbox: queue.SimpleQueue[Any]) -> None:
        body = message.WhichOneof("body")
        if body == "ping":
            outbox.put(pb.FromFederate(pong=pb.Pong(nonce=message.ping.nonce)))
            return
        if body in ("peer_restarted", "durable"):
            # For the thread that has the channels, whatever it does now.
            self._notices.append(message)
            if self._bus is not None:
                self._bus.wake()
            return
        if body in ("stop", "drop"):
            # Seen at once by a run that goes on.
            self._stopped_run = getattr(message, body).run_id
            if self._bus is not None:
                self._bus.wake()
        self._inbox.put((stream, message))

    def _next(self, stream: object) -> Any:
        """The next message of this stream; None when it has ended. Peers of a run that is over are answered meanwhile."""
        while not self._closing.is_set():
            self._linger()
            try:
                of, message = self._inbox.get(timeout=0.02 if self._lingering is not None else None)
            except queue.Empty:
                continue
            if of is stream:
                return message
        return None

    def _handle(self, message: Any) -> None:
        body = message.WhichOneof("body")
        if body == "welcome":
            self._log(f"adapter {self._name}: joined {self._access.coordinator} ({self._declaration.name} {self._declaration.version})")
        elif body == "assign":
            self._run(message)
        elif body in ("drop", "stop"):
            run_id = getattr(message, body).run_id
            if self._lingering is not None and self._lingering[2] == run_id:
                self._let_go()

    def _linger(self) -> None:
        if self._lingering is None:
            return
        federate, bus, run_id, until = self._lingering
        self._notice(federate, run_id)
        bus.receive(federate.endpoint)
        federate.endpoint.waited(20)
        if time.monotonic() > until or bus.aborted():
            self._let_go()

    def _let_go(self) -> None:
        if self._lingering is not None:
            bus = self._lingering[1]
            self._lingering = None
            bus.close()

    def _send(self, run: Any, **body: Any) -> None:
        self._outbox.put(pb.FromFederate(federate=run.federate, incarnation=run.incarnation, **body))

    # ------------------------------------------------------------------------------------------------------------------
    # A run
    # ------------------------------------------------------------------------------------------------------------------

    def _run(self, message: Any) -> None:
        self._let_go()
        assign, run_id = message.assign, message.assign.run_id
        self._stopped_run = ""
        bus: Bus | None = None
        federate: Federate | None = None
        adapter = self._make()
        opened = False
        try:
            assignment = assignment_of(assign)
            self._log(f"adapter {self._name}: run {run_id}, federate {assignment.name}")
            began = time.monotonic()
            bus = self._bus = Bus(_bus_access(self._access, assign.transport))
            bus.open(run_id, assignment.federate, len(assignment.plan.names))
            opened = True
            config = {**assignment.adapter_config(), **self._config}
            _check_config(config, self._declaration, assignment.name)
            federate = Federate(assignment, adapter, config, bus.publish, bus.max_bytes, self._log)
            ready = pb.Ready(
                run_id=run_id,
                neurons=federate.neurons,
                synapses=federate.synapses,
                wall_build_ms=(time.monotonic() - began) * 1000,
            )
            self._send(assign, ready=ready)
            if not self._wait_for_start(run_id):
                self._send(
                    assign,
                    done=pb.Done(run_id=run_id, stopped=True, last=_progress(run_id, federate.report())),
                )
                return
            finished = self._simulate(federate, bus, assign)
            done = pb.Done(run_id=run_id, stopped=not finished, last=_progress(run_id, federate.report()))
            done.peak_memory_bytes = _peak_memory_bytes()
            done.adapter.CopyFrom(pb.AdapterReport(is_adapter=True, events_in=federate.events_in, events_out=federate.events_out))
            self._send(assign, done=done)
            if finished:
                until = float("inf") if assignment.retain else time.monotonic() + _LINGER_S
                self._lingering = (federate, bus, run_id, until)
                bus = None
        except Stopping:
            pass
        except Exception as error:
            self._fail(assign, error, federate)
        finally:
            self._bus = None
            if opened:
                _quietly(adapter.close, self._log)
            if bus is not None:
                bus.close()

    def _simulate(self, federate: Federate, bus: Bus, assign: Any) -> bool:
        run_id = assign.run_id
        stream = self._stream

        def command() -> Command:
            self._look(stream)
            self._notice(federate, run_id)
            return "stop" if self._stopped_run == run_id else "run"

        def record(kind: str, columns: tuple[Any, ...]) -> None:
            begin, end, counts, neurons, *values = columns
            shared = {"run_id": run_id, "begin_step": begin, "end_step": end, "counts": counts, "neurons": neurons}
            if kind == "record":
                self._send(assign, record=pb.RecordChunk(**shared))
            else:
                self._send(assign, event_log=pb.EventLog(**shared, values=values[0]))

        def report(now: Report) -> None:
            self._send(assign, progress=_progress(run_id, now))

        return federate.run(bus, command, report, record)

    def _notice(self, federate: Federate, run_id: str) -> None:
        while self._notices:
            message = self._notices.popleft()
            body = message.WhichOneof("body")
            if body == "peer_restarted" and message.peer_restarted.run_id == run_id:
                told = message.peer_restarted
                federate.endpoint.restarted(told.peer, told.peer_incarnation, told.from_ns)
            elif body == "durable" and message.durable.run_id == run_id:
                federate.endpoint.durable(message.durable.until_ns)

    def _look(self, stream: object) -> None:
        """Messages that come while a run goes on: only its stop and the stream's end matter."""
        if self._closing.is_set():
            raise Stopping
        while not self._inbox.empty():
            of, message = self._inbox.get()
            if of is stream and message is None:
                self._inbox.put((of, message))
                raise Stopping

    def _wait_for_start(self, run_id: str) -> bool:
        stream = self._stream
        while True:
            if self._closing.is_set():
                raise Stopping
            of, message = self._inbox.get()
            if of is not stream:
                continue
            if message is None:
                self._inbox.put((of, message))
                raise Stopping
            body = message.WhichOneof("body")
            if body == "start" and message.start.run_id == run_id:
                return True
            if body in ("stop", "drop") and getattr(message, body).run_id == run_id:
                return False

    def _fail(self, assign: Any, error: Exception, federate: Federate | None) -> None:
        if isinstance(error, NilError):
            code, text, status = error.code, str(error), error.exit_status
        else:
            # An adapter's own exceptions: the last line for people, the rest for the log.
            self._log(traceback.format_exc())
            code, status = "ADAPTER_FAILED", 1
            text = f"adapter {self._name} ({self._declaration.kind}): {type(error).__name__}: {error}"
        self._log(f"adapter {self._name}: {code}: {text}")
        failed = pb.Failed(run_id=assign.run_id, code=code, message=" ".join(text.split()), exit_status=status)
        if federate is not None:
            failed.last.CopyFrom(_progress(assign.run_id, federate.report()))
        self._send(assign, failed=failed)


def _requests(outbox: queue.SimpleQueue[Any]) -> Iterator[Any]:
    while (message := outbox.get()) is not None:
        yield message


def _hello(declaration: Declaration, name: str) -> Any:
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


def _check_config(config: dict[str, Any], declaration: Declaration, name: str) -> None:
    for key in config:
        if key not in declaration.config:
            known = ", ".join(sorted(declaration.config)) or "none"
            raise InputError("ADAPTER_CONFIG", f"adapters.{name}.{key}: found an unknown key, expected one of: {known}")


def _progress(run_id: str, report: Report) -> Any:
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
        channel, stats = end.channel, end.stats
        into.add(
            **{"from": channel.sender},
            to=channel.receiver,
            promise_ns=promise_ns,
            queued=queued,
            batches=stats.batches,
            bytes=stats.bytes,
            events=stats.events,
            repaired=stats.repaired,
            rejected=stats.rejected,
            duplicates=stats.duplicates,
            fenced=stats.fenced,
            retained_bytes=stats.retained_bytes,
            last_heard_ms=stats.last_heard_ms,
        )
    return progress


def _channel(access: Access) -> grpc.Channel:
    host = access.coordinator.rsplit(":", 1)[0].strip("[]")
    options = [
        ("grpc.max_receive_message_length", _MESSAGE_BYTES),
        ("grpc.max_send_message_length", _MESSAGE_BYTES),
    ]
    if access.ca_file is None and access.cert_file is None and not access.tls:
        if access.token is not None and not access.insecure and not _is_loopback(host):
            raise InputError(
                "TOKEN_IN_CLEAR",
                f"coordinator {access.coordinator}: found a token but no TLS, expected --tls-ca FILE or --tls (or --insecure)",
            )
        return grpc.insecure_channel(access.coordinator, options)
    credentials = grpc.ssl_channel_credentials(_read(access.ca_file), _read(access.key_file), _read(access.cert_file))
    return grpc.secure_channel(access.coordinator, credentials, options)


def _bus_access(access: Access, transport: Any) -> BusAccess:
    """What this program was told of the bus, and what the coordinator says where it wasn't."""
    own = access.bus
    url = own.url or transport.nats_url
    ca = own.ca or transport.nats_ca or None
    secret = (own.token, own.user, own.jwt)
    found = replace(own, url=url, ca=ca)
    if ca is not None or "tls://" in url:
        found = replace(found, cert_file=own.cert_file or access.cert_file, key_file=own.key_file or access.key_file)
        if found.ca is None and access.ca_file is not None:
            found = replace(found, ca=(_read(access.ca_file) or b"").decode())
    if not any(secret) and transport.HasField("nats_user"):
        found = replace(found, jwt=transport.nats_user.jwt, seed=transport.nats_user.seed)
    return found


def _read(path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InputError("TLS_FILES", f"{path}: {error.strerror}") from error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _peak_memory_bytes() -> int:
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def _quietly(work: Callable[[], None], log: Callable[[str], None]) -> None:
    try:
        work()
    except Exception:
        log(traceback.format_exc())


__all__ = ["Access", "Assignment", "Joined"]
