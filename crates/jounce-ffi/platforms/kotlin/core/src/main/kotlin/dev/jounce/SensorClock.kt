package dev.jounce

import kotlin.math.abs

/**
 * Maps a sensor's timestamps onto `elapsedRealtimeNanos`.
 *
 * Android promises that clock, and most devices keep the promise; some stamp with `uptimeNanos`, which stands still while
 * the device sleeps, and a few with UTC. Which one it is shows in the first event: it arrives soon after it was measured, so
 * the clock whose present lies next to its stamp is its own. A clock is kept until the difference to it changes by more
 * than [LATEST_NS], since only a sleep or a set clock does that.
 */
class SensorClock {
    private var offsetNs: Long? = null

    /** The stamp on the engine's clock. The other three are the present on each clock. */
    fun map(stampNs: Long, elapsedNs: Long, uptimeNs: Long, utcNs: Long): Long {
        offsetNs?.let { offset -> if (isPlausible(elapsedNs - (stampNs + offset))) return stampNs + offset }
        val present = listOf(elapsedNs, uptimeNs, utcNs).minBy { abs(it - stampNs) }
        return (stampNs + (elapsedNs - present)).also { offsetNs = elapsedNs - present }
    }

    private fun isPlausible(ageNs: Long) = ageNs in -FUTURE_NS..LATEST_NS

    private companion object {
        /** A FIFO of 10 000 events at 400 Hz is 25 s old when it is read. */
        const val LATEST_NS = 30_000_000_000L

        /** Clocks are read one after the other. */
        const val FUTURE_NS = 100_000_000L
    }
}
