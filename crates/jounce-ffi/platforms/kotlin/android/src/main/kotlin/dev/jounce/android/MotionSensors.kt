package dev.jounce.android

import android.hardware.Sensor
import android.hardware.SensorEvent
import android.hardware.SensorEventListener
import android.hardware.SensorManager
import android.os.Handler
import android.os.SystemClock
import dev.jounce.Samples
import dev.jounce.SensorClock
import dev.jounce.SensorPlan
import dev.jounce.SensorRequest

/**
 * Accelerometer and gyroscope, in batches from the sensors' own FIFO, so that the processor sleeps between two of them.
 *
 * Android's units, axes and sign are the engine's; only the clock needs a look. All on the handler's thread.
 */
internal class MotionSensors(
    private val manager: SensorManager,
    private val handler: Handler,
    private val samples: Samples,
) : SensorEventListener {
    private class Running(val sensor: Sensor, val request: SensorRequest, val clock: SensorClock)

    private val running = mutableMapOf<Int, Running>()

    fun apply(plan: SensorPlan) {
        apply(Sensor.TYPE_ACCELEROMETER, plan.accel)
        apply(Sensor.TYPE_GYROSCOPE, plan.gyro)
    }

    private fun apply(type: Int, request: SensorRequest?) {
        val before = running[type]
        if (before?.request == request) return
        before?.let { manager.unregisterListener(this, it.sensor) }
        running.remove(type)
        if (request == null) return
        // The one that wakes the processor when its FIFO is full; on devices without, the service's wake lock does.
        val sensor = manager.getDefaultSensor(type, true) ?: manager.getDefaultSensor(type) ?: return
        if (manager.registerListener(this, sensor, request.periodUs, request.latencyUs, handler)) {
            running[type] = Running(sensor, request, before?.clock ?: SensorClock())
        }
    }

    override fun onSensorChanged(event: SensorEvent) {
        val clock = running[event.sensor.type]?.clock ?: return
        val elapsedNs = SystemClock.elapsedRealtimeNanos()
        val tNs = clock.map(
            stampNs = event.timestamp,
            elapsedNs = elapsedNs,
            uptimeNs = System.nanoTime(), // CLOCK_MONOTONIC, which stands still in sleep
            utcNs = System.currentTimeMillis() * NS_PER_MS,
        )
        val (x, y, z) = event.values.map(Float::toDouble)
        when (event.sensor.type) {
            Sensor.TYPE_ACCELEROMETER -> samples.accel(tNs, x, y, z)
            Sensor.TYPE_GYROSCOPE -> samples.gyro(tNs, x, y, z)
        }
    }

    override fun onAccuracyChanged(sensor: Sensor, accuracy: Int) = Unit

    private companion object {
        const val NS_PER_MS = 1_000_000L
    }
}
