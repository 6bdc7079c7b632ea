"""
An adapter in a process of its own, for toolchains that start processes themselves: a process with threads (gRPC's, NATS's) can't be forked.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .errors import AdapterError, NilError
from .plugin import Adapter, Context, SpikeEvents


class Hosted(Adapter):
    """Passes everything on to an adapter of this class in a fresh process, which ends with this one."""

    def __init__(self, kind: type[Adapter], locate: Callable[[], type[Adapter]]) -> None:
        self.declaration = kind.declaration
        self._locate = locate
        self._context: Context | None = None
        self._process: Any = None

    def open(self, context: Context) -> None:
        self._context = context
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        # Not a daemon: it has children of its own. It ends when the pipe does.
        self._process = spawn.Process(target=_host, args=(theirs, self._locate), name=f"nil-{self.declaration.kind}")
        self._process.start()
        theirs.close()
        self._call("open", replace(context, emit=_nothing, log=_nothing))

    def inject(self, events: SpikeEvents) -> None:
        self._call("inject", events)

    def advance(self, to_ns: int, from_ns: int) -> None:
        self._call("advance", to_ns, from_ns)

    def close(self) -> None:
        if self._process is None:
            return
        try:
            if self._process.is_alive():
                self._call("close")
        finally:
            self._pipe.close()
            self._process.join(10)
            if self._process.is_alive():
                self._process.kill()

    def _call(self, name: str, *arguments: Any) -> None:
        assert self._context is not None
        try:
            self._pipe.send((name, arguments))
            emitted, lines, error = self._pipe.recv()
        except (EOFError, OSError) as cause:
            text = f"adapter {self._context.name}: its process ended with {self._process.exitcode}"
            raise AdapterError(text, "ADAPTER_FAILED") from cause
        for line in lines:
            self._context.log(line)
        for spikes in emitted:
            self._context.emit(*spikes)
        if error is not None:
            code, text, status = error
            raise NilError(code, text, status)


def _nothing(*_: object) -> None:
    """In place of what can't be passed to another process."""


def _host(pipe: Any, locate: Callable[[], type[Adapter]]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # How this process was started isn't how it has to start others; a toolchain may want to choose.
    multiprocessing.set_start_method(None, force=True)
    adapter = locate()()
    emitted: list[Any] = []
    lines: list[str] = []
    while True:
        try:
            name, arguments = pipe.recv()
        except EOFError:
            name, arguments = "close", ()
            pipe = None
        error = None
        try:
            if name == "open":
                arguments = (replace(arguments[0], emit=lambda *spikes: emitted.append(spikes), log=lines.append),)
            getattr(adapter, name)(*arguments)
        except NilError as failure:
            error = (failure.code, str(failure), failure.exit_status)
        except Exception as failure:
            text = f"adapter ({adapter.declaration.kind}): {type(failure).__name__}: {failure}"
            error = ("ADAPTER_FAILED", " ".join(text.split()), 1)
        if pipe is not None:
            pipe.send((emitted.copy(), lines.copy(), error))
        emitted.clear()
        lines.clear()
        if name == "close":
            sys.exit(0)
