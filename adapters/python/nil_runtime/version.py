VERSION = "0.1.0"
# Of docs/protocol.md.
PROTOCOL_VERSION = 1
