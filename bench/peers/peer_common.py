"""What every peer script shares: wall clock, memory of this process, one JSON line."""

import json
import resource
import sys
import time


class Phases:
    """Wall-clock seconds between marks, by name."""

    def __init__(self):
        self._last = time.perf_counter()
        self.seconds = {}

    def mark(self, name):
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now
        return self.seconds[name]


def peak_memory_bytes():
    """Largest resident set of this program so far (ru_maxrss would also count who started it)."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def resident_bytes():
    """Resident set of this process now."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def report(**fields):
    """The script's only line on standard output."""
    sys.stdout.flush()
    print(json.dumps(fields), flush=True)
