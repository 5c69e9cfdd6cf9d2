package dev.jounce

import java.io.File
import java.io.FileNotFoundException
import java.io.FileOutputStream
import java.nio.file.Files
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING

/**
 * A snapshot in a file that is whole at every moment: what is new is written beside the old, brought to the disk, and put in
 * its place by one renaming. The library's `keep` does the same. It holds positions: a folder that only the app can read.
 */
class SnapshotFile(private val file: File) {
    private val beside = File(file.path + ".new")

    fun save(bytes: ByteArray) {
        FileOutputStream(beside).use { out ->
            out.write(bytes)
            out.fd.sync()
        }
        Files.move(beside.toPath(), file.toPath(), ATOMIC_MOVE, REPLACE_EXISTING)
    }

    /** What was kept; null when nothing is. */
    fun load(): ByteArray? = try {
        file.readBytes()
    } catch (_: FileNotFoundException) {
        null
    }

    fun forget() {
        beside.delete()
        file.delete()
    }
}
