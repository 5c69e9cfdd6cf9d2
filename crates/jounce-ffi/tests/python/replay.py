"""Replays a native CSV trace through the Python bindings and prints the events as JSON lines.

    replay.py TRACE [CONFIG]

Half-way the state is saved and restored in another engine. With LISTENER set in the environment, a listener prints, which
calls back in and then throws.
"""

import math
import os
import struct
import sys

import jounce

SENSORS = ["accel", "gyro", "mag", "gnss", "baro", "hint", "limit", "consent"]
ACTIVITIES = ["automotive", "cycling", "walking", "running", "still", "unknown"]
SAMPLE = struct.Struct("<HHHHq7d")
VERSION = 1
BATCH = 64


def pack(row):
    t_ns, sensor, *fields = row.rstrip("\n").split(",")
    code, values = 0, []
    if sensor == "hint":
        name, value = fields
        code = 16 + ACTIVITIES.index(value) if name == "activity" else {"screen": 0, "car": 2}[name] + (value == "on")
    elif sensor == "limit":
        code = {"unknown": 0, "none": 1}.get(fields[0], 2)
        values = [float(fields[0]) / 3.6] if code == 2 else []
    elif sensor == "consent":
        code, values = SENSORS.index(fields[0]), [float(fields[1])]
    else:
        values = [float(field) if field else math.nan for field in fields]
    values += [math.nan] * (7 - len(values))
    return SAMPLE.pack(SAMPLE.size, VERSION, SENSORS.index(sensor), code, int(t_ns), *values)


class Printer(jounce.EventListener):
    def __init__(self):
        self.engine = None

    def on_event(self, event):
        print(event.json)
        self.engine.needs()
        raise RuntimeError("meant")


def show(events):
    for event in events:
        print(event.json)


def main():
    with open(sys.argv[1], encoding="utf-8") as trace:
        rows = [pack(row) for row in trace.readlines()[1:]]
    settings = open(sys.argv[2], encoding="utf-8").read() if len(sys.argv) > 2 else ""
    listener = Printer() if os.environ.get("LISTENER") else None

    def opened():
        engine = jounce.JounceEngine(settings, listener)
        if listener:
            listener.engine = engine
        return engine

    engine = opened()
    try:
        engine.push_batch(b"\0" * 10)
        raise SystemExit("what cannot be meant was taken")
    except jounce.JounceError.Invalid:
        pass
    half = len(rows) // 2
    for start in range(0, half, BATCH):
        show(engine.push_batch(b"".join(rows[start : min(start + BATCH, half)])))
    state = engine.snapshot()
    engine = opened()
    engine.restore(state)
    for start in range(half, len(rows), BATCH):
        show(engine.push_batch(b"".join(rows[start : start + BATCH])))
    show(engine.flush())
    engine.set_consent(0, SENSORS.index("gnss"), False)
    assert engine.needs().rate_hz[SENSORS.index("gnss")] == 0.0


main()
