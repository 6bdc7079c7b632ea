"""Errors with a stable code, one line for people and an exit status: 2 when the input was wrong, 1 when the run failed."""

from __future__ import annotations


class NilError(Exception):
    def __init__(self, code: str, message: str, exit_status: int = 1) -> None:
        super().__init__(message)
        self.code = code
        self.exit_status = exit_status


class InputError(NilError):
    """What a user wrote is wrong; the message says where, what was found and what would be right."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message, 2)


class AdapterError(InputError):
    """What an adapter can't hold or can't open."""

    def __init__(self, message: str, code: str = "ADAPTER_CONSTRAINT") -> None:
        super().__init__(code, message)


class CodecError(NilError):
    """Bytes that are no message of the event protocol."""

    def __init__(self, message: str) -> None:
        super().__init__("MESSAGE_MALFORMED", message)
