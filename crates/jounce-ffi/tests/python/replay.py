"""Replays a native CSV trace through the Python bindings and prints the events as JSON lines.

    replay.py pulled|listener|worker TRACE [CONFIG]
    replay.py record TRACE RECORDING
    replay.py crash TRACE
    replay.py time TRACE

Half-way the state is saved and restored in another engine. A listener prints, calls back in, and then throws. `worker` posts
to a thread instead. `record` writes a recording. `crash` sees that a crash can be rehearsed, and that the one in the trace has
its evidence. `time` tells what a batch of 100 samples costs.
"""

import math
import struct
import sys
import time

import jounce

SENSORS = ["accel", "gyro", "mag", "gnss", "baro", "hint", "limit", "consent"]
ACTIVITIES = ["automotive", "cycling", "walking", "running", "still", "unknown"]
SAMPLE = struct.Struct("<HHHHq7d")
VERSION = 1
BATCH = 64
TIMED_BATCH = 100
TIMED_ROUNDS = 25
MOST_PERCENT = 25


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


def read(trace):
    with open(trace, encoding="utf-8") as rows:
        return [pack(row) for row in rows.readlines()[1:]]


def replay(listener, trace, config=None):
    rows = read(trace)
    settings = open(config, encoding="utf-8").read() if config else ""

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


def post(trace, config=None):
    printer = Printer()
    printer.engine = jounce.JounceEngine(open(config, encoding="utf-8").read() if config else "", None)
    rows = read(trace)
    worker = jounce.JounceWorker(printer.engine, len(rows), printer)
    for start in range(0, len(rows), BATCH):
        worker.post(b"".join(rows[start : start + BATCH]))
    worker.stop()
    assert worker.counts() == jounce.WorkerCounts(dropped=0, unused=0), worker.counts()
    try:
        worker.post(rows[0])
        raise SystemExit("what was stopped still takes samples")
    except jounce.JounceError.Invalid:
        pass


def record(trace, recording):
    recorder = jounce.JounceRecorder(recording, 0)
    recorder.push_batch(b"".join(read(trace)))
    recorder.sync()


def rehearse():
    engine = jounce.JounceEngine("", None)
    try:
        engine.rehearse_crash()
        raise SystemExit("there was no time to rehearse at")
    except jounce.JounceError.Invalid:
        pass
    engine.push_batch(SAMPLE.pack(SAMPLE.size, VERSION, 0, 0, 1, 0.0, 0.0, 9.81, *4 * [0.0]))
    told = engine.rehearse_crash() + engine.cancel_rehearsal()
    assert [event.phase for event in told] == ["suspected", "revoked"], told
    assert all('"rehearsal"' in event.json for event in told), told


def evidence(trace):
    rows = read(trace)
    engine = jounce.JounceEngine("", None)
    engine.push_batch(b"".join(rows))
    engine.flush()
    kept = engine.take_evidence()
    assert kept.id == "crash-1", kept.id
    samples = {kept.packed[at : at + SAMPLE.size] for at in range(0, len(kept.packed), SAMPLE.size)}
    assert len(samples) > 500 and samples <= set(rows), len(samples)
    assert engine.take_evidence() is None


def measure(trace):
    """The least of some rounds' processor time, in turns, since what else the machine does only makes it slower."""
    rows = read(trace)
    batches = [b"".join(rows[start : start + TIMED_BATCH]) for start in range(0, len(rows), TIMED_BATCH)]
    # All at once crosses the border once: it is the engine and the unpacking alone.
    whole = b"".join(batches)

    def seconds(pushed):
        engine = jounce.JounceEngine("", None)
        start = time.process_time()
        for batch in pushed:
            engine.push_batch(batch)
        return time.process_time() - start

    rounds = [(seconds(batches), seconds([whole])) for _ in range(TIMED_ROUNDS)]
    apart, together = map(min, zip(*rounds))
    percent = 100 * (apart / together - 1)
    print(
        f"Python: {1e6 * apart / len(batches):.0f} us for each batch of {TIMED_BATCH}, {1e6 * together / len(batches):.0f} us "
        f"of it the engine: {percent:.0f} % more, at most {MOST_PERCENT} %"
    )
    if percent > MOST_PERCENT:
        raise SystemExit("too much")


def main():
    mode, *arguments = sys.argv[1:]
    if mode == "time":
        measure(*arguments)
    elif mode == "worker":
        post(*arguments)
    elif mode == "record":
        record(*arguments)
    elif mode == "crash":
        rehearse()
        evidence(*arguments)
    else:
        replay(Printer() if mode == "listener" else None, *arguments)


main()
