import Foundation

/// What is to run now, in the platform's terms: nil where it is off.
public struct SensorPlan: Equatable, Sendable {
    /// Between two samples, s.
    public var accelIntervalS: TimeInterval?
    public var gyroIntervalS: TimeInterval?
    /// Between two fixes, s.
    public var fixIntervalS: TimeInterval?
    public var stage: Stage

    public init(_ needs: Needs) {
        func interval(_ sensor: Sensor) -> TimeInterval? {
            let hz = needs.rateHz[Int(sensor.rawValue)]
            return hz > 0 ? 1 / hz : nil
        }
        (accelIntervalS, gyroIntervalS, fixIntervalS) = (interval(.accel), interval(.gyro), interval(.gnss))
        stage = needs.stage
    }
}
