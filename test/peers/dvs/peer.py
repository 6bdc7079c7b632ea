"""Other people's readers and writers of event recordings, one command each; events travel as JSON columns."""

import json
import pathlib
import sys
import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def columns(width, height, t, x, y, on):
    return {
        "width": int(width),
        "height": int(height),
        "timesUs": [int(value) for value in t],
        "x": [int(value) for value in x],
        "y": [int(value) for value in y],
        "on": [int(bool(value)) for value in on],
    }


def array_of(events, dtype, names):
    array = np.zeros(len(events["x"]), dtype=dtype)
    for name, key in zip(names, ("timesUs", "x", "y", "on")):
        array[name] = events[key]
    return array


def store_of(events):
    import dv_processing as dv

    store = dv.EventStore()
    for t, x, y, on in zip(events["timesUs"], events["x"], events["y"], events["on"]):
        store.push_back(t, x, y, bool(on))
    return store


def versions():
    found = {}
    for name in ("aedat", "dv_processing", "event_stream", "expelliarmus", "faery"):
        try:
            __import__(name)
            found[name] = version(name)
        except (ImportError, PackageNotFoundError) as error:
            found[name] = f"missing: {error}"
    return found


def write_dv(events, path, compression):
    import dv_processing as dv

    config = dv.io.MonoCameraWriter.Config("peer", getattr(dv.CompressionType, compression))
    config.addEventStream((events["width"], events["height"]))
    config.addTriggerStream()
    writer = dv.io.MonoCameraWriter(str(path), config)
    writer.writeTrigger(dv.Trigger(events["timesUs"][0], dv.TriggerType.EXTERNAL_SIGNAL_RISING_EDGE))
    writer.writeEvents(store_of(events))


def write_faery(events, path, kind, option):
    import faery

    stream = faery.events_stream_from_array(
        array_of(events, faery.EVENTS_DTYPE, ("t", "x", "y", "on")), (events["width"], events["height"])
    )
    options = {"zero_t0": False}
    if kind == "aedat4":
        options["compression"] = None if option == "none" else (option, 1)
    if kind == "evt":
        options["version"] = option
    stream.to_file(path, **options)


def write_expelliarmus(events, path, encoding):
    from expelliarmus import Wizard

    dtype = [("t", "<i8"), ("x", "<i2"), ("y", "<i2"), ("p", "u1")]
    Wizard(encoding=encoding).save(str(path), array_of(events, dtype, ("t", "x", "y", "p")))


def write_es(events, path):
    import event_stream

    with event_stream.Encoder(str(path), "dvs", events["width"], events["height"]) as encoder:
        encoder.write(array_of(events, event_stream.dvs_dtype, ("t", "x", "y", "on")))


WRITERS = {
    "dv-none.aedat4": lambda events, path: write_dv(events, path, "NONE"),
    "dv-lz4.aedat4": lambda events, path: write_dv(events, path, "LZ4"),
    "dv-lz4-high.aedat4": lambda events, path: write_dv(events, path, "LZ4_HIGH"),
    "dv-zstd.aedat4": lambda events, path: write_dv(events, path, "ZSTD"),
    "dv-zstd-high.aedat4": lambda events, path: write_dv(events, path, "ZSTD_HIGH"),
    "faery-none.aedat4": lambda events, path: write_faery(events, path, "aedat4", "none"),
    "faery-lz4.aedat4": lambda events, path: write_faery(events, path, "aedat4", "lz4"),
    "faery-zstd.aedat4": lambda events, path: write_faery(events, path, "aedat4", "zstd"),
    "faery-evt2.raw": lambda events, path: write_faery(events, path, "evt", "evt2"),
    "faery-evt3.raw": lambda events, path: write_faery(events, path, "evt", "evt3"),
    "faery.es": lambda events, path: write_faery(events, path, "es", None),
    "faery.csv": lambda events, path: write_faery(events, path, "csv", None),
    "expelliarmus-evt2.raw": lambda events, path: write_expelliarmus(events, path, "evt2"),
    "expelliarmus-evt3.raw": lambda events, path: write_expelliarmus(events, path, "evt3"),
    "event_stream.es": write_es,
}


def write(events_path, folder):
    events = load(events_path)
    for name, writer in WRITERS.items():
        writer(events, pathlib.Path(folder) / name)
    return sorted(WRITERS)


def read_aedat(path):
    import aedat

    decoder = aedat.Decoder(path)
    stream = decoder.id_to_stream()[0]
    packets = [packet["events"] for packet in decoder if "events" in packet]
    events = np.concatenate(packets)
    return columns(stream["width"], stream["height"], events["t"], events["x"], events["y"], events["on"])


def read_dv(path):
    import dv_processing as dv

    recording = dv.io.MonoCameraRecording(path)
    width, height = recording.getEventResolution()
    parts = []
    while recording.isRunning():
        events = recording.getNextEventBatch()
        if events is not None:
            parts.append(events.numpy())
    events = np.concatenate(parts)
    return columns(width, height, events["timestamp"], events["x"], events["y"], events["polarity"])


def read_faery(path):
    import faery

    stream = faery.events_stream_from_file(path)
    events = stream.to_array()
    width, height = stream.dimensions()
    return columns(width, height, events["t"], events["x"], events["y"], events["on"])


def read_expelliarmus(path, encoding):
    from expelliarmus import Wizard

    events = Wizard(encoding=encoding).read(path)
    return columns(0, 0, events["t"], events["x"], events["y"], events["p"])


def read_es(path):
    import event_stream

    decoder = event_stream.Decoder(path)
    events = np.concatenate([packet for packet in decoder])
    return columns(decoder.width, decoder.height, events["t"], events["x"], events["y"], events["on"])


READERS = {
    "aedat": read_aedat,
    "dv_processing": read_dv,
    "faery": read_faery,
    "expelliarmus-evt2": lambda path: read_expelliarmus(path, "evt2"),
    "expelliarmus-evt3": lambda path: read_expelliarmus(path, "evt3"),
    "event_stream": read_es,
}


def serve(events_path, port):
    """dv-processing's server of a live camera; ends when its only client has gone."""
    import dv_processing as dv

    events = load(events_path)
    stream = dv.io.Stream.EventStream(0, "events", "peer", (events["width"], events["height"]))
    writer = dv.io.NetworkWriter("127.0.0.1", int(port), stream)
    print("ready", flush=True)
    end = time.monotonic() + 60
    while writer.getClientCount() == 0 and time.monotonic() < end:
        time.sleep(0.01)
    store = store_of(events)
    for begin in range(0, store.size(), 500):
        writer.writeEvents(store.slice(begin, min(500, store.size() - begin)))
    while writer.getClientCount() > 0 and time.monotonic() < end:
        time.sleep(0.01)


def connect(port, count):
    """dv-processing's client of a live camera."""
    import dv_processing as dv

    reader = dv.io.NetworkReader("127.0.0.1", int(port))
    width, height = reader.getEventResolution()
    parts = []
    end = time.monotonic() + 60
    while sum(len(part) for part in parts) < int(count) and time.monotonic() < end:
        events = reader.getNextEventBatch()
        if events is None:
            time.sleep(0.001)
        else:
            parts.append(events.numpy())
    events = np.concatenate(parts)
    return columns(width, height, events["timestamp"], events["x"], events["y"], events["polarity"])


def main():
    command, *arguments = sys.argv[1:]
    run = {
        "versions": versions,
        "write": write,
        "read": lambda library, path: READERS[library](path),
        "serve": serve,
        "connect": connect,
    }[command]
    result = run(*arguments)
    if result is not None:
        print(json.dumps(result))


main()
