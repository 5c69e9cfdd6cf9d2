package dev.jounce

import uniffi.jounce.Needs
import uniffi.jounce.Stage

/** How one sensor is to run: null where it is off. */
data class SensorRequest(val periodUs: Int, val latencyUs: Int)

/** What is to run now, in the platform's terms. */
data class SensorPlan(
    val accel: SensorRequest?,
    val gyro: SensorRequest?,
    /** Between two fixes, ms; null: none. */
    val fixIntervalMs: Long?,
    val stage: Stage,
) {
    companion object {
        fun of(needs: Needs): SensorPlan {
            val latencyUs = if (needs.stage == Stage.DRIVING) DRIVING_LATENCY_US else WATCHING_LATENCY_US
            fun request(sensor: Sensor) = needs.rateHz[sensor.ordinal].takeIf { it > 0 }?.let { hz ->
                SensorRequest(periodUs = (US_PER_S / hz).toInt(), latencyUs = latencyUs)
            }
            val fixHz = needs.rateHz[Sensor.GNSS.ordinal]
            val fixIntervalMs = if (fixHz > 0) (MS_PER_S / fixHz).toLong() else null
            return SensorPlan(request(Sensor.ACCEL), request(Sensor.GYRO), fixIntervalMs, needs.stage)
        }

        private const val US_PER_S = 1e6
        private const val MS_PER_S = 1e3

        /** A crash is to be suspected within 0.2 s: half of that may pass in the FIFO. */
        private const val DRIVING_LATENCY_US = 100_000

        /** Nothing is urgent before a trip; the processor sleeps meanwhile. Well within `align.horizon_s`. */
        private const val WATCHING_LATENCY_US = 2_000_000
    }
}
