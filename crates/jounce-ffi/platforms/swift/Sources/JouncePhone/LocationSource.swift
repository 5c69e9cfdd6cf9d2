import CoreLocation
import Jounce

/// Fixes, at the rate that is wanted; parked, the services that cost next to nothing and start an app that was ended.
///
/// Core Location calls back on the thread that made the manager: the main thread.
final class LocationSource: NSObject, CLLocationManagerDelegate {
    /// Fixes further apart than this are left to the significant-change service, s.
    private static let coarseS: TimeInterval = 30
    private let manager = CLLocationManager()
    private let onLocation: (CLLocation) -> Void
    private let onAuthorization: (CLAuthorizationStatus) -> Void

    init(onLocation: @escaping (CLLocation) -> Void, onAuthorization: @escaping (CLAuthorizationStatus) -> Void) {
        (self.onLocation, self.onAuthorization) = (onLocation, onAuthorization)
        super.init()
        manager.delegate = self
        manager.activityType = .automotiveNavigation
        manager.desiredAccuracy = kCLLocationAccuracyBestForNavigation
        manager.distanceFilter = kCLDistanceFilterNone
        // The system would pause at a long stop and not go on.
        manager.pausesLocationUpdatesAutomatically = false
        manager.showsBackgroundLocationIndicator = true
    }

    /// First while the app is used, then always: the system refuses to be asked for both at once.
    func requestAuthorization() {
        switch manager.authorizationStatus {
        case .notDetermined: manager.requestWhenInUseAuthorization()
        case .authorizedWhenInUse: manager.requestAlwaysAuthorization()
        default: break
        }
    }

    func apply(_ plan: SensorPlan) {
        guard let interval = plan.fixIntervalS else {
            manager.stopUpdatingLocation()
            manager.stopMonitoringSignificantLocationChanges()
            return
        }
        // Left on in a drive as well: it is what starts the app again when the system has ended it.
        manager.startMonitoringSignificantLocationChanges()
        if interval < Self.coarseS {
            manager.allowsBackgroundLocationUpdates = true
            manager.startUpdatingLocation()
        } else {
            manager.stopUpdatingLocation()
        }
    }

    func locationManager(_: CLLocationManager, didUpdateLocations locations: [CLLocation]) {
        locations.forEach(onLocation)
    }

    func locationManager(_: CLLocationManager, didFailWithError _: Error) {
        // No fix for a while: the engine carries on without, and says so.
    }

    func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {
        onAuthorization(manager.authorizationStatus)
    }
}

extension Fix {
    /// Nil when there is no position.
    init?(_ location: CLLocation) {
        guard location.horizontalAccuracy >= 0 else { return nil }
        self.init(
            latDeg: location.coordinate.latitude, lonDeg: location.coordinate.longitude,
            altM: location.verticalAccuracy > 0 ? location.altitude : .nan, speedMps: known(location.speed),
            courseDeg: known(location.course), haccM: location.horizontalAccuracy, saccMps: known(location.speedAccuracy)
        )
    }
}
