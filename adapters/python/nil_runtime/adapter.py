"""
`python -m nil_runtime.adapter MODULE`: joins a coordinator as the adapter that MODULE has. MODULE is one of this package's (nest,
brian2, lava, akida), a module's name, or a file's path; its class derived from `Adapter` is found by itself, or named as MODULE:CLASS.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import importlib.util
import inspect
import json
import os
import signal
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

from .access import Access, read_text
from .bus import BusAccess
from .errors import AdapterError, InputError, NilError
from .hosted import Hosted
from .join import Joined
from .plugin import Adapter
from .version import VERSION

OWN = ("nest", "brian2", "lava", "akida")


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        kind = load(options.module)
        if options.describe:
            print(json.dumps(describe(kind), indent=2))
            return 0
        locate = functools.partial(load, options.module)
        joined = Joined(
            functools.partial(Hosted, kind, locate) if kind.declaration.own_process else kind,
            kind.declaration,
            _access(options),
            options.name or os.environ.get("NIL_NAME") or kind.declaration.kind,
            _config(options.config),
        )
        _end_with(joined, options.stdin or "NIL_KIND" in os.environ)
        joined.serve()
    except NilError as error:
        print(f"nil-adapter: {error}", file=sys.stderr)
        return error.exit_status
    return 0


def load(text: str) -> type[Adapter]:
    """The adapter's class that MODULE[:CLASS] names."""
    name, _, wanted = text.partition(":")
    module = _module(name)
    if wanted:
        found = getattr(module, wanted, None)
        if not (inspect.isclass(found) and issubclass(found, Adapter)):
            raise InputError(
                "ADAPTER_UNKNOWN",
                f"{name}: found no class {wanted} derived from nil_runtime.Adapter, expected one",
            )
        return found
    classes = [
        c
        for c in vars(module).values()
        if inspect.isclass(c) and issubclass(c, Adapter) and c is not Adapter and c.__module__ == module.__name__
    ]
    if len(classes) != 1:
        names = ", ".join(c.__name__ for c in classes) or "none"
        raise InputError(
            "ADAPTER_UNKNOWN",
            f"{name}: found {names}, expected one class derived from nil_runtime.Adapter (or MODULE:CLASS)",
        )
    return classes[0]


def _module(name: str) -> ModuleType:
    if name.endswith(".py") or os.sep in name:
        path = Path(name)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if not path.is_file() or spec is None or spec.loader is None:
            raise InputError("ADAPTER_UNKNOWN", f"{name}: found no such file, expected a Python module")
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module
    full = f"nil_runtime.adapters.{name}" if name in OWN else name
    if not name.startswith("nil_runtime") and name not in OWN:
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(full)
    except ModuleNotFoundError as error:
        where = f"which Python ({sys.executable}) can't import" if error.name == full else f"which needs {error.name}"
        raise AdapterError(f"adapter {name}: found a module {where}, expected it to be installed", "ADAPTER_MISSING") from error


