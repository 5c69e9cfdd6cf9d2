import AVFAudio
import CoreMotion
import Jounce

/// What the system knows: the person's activity, and whether sound goes to a car.
final class HintSource {
    private let activity = CMMotionActivityManager()
    private let queue: OperationQueue
    private let isCar: (AVAudioSessionPortDescription) -> Bool
    private let onHint: (Hint) -> Void
    private var observer: NSObjectProtocol?

    /// `isCar` tells a car's audio from headphones: CarPlay names itself; of Bluetooth the person may have chosen one by name.
    init(
        queue: OperationQueue,
        isCar: @escaping (AVAudioSessionPortDescription) -> Bool = { $0.portType == .carAudio },
        onHint: @escaping (Hint) -> Void
    ) {
        (self.queue, self.isCar, self.onHint) = (queue, isCar, onHint)
    }

    func start() {
        if CMMotionActivityManager.isActivityAvailable() {
            activity.startActivityUpdates(to: queue) { [weak self] activity in
                // The unsure ones come and go at every traffic light.
                guard let activity, activity.confidence != .low else { return }
                self?.onHint(Hint(activity))
            }
        }
        observer = NotificationCenter.default.addObserver(
            forName: AVAudioSession.routeChangeNotification, object: nil, queue: queue
        ) { [weak self] _ in self?.tellRoute() }
        queue.addOperation { [weak self] in self?.tellRoute() }
    }

    func stop() {
        activity.stopActivityUpdates()
        observer.map(NotificationCenter.default.removeObserver)
        observer = nil
    }

    private func tellRoute() {
        let outputs = AVAudioSession.sharedInstance().currentRoute.outputs
        onHint(outputs.contains(where: isCar) ? .carOn : .carOff)
    }
}

extension Hint {
    init(_ activity: CMMotionActivity) {
        if activity.automotive {
            self = .automotive // also at a red light, where it is stationary as well
        } else if activity.cycling {
            self = .cycling
        } else if activity.running {
            self = .running
        } else if activity.walking {
            self = .walking
        } else if activity.stationary {
            self = .still
        } else {
            self = .activityUnknown
        }
    }
}
