package dev.jounce

import java.io.File
import java.nio.ByteOrder
import java.nio.file.Files
import kotlin.concurrent.thread
import uniffi.jounce.Event
import uniffi.jounce.JounceEngine
import uniffi.jounce.JounceException
import uniffi.jounce.Needs
import uniffi.jounce.Stage

private const val S = 1_000_000_000L
private const val HOUR = 3600 * S
private const val BATCH = 100

private fun folder(): File = Files.createTempDirectory("jounce").toFile().also { it.deleteOnExit() }

private fun expect(what: String, actual: Any?, expected: Any?) = check(actual == expected) { "$what: $actual, expected $expected" }

private fun samplesAreStructures() {
    val samples = Samples()
    repeat(100) { samples.accel(it.toLong(), 1.0, 2.0, 3.0) }
    samples.limit(7, null)
    samples.limit(8, Double.POSITIVE_INFINITY)
    samples.consent(9, Sensor.MAG, false)
    val bytes = samples.take().order(ByteOrder.LITTLE_ENDIAN)
    expect("bytes", bytes.remaining(), 103 * 72)
    expect("size and version", bytes.getInt(0), 72 or (1 shl 16))
    expect("last accel time", bytes.getLong(99 * 72 + 8), 99L)
    expect("last accel z", bytes.getDouble(99 * 72 + 32), 3.0)
    check(bytes.getDouble(99 * 72 + 40).isNaN())
    expect("limit codes", listOf(100, 101).map { bytes.getShort(it * 72 + 6).toInt() }, listOf(0, 1))
    expect("consent", listOf(4, 6).map { bytes.getShort(102 * 72 + it).toInt() }, listOf(7, 2))
    check(samples.isEmpty && !samples.take().hasRemaining())
}

private fun stampsOfEveryClockAreMapped() {
    // Up for an hour, of which it slept for half.
    val elapsed = HOUR
    val uptime = HOUR / 2
    val utc = 1_700_000_000 * S
    for ((name, base) in listOf("elapsed" to elapsed, "uptime" to uptime, "utc" to utc)) {
        val clock = SensorClock()
        expect(name, clock.map(base - S / 100, elapsed, uptime, utc), elapsed - S / 100)
        // A FIFO that is five seconds old.
        expect("$name, late", clock.map(base + 5 * S, elapsed + 10 * S, uptime + 10 * S, utc + 10 * S), elapsed + 5 * S)
    }
    val clock = SensorClock()
    clock.map(uptime, elapsed, uptime, utc)
    // It slept for another hour, in which uptime stands still.
    expect("after a sleep", clock.map(uptime + S, elapsed + HOUR + S, uptime + S, utc + HOUR + S), elapsed + HOUR + S)
}

private fun whatIsWantedIsAskedFor() {
    fun needs(stage: Stage, accel: Double, gnss: Double) = Needs(stage, listOf(accel, accel, 0.0, gnss, 0.0, -1.0, -1.0, -1.0))
    val driving = SensorPlan.of(needs(Stage.DRIVING, 100.0, 1.0))
    expect("driving", driving.accel, SensorRequest(periodUs = 10_000, latencyUs = 100_000))
    expect("driving", driving.fixIntervalMs, 1000L)
    val idle = SensorPlan.of(needs(Stage.IDLE, 0.0, 1.0 / 60))
    expect("idle", idle, SensorPlan(null, null, 60_000L, Stage.IDLE))
    expect("refused", SensorPlan.of(needs(Stage.IDLE, 0.0, 0.0)).fixIntervalMs, null)
}

private fun aSnapshotIsReplacedAsAWhole() {
    val folder = folder()
    val file = SnapshotFile(File(folder, "state"))
    expect("nothing", file.load(), null)
    for (bytes in listOf(byteArrayOf(1, 2, 3), byteArrayOf(4))) {
        file.save(bytes)
        check(file.load().contentEquals(bytes))
    }
    expect("files", folder.list()?.toList(), listOf("state"))
    file.forget()
    expect("files", folder.list()?.toList(), emptyList<String>())
}

/** A minute of a parked phone, then it hears that it is in a car. */
private fun aSessionGoesOnInAnotherProcess() {
    val folder = folder()
    val kept = SnapshotFile(File(folder, "state"))
    val plans = mutableListOf<SensorPlan>()
    fun opened() = DriveSession("", kept, onEvent = { }, onPlan = plans::add)
    opened().use { session ->
        check(!session.isResumed)
        session.record(File(folder, "drive.jnc"))
        for (second in 0L..60) {
            session.samples.accel(second * S, 0.0, 0.0, 9.81)
            session.pump(second * S)
        }
        session.samples.hint(61 * S, Hint.CAR_ON)
        session.finish(61 * S)
    }
    expect("stages", plans.map { it.stage }, listOf(Stage.IDLE, Stage.WATCHING))
    check(plans[0].accel == null && plans[1].accel != null)
    check(File(folder, "drive.jnc").length() > 100)
    opened().use { session ->
        check(session.isResumed)
        session.pump(62 * S)
        expect("still in the car", plans.last().stage, Stage.WATCHING)
        session.forget()
        session.pump(63 * S)
    }
    expect("forgotten", plans.last().stage, Stage.IDLE)
    kept.save(byteArrayOf(1, 2, 3))
    opened().use { session -> check(!session.isResumed) }
}

private fun everyEventIsToldToAListenerThatThrows(trace: String) {
    val expected = JounceEngine("", null).use { engine ->
        batches(trace, BATCH).sumOf { engine.pushBatch(it).size } + engine.flush().size
    }
    var told = 0
    val throwing = { _: Event ->
        told++
        error("meant")
    }
    DriveSession("", SnapshotFile(File(folder(), "state")), throwing, onPlan = { }).use { session ->
        var nowNs = 0L
        for (rows in File(trace).readLines().drop(1).chunked(BATCH)) {
            rows.forEach { read(it, session.samples) }
            nowNs = rows.last().substringBefore(',').toLong()
            session.pump(nowNs)
        }
        session.finish(nowNs)
    }
    check(told > 3)
    expect("events told", told, expected)
}

private fun eightThreadsMayShareOneEngine() {
    JounceEngine("", null).use { engine ->
        val threads = (0L until 8).map { number ->
            thread {
                val samples = Samples()
                repeat(200) { k ->
                    samples.accel(number * 1000 + k * S / 100, 0.0, 0.0, 9.81)
                    engine.pushBatch(samples.take())
                    engine.needs()
                }
            }
        }
        threads.forEach { it.join() }
        engine.flush()
        check(engine.healthJson().contains("accel"))
    }
}

private fun whatIsDamagedIsRefused() {
    JounceEngine("", null).use { engine ->
        val state = engine.snapshot()
        repeat(200) { round ->
            val damaged = state.copyOf().also { it[round * 31 % it.size] = (it[round * 31 % it.size] + 1).toByte() }
            try {
                engine.restore(damaged.direct())
                error("taken: round $round")
            } catch (_: JounceException.Snapshot) {
                // As it should be.
            }
        }
        engine.restore(state.direct())
    }
}

fun main(arguments: Array<String>) {
    samplesAreStructures()
    stampsOfEveryClockAreMapped()
    whatIsWantedIsAskedFor()
    aSnapshotIsReplacedAsAWhole()
    aSessionGoesOnInAnotherProcess()
    everyEventIsToldToAListenerThatThrows(arguments[0])
    eightThreadsMayShareOneEngine()
    whatIsDamagedIsRefused()
    println("the adapter's plain part: 8 tests passed")
}
