"""What an adapter that is started by hand says when it joins: all that the coordinator checks before a run."""

from __future__ import annotations

from nil_runtime import Constraints, Declaration
from nil_runtime.messages import declaration_message
from nil_runtime.plugin import WeightBits


def test_everything_declared_is_said() -> None:
    constraints = Constraints(
        models=("external",),
        neurons=7,
        fan_in=3,
        fan_out=4,
        synapses=5,
        weight_bits=WeightBits(6),
        delay_steps=(1, 15),
        delay_ns=(1000, 2000),
        step_ns=(100, 1000, 10),
        stimuli=("step_current",),
    )
    declaration = Declaration(
        kind="all", name="All", version="1", doc="", direction="both", constraints=constraints, window_steps=8, lead_steps=2
    )
    said = declaration_message(declaration)
    assert (said.kind, said.direction, said.window_steps, said.lead_steps) == ("all", "both", 8, 2)
    c = said.constraints
    assert (list(c.models), c.neurons, c.fan_in, c.fan_out, c.synapses) == (["external"], 7, 3, 4, 5)
    assert (c.weight_bits, c.weight_signed) == (6, True)
    assert (c.delay_steps_min, c.delay_steps_max, c.delay_ns_min, c.delay_ns_max) == (1, 15, 1000, 2000)
    assert (c.step_ns_min, c.step_ns_max, c.step_ns_multiple_of) == (100, 1000, 10)
    assert list(c.stimuli) == ["step_current"]
