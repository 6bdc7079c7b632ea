"""
Joining a coordinator: one gRPC stream for as long as the adapter lives, one run at a time (docs/protocol.md, section 3). Adapters are called
from the thread that calls `serve`; pings are answered from another.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc

from .access import Access, bus_access, open_channel
from .assignment import assignment_of, own_keys
from .bus import Bus
from .errors import InputError, NilError
from .federate import Command, Federate, Report
from .gen import control_pb2 as pb
from .messages import done_message, hello_message, progress_message
from .plugin import Adapter, Declaration

_RETRY_S = (0.25, 5.0)
# A peer that missed the last acknowledgement may still ask for it.
_LINGER_S = 5.0
_LINGER_LOOK_S = 0.02


class Stopping(Exception):
    """The program is to end."""


@dataclass(frozen=True)
class _Lingering:
    """A federate at the run's end, whose neighbours may still ask."""

    assign: Any
    federate: Federate
    bus: Bus
    until_s: float


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
        self._lingering: _Lingering | None = None
        self._bus: Bus | None = None
        # PeerRestarted and Durable.
        self._notices: deque[Any] = deque()

    def close(self) -> None:
        """Ends `serve`, also from another thread or a signal handler: a run that goes on fails as by a lost federate."""
        self._closing.set()
        self._inbox.put((None, None))
        self._wake()

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
        channel = open_channel(self._access)
        join = channel.stream_stream(
            "/nil.v1.Federation/Join",
            request_serializer=pb.FromFederate.SerializeToString,
            response_deserializer=pb.ToFederate.FromString,
        )
        metadata = (("authorization", f"Bearer {self._access.token}"),) if self._access.token else ()
        outbox.put(pb.FromFederate(hello=hello_message(self._declaration, self._name)))
        call: Any = join(_requests(outbox), metadata=metadata)
        failed: list[Any] = []

        def read() -> None:
            try:
                for message in call:
                    self._received(stream, message, outbox)
            except grpc.RpcError as error:
                failed.append(error)
            self._inbox.put((stream, None))
            self._wake()

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
            self._wake()
            return
        if body in ("stop", "drop"):
            # Seen at once by a run that goes on.
            self._stopped_run = getattr(message, body).run_id
            self._wake()
        self._inbox.put((stream, message))

    def _wake(self) -> None:
        """A run that waits looks at what has come."""
        bus = self._bus
        if bus is not None:
            bus.wake()

    def _next(self, stream: object) -> Any:
        """The next message of this stream; None when it has ended. Peers of a run that is over are answered meanwhile."""
        while not self._closing.is_set():
            self._linger()
            try:
                of, message = self._inbox.get(timeout=_LINGER_LOOK_S if self._lingering is not None else None)
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
            if self._lingering is not None and self._lingering.assign.run_id == run_id:
                self._let_go()

    def _linger(self) -> None:
        left = self._lingering
        if left is None:
            return
        try:
            self._notice(left.federate, left.assign.run_id)
        except NilError as error:
            # Ends the run, and not this program.
            self._fail(left.assign, error, left.federate)
            self._let_go()
            return
        left.bus.receive(left.federate.endpoint)
        left.federate.endpoint.waited(_LINGER_LOOK_S * 1000)
        if time.monotonic() > left.until_s or left.bus.aborted():
            self._let_go()

    def _let_go(self) -> None:
        if self._lingering is not None:
            bus = self._lingering.bus
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
        adapter: Adapter | None = None
        try:
            assignment = assignment_of(assign)
            self._log(f"adapter {self._name}: run {run_id}, federate {assignment.name}")
            began = time.monotonic()
            bus = self._bus = Bus(bus_access(self._access, assign.transport))
            bus.open(run_id, assignment.federate, len(assignment.plan.names))
            config = {**assignment.adapter_config(), **self._config}
            _check_config(config, self._declaration, assignment.name)
            adapter = self._make()
            federate = Federate(assignment, adapter, config, bus.publish, bus.max_bytes, self._log)
            ready = pb.Ready(
                run_id=run_id,
                neurons=federate.neurons,
                synapses=federate.synapses,
                wall_build_ms=(time.monotonic() - began) * 1000,
            )
            self._send(assign, ready=ready)
            if not self._wait_for_start(run_id):
                self._send(assign, done=done_message(run_id, federate, stopped=True))
                return
            finished = self._simulate(federate, bus, assign)
            self._send(assign, done=done_message(run_id, federate, stopped=not finished))
            if finished:
                until_s = float("inf") if assignment.retain else time.monotonic() + _LINGER_S
                self._lingering = _Lingering(assign, federate, bus, until_s)
                bus = None
        except Stopping:
            pass
        except Exception as error:
            self._fail(assign, error, federate)
        finally:
            self._bus = None
            if adapter is not None:
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
            self._send(assign, progress=progress_message(run_id, now))

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
            failed.last.CopyFrom(progress_message(assign.run_id, federate.report()))
        self._send(assign, failed=failed)


def _requests(outbox: queue.SimpleQueue[Any]) -> Iterator[Any]:
    while (message := outbox.get()) is not None:
        yield message


def _check_config(config: dict[str, Any], declaration: Declaration, name: str) -> None:
    for key in config:
        if key not in declaration.config:
            known = ", ".join(sorted(declaration.config)) or "none"
            raise InputError("ADAPTER_CONFIG", f"adapters.{name}.{key}: found an unknown key, expected one of: {known}")


def _quietly(work: Callable[[], None], log: Callable[[str], None]) -> None:
    try:
        work()
    except Exception:
        log(traceback.format_exc())
