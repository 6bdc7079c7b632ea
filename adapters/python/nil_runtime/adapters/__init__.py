"""Adapters that come with the SDK: other simulators and chips' software. Each needs its own package (docs/adapters)."""
