package dev.jounce

import java.io.File
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import uniffi.jounce.Event
import uniffi.jounce.EventListener
import uniffi.jounce.JounceEngine
import uniffi.jounce.JounceException
import uniffi.jounce.JounceWorker
import uniffi.jounce.WorkerCounts

private const val BATCH = 64
private const val TIMED_BATCH = 100
private const val TIMED_ROUNDS = 9

/** One row of a native trace, into [samples]. */
internal fun read(row: String, samples: Samples) {
    val fields = row.split(',')
    val tNs = fields[0].toLong()
    val sensor = Sensor.valueOf(fields[1].uppercase())
    fun value(index: Int) = fields.getOrNull(2 + index)?.takeIf { it.isNotEmpty() }?.toDouble() ?: Double.NaN
    when (sensor) {
        Sensor.ACCEL -> samples.accel(tNs, value(0), value(1), value(2))
        Sensor.GYRO -> samples.gyro(tNs, value(0), value(1), value(2))
        Sensor.MAG -> samples.mag(tNs, value(0), value(1), value(2))
        Sensor.GNSS ->
            samples.fix(tNs, Fix(value(0), value(1), value(2), value(3), value(4), value(5), value(6)))
        Sensor.BARO -> samples.pressure(tNs, value(0))
        Sensor.HINT -> samples.hint(tNs, hint(fields[2], fields[3]))
        Sensor.LIMIT -> samples.limit(tNs, limit(fields[2]))
        Sensor.CONSENT -> samples.consent(tNs, Sensor.valueOf(fields[2].uppercase()), fields[3] == "1")
    }
}

private fun hint(name: String, value: String) = when (name) {
    "screen" -> if (value == "on") Hint.SCREEN_ON else Hint.SCREEN_OFF
    "car" -> if (value == "on") Hint.CAR_ON else Hint.CAR_OFF
    else -> if (value == "unknown") Hint.ACTIVITY_UNKNOWN else Hint.valueOf(value.uppercase())
}

private fun limit(text: String) = when (text) {
    "unknown" -> null
    "none" -> Double.POSITIVE_INFINITY
    else -> text.toDouble() / 3.6
}

internal fun batches(trace: String, size: Int): List<ByteBuffer> {
    val samples = Samples()
    return File(trace).readLines().drop(1).chunked(size).map { rows ->
        rows.forEach { read(it, samples) }
        copy(samples.take())
    }
}

private fun copy(bytes: ByteBuffer) = ByteArray(bytes.remaining()).also { bytes.get(it) }.direct()

private fun show(events: List<Event>) = events.forEach { println(it.json) }

/** Prints, calls back in, and then throws what Kotlin throws when something is null. */
private class Printer : EventListener {
    lateinit var engine: JounceEngine

    override fun onEvent(event: Event) {
        println(event.json)
        engine.needs()
        engine.pushBatch(ByteArray(0).direct())
        throw NullPointerException("meant")
    }
}

private fun replay(listener: Printer?, trace: String, config: String?) {
    val settings = config?.let { File(it).readText() } ?: ""
    fun opened() = JounceEngine(settings, listener).also { listener?.engine = it }
    var engine = opened()
    try {
        engine.pushBatch(ByteArray(10).direct())
        error("what cannot be meant was taken")
    } catch (_: JounceException.Invalid) {
        // As it should be.
    }
    val all = batches(trace, BATCH)
    val half = all.size / 2
    all.take(half).forEach { show(engine.pushBatch(it)) }
    // As when the operating system ends an app.
    val state = engine.snapshot()
    engine.close()
    engine = opened()
    engine.restore(state.direct())
    all.drop(half).forEach { show(engine.pushBatch(it)) }
    show(engine.flush())
    engine.close()
    try {
        engine.needs()
        error("it was closed")
    } catch (_: IllegalStateException) {
        // A closed engine is none, and nothing worse.
    }
}

/** The same by a thread behind the engine. */
private fun post(trace: String, config: String?) {
    val printer = Printer()
    printer.engine = JounceEngine(config?.let { File(it).readText() } ?: "", null)
    val all = batches(trace, BATCH)
    JounceWorker(printer.engine, (all.size * BATCH).toUInt(), printer).use { worker ->
        all.forEach { worker.post(it) }
        worker.stop()
        check(worker.counts() == WorkerCounts(0UL, 0UL)) { worker.counts() }
    }
    printer.engine.close()
}

/** Processor time of this thread, since what else the machine does must not count. */
private fun seconds(push: (JounceEngine) -> Unit) = JounceEngine("", null).use { engine ->
    val threads = ManagementFactory.getThreadMXBean()
    val start = threads.currentThreadCpuTime
    push(engine)
    (threads.currentThreadCpuTime - start) / 1e9
}

private fun measure(trace: String) {
    val all = batches(trace, TIMED_BATCH)
    val whole = ByteBuffer.allocateDirect(all.sumOf { it.remaining() })
    all.forEach { whole.put(it.duplicate()) }
    whole.flip()
    // In turns, and the least of some rounds. All at once crosses the border once: it is the engine and the unpacking alone.
    val rounds = List(TIMED_ROUNDS) {
        val apart = seconds { engine -> all.forEach { engine.pushBatch(it.duplicate()) } }
        apart to seconds { engine -> engine.pushBatch(whole.duplicate()) }
    }
    val (apart, together) = rounds.minOf { it.first } to rounds.minOf { it.second }
    val (apartUs, togetherUs) = listOf(apart, together).map { 1e6 * it / all.size }
    println(
        "Kotlin: %.0f us for each batch of %d, %.0f us of it the engine: %.0f %% more"
            .format(apartUs, TIMED_BATCH, togetherUs, 100 * (apart / together - 1)),
    )
}

fun main(arguments: Array<String>) {
    val (mode, trace) = arguments
    val config = arguments.getOrNull(2)
    when (mode) {
        "time" -> measure(trace)
        "worker" -> post(trace, config)
        else -> replay(if (mode == "listener") Printer() else null, trace, config)
    }
}
