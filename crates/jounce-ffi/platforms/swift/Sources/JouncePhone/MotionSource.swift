import CoreMotion
import Jounce

/// Accelerometer and gyroscope, as raw as they are: the engine finds gravity and the gyroscope's bias itself.
///
/// Every sample is handed over on `queue`, which must be serial.
final class MotionSource {
    private let manager = CMMotionManager()
    private let queue: OperationQueue
    private var clocks = Clocks()
    private let onAccel: (Int64, CMAcceleration) -> Void
    private let onGyro: (Int64, CMRotationRate) -> Void

    init(
        queue: OperationQueue, onAccel: @escaping (Int64, CMAcceleration) -> Void,
        onGyro: @escaping (Int64, CMRotationRate) -> Void
    ) {
        (self.queue, self.onAccel, self.onGyro) = (queue, onAccel, onGyro)
    }

    func apply(_ plan: SensorPlan) {
        if let interval = plan.accelIntervalS, manager.isAccelerometerAvailable {
            manager.accelerometerUpdateInterval = interval
            if !manager.isAccelerometerActive {
                manager.startAccelerometerUpdates(to: queue) { [weak self] data, _ in
                    guard let self, let data else { return }
                    onAccel(clocks.motion(stampS: data.timestamp, present: .read()), data.acceleration)
                }
            }
        } else {
            manager.stopAccelerometerUpdates()
        }
        if let interval = plan.gyroIntervalS, manager.isGyroAvailable {
            manager.gyroUpdateInterval = interval
            if !manager.isGyroActive {
                manager.startGyroUpdates(to: queue) { [weak self] data, _ in
                    guard let self, let data else { return }
                    onGyro(clocks.motion(stampS: data.timestamp, present: .read()), data.rotationRate)
                }
            }
        } else {
            manager.stopGyroUpdates()
        }
    }
}
