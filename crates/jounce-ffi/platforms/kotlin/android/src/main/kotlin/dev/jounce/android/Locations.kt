package dev.jounce.android

import android.annotation.SuppressLint
import android.location.Location
import android.location.LocationListener
import android.location.LocationManager
import android.os.Build
import android.os.Looper
import dev.jounce.Fix
import dev.jounce.SensorPlan

/** Fixes at the rate that is wanted: of the receiver itself in a drive, else of whatever costs least. */
internal class Locations(
    private val manager: LocationManager,
    private val looper: Looper,
    private val onLocation: (Location) -> Unit,
) {
    private val listener = LocationListener(onLocation)
    private var intervalMs: Long? = null

    /** Without the permission there are no fixes, and the engine says so. */
    @SuppressLint("MissingPermission")
    fun apply(plan: SensorPlan) {
        if (plan.fixIntervalMs == intervalMs) return
        manager.removeUpdates(listener)
        intervalMs = null
        val wanted = plan.fixIntervalMs ?: return
        val provider = provider(isCoarse = wanted > COARSE_MS) ?: return
        try {
            manager.requestLocationUpdates(provider, wanted, NO_DISTANCE_M, listener, looper)
            intervalMs = wanted
        } catch (_: SecurityException) {
            // Asked again with the next plan, when it may have been granted.
        }
    }

    fun stop() = manager.removeUpdates(listener)

    private fun provider(isCoarse: Boolean): String? {
        val fused = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) LocationManager.FUSED_PROVIDER else null
        val preferred = when {
            // Filtered positions lag and round corners off: a drive wants the receiver's own.
            !isCoarse -> listOf(LocationManager.GPS_PROVIDER, fused)
            else -> listOf(fused, LocationManager.NETWORK_PROVIDER, LocationManager.PASSIVE_PROVIDER)
        }
        return preferred.filterNotNull().firstOrNull(manager.allProviders::contains)
    }

    private companion object {
        const val COARSE_MS = 30_000L
        const val NO_DISTANCE_M = 0f
    }
}

/** What the platform does not know is NaN, whatever number it leaves there. */
internal fun Location.toFix() = Fix(
    latDeg = latitude,
    lonDeg = longitude,
    altM = if (hasAltitude()) altitude else Double.NaN,
    speedMps = if (hasSpeed()) speed.toDouble() else Double.NaN,
    courseDeg = if (hasBearing()) bearing.toDouble() else Double.NaN,
    haccM = if (hasAccuracy()) accuracy.toDouble() else Double.NaN,
    saccMps = if (hasSpeedAccuracy()) speedAccuracyMetersPerSecond.toDouble() else Double.NaN,
)
