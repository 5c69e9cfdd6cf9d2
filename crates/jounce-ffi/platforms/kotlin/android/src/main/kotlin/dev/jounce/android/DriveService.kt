package dev.jounce.android

import android.app.Notification
import android.app.NotificationChannel
import android.app.NotificationManager
import android.app.Service
import android.content.Context
import android.content.Intent
import android.content.pm.ServiceInfo
import android.hardware.SensorManager
import android.location.LocationManager
import android.os.Handler
import android.os.HandlerThread
import android.os.IBinder
import android.os.Looper
import android.os.PowerManager
import android.os.SystemClock
import androidx.core.app.NotificationCompat
import androidx.core.app.ServiceCompat
import androidx.core.content.ContextCompat
import dev.jounce.DriveSession
import dev.jounce.Hint
import dev.jounce.SensorPlan
import dev.jounce.SnapshotFile
import java.io.File
import uniffi.jounce.Event
import uniffi.jounce.Stage

/**
 * The session, on a thread of its own, in a service that the system does not end while a drive is under way.
 *
 * Parked, no inertial sensor runs, the wake lock is let go, and a fix a minute comes from whatever costs least. When the
 * system ends the process all the same, START_STICKY, an activity, or the car's Bluetooth brings it back, and the state goes
 * on where it was kept.
 */
class DriveService : Service() {
    /** What is there to be shown. Called on the main thread. */
    interface Listener {
        fun onEvent(event: Event)

        fun onLive(live: Live)
    }

    data class Live(val stage: Stage, val isResumed: Boolean, val isRecording: Boolean)

    private val main = Handler(Looper.getMainLooper())
    private val thread = HandlerThread("jounce")
    private lateinit var handler: Handler
    private lateinit var session: DriveSession
    private lateinit var motion: MotionSensors
    private lateinit var locations: Locations
    private lateinit var wakeLock: PowerManager.WakeLock
    private var live = Live(Stage.IDLE, isResumed = false, isRecording = false)

