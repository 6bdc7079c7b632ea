"""What goes wrong in a run ends the run, by its name, and never the adapter's program, which others may still want."""

from __future__ import annotations

from typing import Any

from nil_runtime import Adapter, Constraints, Declaration
from nil_runtime.access import Access
from nil_runtime.federate import Report
from nil_runtime.gen import control_pb2 as pb
from nil_runtime.join import Joined, _Lingering
from nil_runtime.messages import done_message
from nil_runtime.reliable import Channel, Endpoint

DECLARATION = Declaration(kind="k", name="K", version="1", doc="", constraints=Constraints(models=("external",)))


class Bus:
    closed = False

    def close(self) -> None:
        self.closed = True


class Federate:
    """At its end, with a channel to federate 1 that kept nothing."""

    events_in, events_out = 5, 6

    def __init__(self) -> None:
        out = Channel(
            run="r",
            sender=0,
            receiver=1,
            incarnation=1,
            to_incarnation=1,
            dt_ns=100,
            start_ns=0,
            end_ns=1000,
            neurons=1,
            signal_width=0,
            graded=False,
            credit_ns=1000,
            credit_bytes=1000,
        )
        self.endpoint = Endpoint(0, [], [out], lambda *_: None, 10**6)
        self.endpoint.outs[0]._sent_ns = 1000

    def report(self) -> Report:
        return Report(1000, 1000, [], [], [(self.endpoint.outs[0], 1000)], 7, 8, 1.5, 2.5)


def joined() -> Joined:
    return Joined(Adapter, DECLARATION, Access("127.0.0.1:1"), "k", log=lambda _: None)


def test_a_neighbour_that_needs_what_wasnt_kept_after_the_end() -> None:
    program, federate, bus = joined(), Federate(), Bus()
    lingering: Any = _Lingering(pb.Assign(run_id="r", federate=0, incarnation=1), federate, bus, float("inf"))  # type: ignore[arg-type]
    program._lingering = lingering
    again = pb.PeerRestarted(run_id="r", peer=1, peer_incarnation=2, from_ns=500)
    program._notices.append(pb.ToFederate(peer_restarted=again))
    program._linger()
    said = program._outbox.get_nowait()
    assert (said.federate, said.incarnation, said.failed.run_id, said.failed.code) == (0, 1, "r", "RECOVERY_IMPOSSIBLE")
    assert "federate 1 begins again at 500 ns, but what was sent is kept from 1000 ns only" in said.failed.message
    assert bus.closed
    assert program._lingering is None


def test_what_channels_counted_is_said() -> None:
    federate = Federate()
    stats = federate.endpoint.outs[0].stats
    numbers = {name: i for i, name in enumerate(vars(stats), start=1)}
    vars(stats).update(numbers)
    done = done_message("r", federate, stopped=False)  # type: ignore[arg-type]
    (out,) = done.last.outs
    assert {name: getattr(out, name) for name in numbers} == numbers
    assert (getattr(out, "from"), out.to, out.promise_ns) == (0, 1, 1000)
    assert (done.last.spikes, done.adapter.events_in, done.adapter.events_out, done.stopped) == (7, 5, 6, False)
