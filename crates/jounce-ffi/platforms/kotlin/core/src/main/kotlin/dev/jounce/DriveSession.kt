package dev.jounce

import java.io.File
import uniffi.jounce.Event
import uniffi.jounce.JounceEngine
import uniffi.jounce.JounceException
import uniffi.jounce.JounceRecorder

/**
 * One engine with all that surrounds it on a phone: batches, events, wanted sensors, and a state that outlives the process.
 *
 * All calls come from one thread. [samples] is filled as sensors deliver; [pump] is called every 100 to 200 ms, or when a
 * FIFO was read. A snapshot is kept every [KEEP_EVERY_NS] while sensors run, whenever an event was told, and at every pump while
 * a crash is undecided; with the process at most that much of a drive is lost, and nothing that was told.
 */
class DriveSession(
    settings: String,
    private val kept: SnapshotFile,
    private val onEvent: (Event) -> Unit,
    private val onPlan: (SensorPlan) -> Unit,
) : AutoCloseable {
    val samples = Samples()
    private val engine = JounceEngine(settings, null)
    private var recorder: JounceRecorder? = null
    private var plan: SensorPlan? = null
    private var keptNs = Long.MIN_VALUE
    private var isCrashOpen = false

    /** Whether it goes on where another process was ended. */
    val isResumed: Boolean = resume()

    private fun resume(): Boolean {
        val bytes = kept.load() ?: return false
        return try {
            engine.restore(bytes.direct())
            true
        } catch (_: JounceException.Snapshot) {
            // Of another version, or of other settings: what it holds cannot be gone on with.
            kept.forget()
            false
        }
    }

    /** Hands on what has been delivered. [nowNs] is the present, `elapsedRealtimeNanos`. */
    fun pump(nowNs: Long) {
        val isBusy = !samples.isEmpty
        val batch = samples.take()
        if (isBusy) {
            recorder?.pushBatch(batch.duplicate())
        }
        try {
            deliver(engine.pushBatch(batch), nowNs, isBusy)
        } catch (_: JounceException.Faulted) {
            // Contained, and nothing of it is left; the drive goes on without what was known of it.
            engine.reset()
            kept.forget()
        }
        tellPlan()
    }

    /** Decides what is open, as when the person ends a drive by hand. */
    fun finish(nowNs: Long) {
        pump(nowNs)
        deliver(engine.flush(), nowNs, isBusy = true)
        keep(nowNs)
    }

    /** Wipes everything that was ever pushed, here and on the disk. Settings and consent stay. */
    fun forget() {
        samples.take()
        engine.reset()
        kept.forget()
    }

    /** Records what is pushed from here on; null ends it. [utcOffsetNs]: UTC minus the engine's clock. */
    fun record(file: File?, utcOffsetNs: Long = 0) {
        recorder?.use { it.sync() }
        recorder = file?.let { JounceRecorder(it.path, utcOffsetNs) }
    }

    fun healthJson(): String = engine.healthJson()

    override fun close() {
        record(null)
        engine.close()
    }

    private fun deliver(events: List<Event>, nowNs: Long, isBusy: Boolean) {
        // Told before it is kept: with a process that ends in between, nothing untold is lost.
        for (event in events) {
            if (event.kind == "crash") isCrashOpen = event.phase == "suspected"
            // What goes wrong in there is not the engine's, and must not keep the others from being told.
            runCatching { onEvent(event) }
        }
        val isDue = keptNs == Long.MIN_VALUE || isBusy && nowNs - keptNs >= KEEP_EVERY_NS
        if (isCrashOpen || events.isNotEmpty() || isDue) keep(nowNs)
    }

    private fun keep(nowNs: Long) {
        kept.save(engine.snapshot())
        recorder?.sync()
        keptNs = nowNs
    }

    private fun tellPlan() {
        val wanted = SensorPlan.of(engine.needs())
        if (wanted != plan) {
            plan = wanted
            onPlan(wanted)
        }
    }

    companion object {
        /** As much of a drive as may be lost with the process, ns. */
        const val KEEP_EVERY_NS = 10_000_000_000L
    }
}
