package dev.jounce.android

import android.Manifest.permission.BLUETOOTH_CONNECT
import android.annotation.SuppressLint
import android.app.PendingIntent
import android.bluetooth.BluetoothClass
import android.bluetooth.BluetoothDevice
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.Build
import androidx.core.content.IntentCompat
import com.google.android.gms.location.ActivityRecognition
import com.google.android.gms.location.ActivityTransition
import com.google.android.gms.location.ActivityTransition.ACTIVITY_TRANSITION_ENTER
import com.google.android.gms.location.ActivityTransitionRequest
import com.google.android.gms.location.ActivityTransitionResult
import com.google.android.gms.location.DetectedActivity
import dev.jounce.Hint

private val ACTIVITIES = mapOf(
    DetectedActivity.IN_VEHICLE to Hint.AUTOMOTIVE,
    DetectedActivity.ON_BICYCLE to Hint.CYCLING,
    DetectedActivity.WALKING to Hint.WALKING,
    DetectedActivity.RUNNING to Hint.RUNNING,
    DetectedActivity.STILL to Hint.STILL,
)

/** Has the system tell when the person's activity changes, also while no process of the app is there. */
internal object Activities {
    @SuppressLint("MissingPermission")
    fun request(context: Context) {
        val transitions = ACTIVITIES.keys.map { activity ->
            ActivityTransition.Builder().setActivityType(activity).setActivityTransition(ACTIVITY_TRANSITION_ENTER).build()
        }
        val receiver = Intent(context, ActivityReceiver::class.java)
        // The result is put into the intent, so it must be mutable.
        val flags = PendingIntent.FLAG_UPDATE_CURRENT or
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) PendingIntent.FLAG_MUTABLE else 0
        val pending = PendingIntent.getBroadcast(context, 0, receiver, flags)
        try {
            ActivityRecognition.getClient(context)
                .requestActivityTransitionUpdates(ActivityTransitionRequest(transitions), pending)
        } catch (_: SecurityException) {
            // Not allowed: fixes tell a drive as well, somewhat later.
        }
    }
}

/** The person's activity has changed. */
class ActivityReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val events = ActivityTransitionResult.extractResult(intent)?.transitionEvents ?: return
        for (event in events) {
            val hint = ACTIVITIES[event.activityType] ?: Hint.ACTIVITY_UNKNOWN
            DriveService.hint(context, hint, event.elapsedRealTimeNanos)
        }
    }
}

/** The phone has started, the app is a newer one, or a car has connected or gone. */
class WakeReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        when (intent.action) {
            BluetoothDevice.ACTION_ACL_CONNECTED -> if (isCar(context, intent)) DriveService.hint(context, Hint.CAR_ON)
            BluetoothDevice.ACTION_ACL_DISCONNECTED -> if (isCar(context, intent)) DriveService.hint(context, Hint.CAR_OFF)
            Intent.ACTION_BOOT_COMPLETED, Intent.ACTION_MY_PACKAGE_REPLACED -> Activities.request(context)
        }
    }

    /** Headphones connect as well: the device says of itself what it is. */
    @SuppressLint("MissingPermission")
    private fun isCar(context: Context, intent: Intent): Boolean {
        val mayAsk = Build.VERSION.SDK_INT < Build.VERSION_CODES.S ||
            context.checkSelfPermission(BLUETOOTH_CONNECT) == PERMISSION_GRANTED
        if (!mayAsk) return false
        val device = IntentCompat.getParcelableExtra(intent, BluetoothDevice.EXTRA_DEVICE, BluetoothDevice::class.java)
        return when (device?.bluetoothClass?.deviceClass) {
            BluetoothClass.Device.AUDIO_VIDEO_CAR_AUDIO, BluetoothClass.Device.AUDIO_VIDEO_HANDSFREE -> true
            else -> false
        }
    }
}