def describe(kind: type[Adapter]) -> dict[str, Any]:
    """A declaration as JSON, with the names of adapters/sdk/plugin.ts."""
    d = kind.declaration
    c = d.constraints
    constraints = {
        "models": list(c.models),
        "neurons": c.neurons,
        "fanIn": c.fan_in,
        "fanOut": c.fan_out,
        "synapses": c.synapses,
        "weightBits": None if c.weight_bits is None else {"bits": c.weight_bits.bits, "signed": c.weight_bits.signed},
        "delaySteps": None if c.delay_steps is None else {"min": c.delay_steps[0], "max": c.delay_steps[1]},
        "delayNs": None if c.delay_ns is None else {"min": c.delay_ns[0], "max": c.delay_ns[1]},
        "stepNs": None if c.step_ns is None else {"min": c.step_ns[0], "max": c.step_ns[1] or None, "multipleOf": c.step_ns[2] or None},
        "stimuli": list(c.stimuli),
    }
    return {
        "kind": d.kind,
        "name": d.name,
        "version": d.version,
        "doc": d.doc,
        "direction": d.direction,
        "input": d.input,
        "timing": d.timing,
        "leadSteps": d.lead_steps,
        "windowSteps": d.window_steps or None,
        "config": dict(d.config),
        "constraints": {name: value for name, value in constraints.items() if value is not None},
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nil-adapter", description=__doc__)
    parser.add_argument(
        "module",
        metavar="MODULE",
        help="nest, brian2, lava, akida, a module or a file, with :CLASS where it has several",
    )
    parser.add_argument("--coordinator", metavar="HOST:PORT", default=os.environ.get("NIL_COORDINATOR", "127.0.0.1:7610"))
    parser.add_argument("--name", help="the adapter's name in the graph (default: NIL_NAME, or its kind)")
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="of the adapter's configuration; NIL_CONFIG has JSON",
    )
    parser.add_argument("--describe", action="store_true", help="print the declaration as JSON")
    parser.add_argument("--stdin", action="store_true", help="end when standard input is closed")
    parser.add_argument("--version", action="version", version=VERSION)
    group = parser.add_argument_group(
        "who you are to the coordinator and to NATS (NIL_TOKEN, NIL_NATS and NIL_NATS_TOKEN may hold secrets)"
    )
    group.add_argument(
        "--auth",
        metavar="DIR",
        default=os.environ.get("NIL_AUTH"),
        help="folder with all of it, as 'nil auth' makes it",
    )
    group.add_argument("--tls-ca", metavar="FILE", default=os.environ.get("NIL_TLS_CA"))
    group.add_argument("--tls-cert", metavar="FILE", default=os.environ.get("NIL_TLS_CERT"))
    group.add_argument("--tls-key", metavar="FILE", default=os.environ.get("NIL_TLS_KEY"))
    group.add_argument("--tls", action="store_true", help="its certificate is of an authority that this system trusts")
    group.add_argument("--token-file", metavar="FILE", default=os.environ.get("NIL_TOKEN_FILE"))
    group.add_argument("--insecure", action="store_true", help="send the token to another machine without TLS")
    group.add_argument(
        "--nats",
        metavar="URL",
        help="if this machine reaches it by another address than the coordinator says",
    )
    group.add_argument("--nats-ca", metavar="FILE", default=os.environ.get("NIL_NATS_CA"))
    return parser


def _access(options: argparse.Namespace) -> Access:
    def of(given: str | None, name: str) -> str | None:
        path = None if options.auth is None else os.path.join(options.auth, name)
        return given or (path if path is not None and os.path.exists(path) else None)

    token_file = of(options.token_file, "token")
    token = os.environ.get("NIL_TOKEN") or (None if token_file is None else _read_secret(token_file))
    return Access(
        coordinator=options.coordinator,
        token=token,
        ca_file=of(options.tls_ca, "ca.pem"),
        cert_file=of(options.tls_cert, "cert.pem"),
        key_file=of(options.tls_key, "key.pem"),
        tls=options.tls,
        insecure=options.insecure,
        bus=_bus(options),
    )


def _read_secret(path: str) -> str:
    secret = read_text(path, "SECRET_FILE").strip()
    if not secret:
        raise InputError("SECRET_FILE", f"{path}: found nothing in it, expected a secret")
    return secret


def _bus(options: argparse.Namespace) -> BusAccess:
    if options.nats and "@" in options.nats:
        raise InputError(
            "NATS_URL",
            "--nats: found credentials in an argument, which other users can list, expected them in NIL_NATS",
        )
    url, user, password = options.nats or os.environ.get("NIL_NATS", ""), None, None
    token = os.environ.get("NIL_NATS_TOKEN")
    if "@" in url:
        scheme, _, rest = url.rpartition("://")
        who, _, host = rest.rpartition("@")
        url = f"{scheme or 'nats'}://{host}"
        user, colon, password = who.partition(":")
        if not colon:
            user, password, token = None, None, who
    ca = None if options.nats_ca is None else read_text(options.nats_ca, "TLS_FILES")
    return BusAccess(url, token=token, user=user, password=password, ca=ca)


def _config(pairs: list[str]) -> dict[str, Any]:
    """NIL_CONFIG, then KEY=VALUE; values are JSON where they can be, else text."""
    text = os.environ.get("NIL_CONFIG", "{}")
    try:
        config: Any = json.loads(text)
    except ValueError as error:
        raise InputError("ADAPTER_CONFIG", f"NIL_CONFIG: found no JSON ({error}), expected an object") from error
    if not isinstance(config, dict):
        raise InputError("ADAPTER_CONFIG", f"NIL_CONFIG: found {text}, expected a JSON object")
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise InputError("ADAPTER_CONFIG", f"--config {pair}: found no '=', expected KEY=VALUE")
        try:
            config[key] = json.loads(text)
        except ValueError:
            config[key] = text
    return config


def _end_with(joined: Joined, stdin: bool) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: joined.close())
    if not stdin:
        return

    def watch() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        joined.close()

    threading.Thread(target=watch, name="nil-stdin", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
