import CoreLocation
import CoreMotion
import Foundation
import Jounce

/// Watches for drives, in the foreground and in the background, across the end of the process.
///
/// Make one in `application(_:didFinishLaunchingWithOptions:)`, also when the launch options hold `.location`: the system has
/// started the app because the phone has moved, and the state goes on where it was kept. Calls back on the main queue.
public final class DriveMonitor {
    /// What is there to be shown.
    public struct Live: Sendable {
        public var stage: Stage
        public var isResumed: Bool
        public var isRecording: Bool
    }

    private static let pumpS: TimeInterval = 0.15
    private let queue = OperationQueue()
    private let onEvent: (Event) -> Void
    private let onLive: (Live) -> Void
    private var session: DriveSession!
    private var motion: MotionSource!
    private var location: LocationSource!
    private var hints: HintSource!
    private var timer: DispatchSourceTimer?
    private var live = Live(stage: .idle, isResumed: false, isRecording: false)

    /// Call on the main thread.
    public init(
        settings: String = "", folder: URL? = nil, onEvent: @escaping (Event) -> Void, onLive: @escaping (Live) -> Void
    ) throws {
        (self.onEvent, self.onLive) = (onEvent, onLive)
        // One at a time, all on one: the session belongs to this queue.
        let serial = DispatchQueue(label: "dev.jounce.session", qos: .utility)
        queue.underlyingQueue = serial
        queue.maxConcurrentOperationCount = 1
        let folder = try folder ?? FileManager.default.url(
            for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
        session = try DriveSession(
            settings: settings, kept: SnapshotFile(folder.appendingPathComponent("jounce.state")),
            onEvent: { event in DispatchQueue.main.async { onEvent(event) } },
            onPlan: { [weak self] plan in self?.apply(plan) })
        live.isResumed = session.isResumed
        motion = MotionSource(
            queue: queue,
            onAccel: { [weak self] tNs, g in
                self?.session.samples.accel(
                    tNs: tNs, x: specificForceMps2(fromG: g.x), y: specificForceMps2(fromG: g.y),
                    z: specificForceMps2(fromG: g.z))
            },
            onGyro: { [weak self] tNs, rate in self?.session.samples.gyro(tNs: tNs, x: rate.x, y: rate.y, z: rate.z) })
        location = LocationSource(
            onLocation: { [weak self] location in self?.take(location) },
            onAuthorization: { [weak self] status in
                self?.say(.gnss, allowed: status == .authorizedAlways || status == .authorizedWhenInUse)
            })
        hints = HintSource(queue: queue) { [weak self] hint in
            self?.session.samples.hint(tNs: Clocks.Present.read().continuousNs, hint)
        }
        hints.start()
        start(on: serial)
    }

    /// Asks the person for what is missing; once again after the first answer.
    public func requestAuthorization() {
        location.requestAuthorization()
    }

    /// What the person allows, besides the system's own questions.
    public func say(_ sensor: Sensor, allowed: Bool) {
        queue.addOperation { [self] in
            session.samples.consent(tNs: Clocks.Present.read().continuousNs, sensor, allowed: allowed)
            session.pump(nowNs: Clocks.Present.read().continuousNs)
        }
    }

    /// The posted limit from here on; nil when it is unknown, infinite where there is none.
    public func say(limitMps: Double?) {
        queue.addOperation { [self] in session.samples.limit(tNs: Clocks.Present.read().continuousNs, mps: limitMps) }
    }

    /// Call when the app goes to the background: what is kept then is what it goes on with.
    public func keep() {
        queue.addOperation { [self] in session.keep(nowNs: Clocks.Present.read().continuousNs) }
    }

    /// Wipes everything that was ever pushed, here and on the disk.
    public func forget() {
        queue.addOperation { [self] in session.forget() }
    }

    /// Records what is pushed from here on into a file of its own; nil ends it.
    public func record(to url: URL?) {
        queue.addOperation { [self] in
            let isRecording = (try? session.record(to: url, utcOffsetNs: Clocks.Present.read().utcOffsetNs)) != nil
            live.isRecording = isRecording && url != nil
            tell()
        }
    }

    private func start(on serial: DispatchQueue) {
        let timer = DispatchSource.makeTimerSource(queue: serial)
        // With no sensor running the process is suspended, and the timer with it.
        timer.schedule(deadline: .now(), repeating: Self.pumpS, leeway: .milliseconds(30))
        timer.setEventHandler { [weak self] in self?.session.pump(nowNs: Clocks.Present.read().continuousNs) }
        timer.resume()
        self.timer = timer
    }

    private func take(_ location: CLLocation) {
        let present = Clocks.Present.read()
        guard let fix = Fix(location) else { return }
        queue.addOperation { [self] in
            session.samples.fix(tNs: Clocks().location(location.timestamp, present: present), fix)
            // In the background there may be no other moment.
            session.pump(nowNs: present.continuousNs)
        }
    }

    /// On the session's queue.
    private func apply(_ plan: SensorPlan) {
        motion.apply(plan)
        live.stage = plan.stage
        tell()
        DispatchQueue.main.async { [weak self] in self?.location.apply(plan) }
    }

    private func tell() {
        let (live, onLive) = (live, onLive)
        DispatchQueue.main.async { onLive(live) }
    }

    deinit {
        timer?.cancel()
        hints?.stop()
    }
}
