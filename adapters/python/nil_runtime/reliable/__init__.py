"""
Channels over a carrier that loses, repeats and reorders messages: sequence numbers, credit, acknowledgement, repair and probes
(docs/protocol.md, sections 5 to 7; stream/reliable). Nothing here does input or output: an endpoint is given what came and a function that
publishes.
"""

from .channel import Channel, Publish, Stats
from .endpoint import Endpoint
from .receiver import Receiver
from .sender import Sender

__all__ = ["Channel", "Endpoint", "Publish", "Receiver", "Sender", "Stats"]
