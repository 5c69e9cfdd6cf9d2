import Foundation

/// A snapshot in a file that is whole at every moment: what is new is written beside the old, brought to the disk, and put in
/// its place by one renaming. The library's `keep` does the same.
///
/// It holds positions: it is left out of backups, and readable once the phone was unlocked after its start, which is when an
/// app is started in the background.
public struct SnapshotFile: Sendable {
    private let url: URL
    private var beside: URL { url.appendingPathExtension("new") }

    public init(_ url: URL) {
        self.url = url
    }

    public func save(_ bytes: Data) throws {
        try bytes.write(to: beside, options: .completeFileProtectionUntilFirstUserAuthentication)
        let file = try FileHandle(forWritingTo: beside)
        try file.synchronize()
        try file.close()
        guard rename(beside.path, url.path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        var values = URLResourceValues()
        values.isExcludedFromBackup = true
        var kept = url
        try kept.setResourceValues(values)
    }

    /// What was kept; nil when nothing is, or it cannot be read.
    public func load() -> Data? {
        try? Data(contentsOf: url)
    }

    public func forget() {
        try? FileManager.default.removeItem(at: beside)
        try? FileManager.default.removeItem(at: url)
    }
}
