package dev.jounce.sample

import android.Manifest.permission.ACCESS_BACKGROUND_LOCATION
import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.ACTIVITY_RECOGNITION
import android.Manifest.permission.BLUETOOTH_CONNECT
import android.Manifest.permission.POST_NOTIFICATIONS
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.os.Build
import android.os.Bundle
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.activity.result.contract.ActivityResultContracts.RequestMultiplePermissions
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.safeDrawingPadding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.Button
import androidx.compose.material3.ListItem
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateListOf
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.unit.dp
import dev.jounce.android.DriveService
import dev.jounce.android.R
import java.io.File
import uniffi.jounce.Event
import uniffi.jounce.Stage

/** Shows what the engine is about and what it has found, and records what goes into it. */
class MainActivity : ComponentActivity(), DriveService.Listener {
    private var live by mutableStateOf(DriveService.Live(Stage.IDLE, isResumed = false, isRecording = false))
    private val events = mutableStateListOf<Event>()
    private val ask = registerForActivityResult(RequestMultiplePermissions()) { granted ->
        if (granted[ACCESS_FINE_LOCATION] == true) DriveService.start(this)
    }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        setContent { MaterialTheme { Screen() } }
    }

    override fun onStart() {
        super.onStart()
        DriveService.listener = this
        if (checkSelfPermission(ACCESS_FINE_LOCATION) == PERMISSION_GRANTED) DriveService.start(this)
    }

    override fun onStop() {
        DriveService.listener = null
        super.onStop()
    }

    override fun onEvent(event: Event) = events.add(0, event)

    override fun onLive(live: DriveService.Live) {
        this.live = live
    }

    /** The first ones together; the background only then, since the system refuses both at once. */
    private fun askForMore() {
        val first = buildList {
            addAll(listOf(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION))
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) add(ACTIVITY_RECOGNITION)
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) add(BLUETOOTH_CONNECT)
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.TIRAMISU) add(POST_NOTIFICATIONS)
        }.filter { checkSelfPermission(it) != PERMISSION_GRANTED }
        when {
            first.isNotEmpty() -> ask.launch(first.toTypedArray())
            Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q -> ask.launch(arrayOf(ACCESS_BACKGROUND_LOCATION))
        }
    }

    private fun toggleRecording() {
        val file = File(getExternalFilesDir(null), "${System.currentTimeMillis()}.jnc")
        DriveService.record(this, if (live.isRecording) null else file)
    }

    @Composable
    private fun Screen() = Column(Modifier.safeDrawingPadding().padding(16.dp)) {
        Text("${live.stage}", style = MaterialTheme.typography.headlineMedium)
        if (live.isResumed) Text("Went on after the app was ended")
        Text(getString(R.string.jounce_why_location), style = MaterialTheme.typography.bodySmall)
        Row(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            Button(onClick = ::askForMore) { Text("Allow") }
            Button(onClick = ::toggleRecording) { Text(if (live.isRecording) "End recording" else "Record") }
            Button(onClick = { DriveService.forget(this@MainActivity); events.clear() }) { Text("Forget") }
        }
        LazyColumn {
            items(events) { event ->
                ListItem(
                    headlineContent = { Text(event.kind.replace('_', ' ')) },
                    supportingContent = { Text(listOfNotNull(event.phase, event.severity).joinToString(" ")) },
                )
            }
        }
    }
}