    override fun onCreate() {
        super.onCreate()
        val power = getSystemService(POWER_SERVICE) as PowerManager
        wakeLock = power.newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "jounce:drive").apply { setReferenceCounted(false) }
        thread.start()
        handler = Handler(thread.looper)
        val kept = SnapshotFile(File(noBackupFilesDir, "jounce.state"))
        session = DriveSession(settings(this), kept, onEvent = ::tell, onPlan = ::apply)
        live = live.copy(isResumed = session.isResumed)
        motion = MotionSensors(getSystemService(SENSOR_SERVICE) as SensorManager, handler, session.samples)
        locations = Locations(getSystemService(LOCATION_SERVICE) as LocationManager, thread.looper) { location ->
            session.samples.fix(location.elapsedRealtimeNanos, location.toFix())
        }
        Activities.request(this)
        handler.post(pump)
    }

    private val pump = object : Runnable {
        override fun run() {
            session.pump(SystemClock.elapsedRealtimeNanos())
            handler.postDelayed(this, if (live.stage == Stage.IDLE) IDLE_PUMP_MS else PUMP_MS)
        }
    }

    override fun onStartCommand(intent: Intent?, flags: Int, startId: Int): Int {
        val type = ServiceInfo.FOREGROUND_SERVICE_TYPE_LOCATION
        ServiceCompat.startForeground(this, NOTIFICATION, notification(live.stage), type)
        handler.post { intent?.let(::obey) }
        return START_STICKY
    }

    private fun obey(intent: Intent) {
        val nowNs = SystemClock.elapsedRealtimeNanos()
        when (intent.action) {
            HINT -> intent.getStringExtra(HINT)?.let { name ->
                session.samples.hint(intent.getLongExtra(AT_NS, nowNs), Hint.valueOf(name))
            }
            RECORD -> {
                val path = intent.getStringExtra(RECORD)
                session.record(path?.let(::File), System.currentTimeMillis() * NS_PER_MS - nowNs)
                live = live.copy(isRecording = path != null)
                tellLive()
            }
            FORGET -> session.forget()
        }
        handler.removeCallbacks(pump)
        pump.run()
    }

    /** On the session's thread, as everything that it calls. */
    private fun apply(plan: SensorPlan) {
        motion.apply(plan)
        locations.apply(plan)
        if (plan.stage == Stage.IDLE) wakeLock.release() else wakeLock.acquire(LONGEST_DRIVE_MS)
        live = live.copy(stage = plan.stage)
        (getSystemService(NOTIFICATION_SERVICE) as NotificationManager).notify(NOTIFICATION, notification(plan.stage))
        tellLive()
    }

    private fun tell(event: Event) {
        main.post { listener?.onEvent(event) }
    }

    private fun tellLive() {
        val now = live
        main.post { listener?.onLive(now) }
    }

    private fun notification(stage: Stage): Notification {
        val manager = getSystemService(NOTIFICATION_SERVICE) as NotificationManager
        val name = getString(R.string.jounce_channel)
        manager.createNotificationChannel(NotificationChannel(CHANNEL, name, NotificationManager.IMPORTANCE_LOW))
        val text = if (stage == Stage.DRIVING) R.string.jounce_driving else R.string.jounce_watching
        return NotificationCompat.Builder(this, CHANNEL)
            .setSmallIcon(android.R.drawable.ic_menu_compass)
            .setContentTitle(getString(text))
            .setOngoing(true)
            .build()
    }

    override fun onDestroy() {
        handler.removeCallbacks(pump)
        handler.post {
            motion.apply(SensorPlan(null, null, null, Stage.IDLE))
            locations.stop()
            session.close()
            wakeLock.release()
            thread.quitSafely()
        }
        super.onDestroy()
    }

    override fun onBind(intent: Intent?): IBinder? = null

    companion object {
        /** One, of the app that is on the screen. Set on the main thread. */
        var listener: Listener? = null

        /** Call from the screen: the system starts no service that uses location from elsewhere without its own reasons. */
        fun start(context: Context) = send(context, Intent(context, DriveService::class.java))

        fun hint(context: Context, hint: Hint, atNs: Long = SystemClock.elapsedRealtimeNanos()) {
            val intent = Intent(context, DriveService::class.java).setAction(HINT)
            send(context, intent.putExtra(HINT, hint.name).putExtra(AT_NS, atNs))
        }

        /** Records what is pushed from here on into a file of its own; null ends it. */
        fun record(context: Context, file: File?) =
            send(context, Intent(context, DriveService::class.java).setAction(RECORD).putExtra(RECORD, file?.path))

        /** Wipes everything that was ever pushed, here and on the disk. */
        fun forget(context: Context) = send(context, Intent(context, DriveService::class.java).setAction(FORGET))

        /** Settings as JSON, kept for a service that is started without a screen. Taken up at its next start. */
        fun configure(context: Context, settings: String) =
            preferences(context).edit().putString(SETTINGS, settings).apply()

        private fun settings(context: Context) = preferences(context).getString(SETTINGS, null).orEmpty()

        private fun preferences(context: Context) = context.getSharedPreferences("jounce", Context.MODE_PRIVATE)

        private fun send(context: Context, intent: Intent) {
            try {
                ContextCompat.startForegroundService(context, intent)
            } catch (_: IllegalStateException) {
                // From Android 12 on not from everywhere in the background: the next fix or activity tries again.
            }
        }

        private const val HINT = "dev.jounce.HINT"
        private const val AT_NS = "dev.jounce.AT_NS"
        private const val RECORD = "dev.jounce.RECORD"
        private const val FORGET = "dev.jounce.FORGET"
        private const val SETTINGS = "settings"
        private const val CHANNEL = "jounce"
        private const val NOTIFICATION = 1
        private const val NS_PER_MS = 1_000_000L
        private const val PUMP_MS = 150L

        /** Parked there is little to hand on, and nothing of it is urgent. */
        private const val IDLE_PUMP_MS = 5_000L

        /** No drive without a change of plan is longer: a lock that is forgotten is let go. */
        private const val LONGEST_DRIVE_MS = 12 * 3_600_000L
    }
}
