"""What the program reads from outside: whatever is wrong is one line that names it, and exit status 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from nil_runtime.adapter import main

LIF = Path(__file__).resolve().parents[1] / "examples" / "lif.py"


@pytest.mark.parametrize(
    ("env", "arguments", "said"),
    [
        ({"NIL_CONFIG": "{"}, [], "NIL_CONFIG: found no JSON"),
        ({"NIL_CONFIG": "[1]"}, [], "NIL_CONFIG: found [1], expected a JSON object"),
        ({}, ["--config", "x"], "--config x: found no '=', expected KEY=VALUE"),
        ({}, ["--token-file", "FOLDER/none"], "/none: found no such file, expected one"),
        ({}, ["--token-file", "FOLDER/empty"], "/empty: found nothing in it, expected a secret"),
        ({}, ["--token-file", "FOLDER/bytes"], "/bytes: found a file that can't be read"),
        ({}, ["--nats-ca", "FOLDER/none"], "/none: found no such file, expected one"),
        ({}, ["--tls-ca", "FOLDER/none"], "/none: found no such file, expected one"),
        ({"NIL_TOKEN": "t"}, ["--coordinator", "192.0.2.1:1"], "found a token but no TLS"),
    ],
)
def test_wrong_input(
    env: dict[str, str],
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xff")
    for name in ("NIL_CONFIG", "NIL_TOKEN", "NIL_TOKEN_FILE", "NIL_NATS", "NIL_NATS_TOKEN", "NIL_NATS_CA", "NIL_TLS_CA", "NIL_AUTH"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    # main() takes the signals that end it.
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert main([str(LIF), *(a.replace("FOLDER", str(tmp_path)) for a in arguments)]) == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1
