import Foundation

/// The engine's sensors by their numbers, which never change.
public enum Sensor: UInt16, CaseIterable, Sendable {
    case accel, gyro, mag, gnss, baro, hint, limit, consent
}

/// What the host knows, by its number.
public enum Hint: UInt16, Sendable {
    case screenOff = 0, screenOn = 1, carOff = 2, carOn = 3
    case automotive = 16, cycling, walking, running, still, activityUnknown
}

/// One fix, in SI units and degrees. NaN is unknown. Accuracies are standard deviations as the platform states them (68 %).
public struct Fix: Equatable, Sendable {
    public var latDeg, lonDeg, altM, speedMps, courseDeg, haccM, saccMps: Double

    public init(
        latDeg: Double, lonDeg: Double, altM: Double = .nan, speedMps: Double = .nan, courseDeg: Double = .nan,
        haccM: Double = .nan, saccMps: Double = .nan
    ) {
        (self.latDeg, self.lonDeg, self.altM, self.speedMps) = (latDeg, lonDeg, altM, speedMps)
        (self.courseDeg, self.haccM, self.saccMps) = (courseDeg, haccM, saccMps)
    }
}

/// Samples as the engine takes them: `JounceSample` structures of the C ABI, little-endian, one behind the other.
///
/// Times are nanoseconds of the continuous clock (see `Clocks`). Vectors are in the device frame of Android's sensors, which
/// has Core Motion's axes (x right, y to the top edge, z out of the screen), in m/s² (+9.81 on z at rest, face up), rad/s, µT.
public struct Samples: Sendable {
    private static let version: UInt16 = 1
    private static let values = 7
    private static let size = 16 + 8 * values
    private var bytes = Data()

    public init() {}

    public var isEmpty: Bool { bytes.isEmpty }

    public mutating func accel(tNs: Int64, x: Double, y: Double, z: Double) { put(.accel, tNs, [x, y, z]) }

    public mutating func gyro(tNs: Int64, x: Double, y: Double, z: Double) { put(.gyro, tNs, [x, y, z]) }

    public mutating func fix(tNs: Int64, _ fix: Fix) {
        put(.gnss, tNs, [fix.latDeg, fix.lonDeg, fix.altM, fix.speedMps, fix.courseDeg, fix.haccM, fix.saccMps])
    }

    public mutating func hint(tNs: Int64, _ hint: Hint) { put(.hint, tNs, [], code: hint.rawValue) }

    /// The posted limit from here on; nil when it is unknown, infinite where there is none.
    public mutating func limit(tNs: Int64, mps: Double?) {
        guard let mps else { return put(.limit, tNs, [], code: 0) }
        put(.limit, tNs, [mps], code: mps.isInfinite ? 1 : 2)
    }

    public mutating func consent(tNs: Int64, _ sensor: Sensor, allowed: Bool) {
        put(.consent, tNs, [allowed ? 1 : 0], code: sensor.rawValue)
    }

    /// All samples so far; none are left.
    public mutating func take() -> Data {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    private mutating func put(_ sensor: Sensor, _ tNs: Int64, _ values: [Double], code: UInt16 = 0) {
        append(UInt16(Self.size))
        append(Self.version)
        append(sensor.rawValue)
        append(code)
        append(tNs)
        for index in 0..<Self.values {
            append((index < values.count ? values[index] : .nan).bitPattern)
        }
    }

    private mutating func append<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
