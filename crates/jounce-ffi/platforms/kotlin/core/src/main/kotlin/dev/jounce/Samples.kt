package dev.jounce

import java.nio.Buffer
import java.nio.ByteBuffer
import java.nio.ByteOrder

/** The engine's sensors by their numbers, which never change. */
enum class Sensor { ACCEL, GYRO, MAG, GNSS, BARO, HINT, LIMIT, CONSENT }

/** What the host knows, by its number. */
enum class Hint(internal val code: Int) {
    SCREEN_OFF(0),
    SCREEN_ON(1),
    CAR_OFF(2),
    CAR_ON(3),
    AUTOMOTIVE(16),
    CYCLING(17),
    WALKING(18),
    RUNNING(19),
    STILL(20),
    ACTIVITY_UNKNOWN(21),
}

/**
 * One fix, in SI units and degrees. NaN is unknown.
 *
 * [courseDeg] is clockwise from true north; [haccM] and [saccMps] are standard deviations as the platform states them (68 %).
 */
data class Fix(
    val latDeg: Double,
    val lonDeg: Double,
    val altM: Double = Double.NaN,
    val speedMps: Double = Double.NaN,
    val courseDeg: Double = Double.NaN,
    val haccM: Double = Double.NaN,
    val saccMps: Double = Double.NaN,
)

/**
 * Samples as the engine takes them: `JounceSample` structures of the C ABI, little-endian, one behind the other.
 *
 * Times are nanoseconds of `SystemClock.elapsedRealtimeNanos`. Vectors are in the device frame of Android's sensors: m/s²
 * (+9.81 on z at rest, face up), rad/s, µT. Not safe for use from several threads.
 */
class Samples {
    private var buffer = room(SIZE * FIRST_ROOM)

    val isEmpty: Boolean get() = buffer.position() == 0

    fun accel(tNs: Long, x: Double, y: Double, z: Double) = put(Sensor.ACCEL, tNs, 0, x, y, z)

    fun gyro(tNs: Long, x: Double, y: Double, z: Double) = put(Sensor.GYRO, tNs, 0, x, y, z)

    fun mag(tNs: Long, x: Double, y: Double, z: Double) = put(Sensor.MAG, tNs, 0, x, y, z)

    fun fix(tNs: Long, fix: Fix) = with(fix) {
        put(Sensor.GNSS, tNs, 0, latDeg, lonDeg, altM, speedMps, courseDeg, haccM, saccMps)
    }

    fun pressure(tNs: Long, hPa: Double) = put(Sensor.BARO, tNs, 0, hPa)

    fun hint(tNs: Long, hint: Hint) = put(Sensor.HINT, tNs, hint.code)

    /** The posted limit from here on; null when it is unknown, infinite where there is none. */
    fun limit(tNs: Long, mps: Double?) = when {
        mps == null -> put(Sensor.LIMIT, tNs, LIMIT_UNKNOWN)
        mps.isInfinite() -> put(Sensor.LIMIT, tNs, LIMIT_NONE)
        else -> put(Sensor.LIMIT, tNs, LIMIT_MPS, mps)
    }

    fun consent(tNs: Long, sensor: Sensor, allowed: Boolean) =
        put(Sensor.CONSENT, tNs, sensor.ordinal, if (allowed) 1.0 else 0.0)

    /** All samples so far, until the next one is put; none are left. Nothing is copied. */
    fun take(): ByteBuffer {
        val taken = buffer.duplicate().flipped()
        // Older Androids have these methods in `Buffer` alone.
        (buffer as Buffer).clear()
        return taken
    }

    private fun put(sensor: Sensor, tNs: Long, code: Int, vararg values: Double) {
        if (buffer.remaining() < SIZE) {
            buffer = room(2 * buffer.capacity()).put(buffer.flipped())
        }
        buffer.putShort(SIZE.toShort()).putShort(VERSION).putShort(sensor.ordinal.toShort()).putShort(code.toShort())
        buffer.putLong(tNs)
        repeat(VALUES) { index -> buffer.putDouble(values.getOrElse(index) { Double.NaN }) }
    }

    private companion object {
        const val VERSION: Short = 1
        const val VALUES = 7
        const val SIZE = 16 + 8 * VALUES
        const val FIRST_ROOM = 64
        const val LIMIT_UNKNOWN = 0
        const val LIMIT_NONE = 1
        const val LIMIT_MPS = 2

        /** Direct, so that the engine reads it where it is. */
        fun room(bytes: Int): ByteBuffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN)
    }
}

/** Bytes where the engine can read them. */
fun ByteArray.direct(): ByteBuffer = ByteBuffer.allocateDirect(size).put(this).flipped()

private fun ByteBuffer.flipped() = apply { (this as Buffer).flip() }
