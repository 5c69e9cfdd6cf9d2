import Foundation

/// One engine with all that surrounds it on a phone: batches, events, wanted sensors, and a state that outlives the process.
///
/// All calls come from one queue. `samples` is filled as sensors deliver; `pump` is called every 100 to 200 ms. A snapshot is
/// kept every `keepEveryNs` while sensors run, whenever an event was told, and at every pump while a crash is undecided; with
/// the process at most that much of a drive is lost, and nothing that was told.
public final class DriveSession {
    /// As much of a drive as may be lost with the process, ns.
    public static let keepEveryNs: Int64 = 10_000_000_000

    public var samples = Samples()
    /// Whether it goes on where another process was ended.
    public let isResumed: Bool

    private let engine: JounceEngine
    private let kept: SnapshotFile
    private let onEvent: (Event) -> Void
    private let onPlan: (SensorPlan) -> Void
    private var recorder: JounceRecorder?
    private var plan: SensorPlan?
    private var keptNs: Int64?
    private var isCrashOpen = false

    public init(
        settings: String, kept: SnapshotFile, onEvent: @escaping (Event) -> Void, onPlan: @escaping (SensorPlan) -> Void
    ) throws {
        engine = try JounceEngine(settings: settings, listener: nil)
        (self.kept, self.onEvent, self.onPlan) = (kept, onEvent, onPlan)
        var isResumed = false
        if let bytes = kept.load() {
            do {
                try engine.restore(snapshot: bytes)
                isResumed = true
            } catch {
                // Of another version, or of other settings: what it holds cannot be gone on with.
                kept.forget()
            }
        }
        self.isResumed = isResumed
    }

    /// Hands on what has been delivered. `nowNs` is the present on the engine's clock.
    public func pump(nowNs: Int64) {
        let batch = samples.take()
        if !batch.isEmpty {
            try? recorder?.pushBatch(packed: batch)
        }
        do {
            deliver(try engine.pushBatch(packed: batch), nowNs: nowNs, isBusy: !batch.isEmpty)
            tellPlan(try engine.needs())
        } catch {
            // Contained, and nothing of it is left; the drive goes on without what was known of it.
            engine.reset()
            kept.forget()
        }
    }

    /// Decides what is open, as when the person ends a drive by hand.
    public func finish(nowNs: Int64) {
        pump(nowNs: nowNs)
        guard let events = try? engine.flush() else { return }
        deliver(events, nowNs: nowNs, isBusy: true)
        keep(nowNs: nowNs)
    }

    /// Keeps the state at once, as when the app leaves the screen.
    public func keep(nowNs: Int64) {
        guard let state = try? engine.snapshot() else { return }
        // A full disk must not end the drive; the next one is tried again.
        try? kept.save(state)
        try? recorder?.sync()
        keptNs = nowNs
    }

    /// Wipes everything that was ever pushed, here and on the disk. Settings and consent stay.
    public func forget() {
        _ = samples.take()
        engine.reset()
        kept.forget()
    }

    /// Records what is pushed from here on; nil ends it. `utcOffsetNs`: UTC minus the engine's clock.
    public func record(to url: URL?, utcOffsetNs: Int64 = 0) throws {
        try recorder?.sync()
        recorder = try url.map { try JounceRecorder(path: $0.path, utcOffsetNs: utcOffsetNs) }
    }

    private func deliver(_ events: [Event], nowNs: Int64, isBusy: Bool) {
        // Told before it is kept: with a process that ends in between, nothing untold is lost.
        for event in events {
            if event.kind == "crash" { isCrashOpen = event.phase == "suspected" }
            onEvent(event)
        }
        let isDue = keptNs.map { isBusy && nowNs - $0 >= Self.keepEveryNs } ?? true
        if isCrashOpen || !events.isEmpty || isDue {
            keep(nowNs: nowNs)
        }
    }

    private func tellPlan(_ needs: Needs) {
        let wanted = SensorPlan(needs)
        if wanted != plan {
            plan = wanted
            onPlan(wanted)
        }
    }
}
