import Foundation

/// Brings the clocks of a phone onto one: the continuous clock, which goes on while the phone sleeps.
///
/// Core Motion stamps with seconds since boot, a clock that stands still in sleep; Core Location with UTC, which is set now and
/// then. Both are mapped by their age at the moment they are handed over, so that neither a sleep nor a set clock in the past
/// matters.
public struct Clocks: Sendable {
    /// The present on each clock.
    public struct Present: Sendable {
        public var continuousNs: Int64
        public var uptimeS: TimeInterval
        public var utc: Date

        public init(continuousNs: Int64, uptimeS: TimeInterval, utc: Date) {
            (self.continuousNs, self.uptimeS, self.utc) = (continuousNs, uptimeS, utc)
        }

        public static func read() -> Self {
            // On Apple's systems this one counts sleep; CLOCK_UPTIME_RAW, Core Motion's, does not.
            let continuousNs = Int64(clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW))
            let uptimeS = TimeInterval(clock_gettime_nsec_np(CLOCK_UPTIME_RAW)) / 1e9
            return Self(continuousNs: continuousNs, uptimeS: uptimeS, utc: Date())
        }

        /// UTC since 1970 minus the continuous clock, ns: for recordings.
        public var utcOffsetNs: Int64 { Int64((utc.timeIntervalSince1970 * 1e9).rounded()) - continuousNs }
    }

    /// Clocks are read one after the other: a smaller change of the offset is no sleep, s.
    private static let readingS = 0.01
    private var uptimeOffsetS: TimeInterval?

    public init() {}

    /// A stamp of Core Motion.
    public mutating func motion(stampS: TimeInterval, present: Present) -> Int64 {
        let measuredS = TimeInterval(present.continuousNs) / 1e9 - present.uptimeS
        let isSame = uptimeOffsetS.map { abs($0 - measuredS) < Self.readingS } ?? false
        // Kept while it holds, so that equal intervals stay equal.
        let offsetS = isSame ? uptimeOffsetS! : measuredS
        uptimeOffsetS = offsetS
        return Int64(((stampS + offsetS) * 1e9).rounded())
    }

    /// A stamp of Core Location.
    public func location(_ stamp: Date, present: Present) -> Int64 {
        present.continuousNs - Int64((present.utc.timeIntervalSince(stamp) * 1e9).rounded())
    }
}

/// Core Motion's specific force, in g and towards the pull, as the engine's, in m/s² and away from it.
///
/// At rest, face up, Core Motion says (0, 0, −1), and the engine wants (0, 0, +9.81).
public func specificForceMps2(fromG g: Double) -> Double {
    let standardGravityMps2 = 9.80665
    return -standardGravityMps2 * g
}

/// Core Location's negative numbers mean unknown.
public func known(_ value: Double) -> Double {
    value < 0 ? .nan : value
}
