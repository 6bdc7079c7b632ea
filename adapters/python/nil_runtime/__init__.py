"""
Federates of NIL Runtime in Python. Write a class with `open`, `inject` and `advance` (`nil_runtime.plugin.Adapter`), and start it with
`python -m nil_runtime.adapter MODULE --coordinator HOST:PORT`. docs/python.md has an example in 30 lines.
"""

from .errors import AdapterError, InputError, NilError
from .plugin import (
    Adapter,
    Constraints,
    Context,
    Declaration,
    Population,
    Source,
    SpikeEvents,
    StepCurrent,
    Synapses,
    WeightBits,
)
from .version import VERSION as __version__

__all__ = [
    "Adapter",
    "AdapterError",
    "Constraints",
    "Context",
    "Declaration",
    "InputError",
    "NilError",
    "Population",
    "Source",
    "SpikeEvents",
    "StepCurrent",
    "Synapses",
    "WeightBits",
    "__version__",
]
