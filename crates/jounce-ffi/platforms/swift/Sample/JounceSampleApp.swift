import Jounce
import JouncePhone
import SwiftUI

/// Shows what the engine is about and what it has found, and records what goes into it.
@main
struct JounceSampleApp: App {
    @UIApplicationDelegateAdaptor(AppDelegate.self) private var delegate
    @Environment(\.scenePhase) private var phase

    var body: some Scene {
        WindowGroup { DrivesView(model: delegate.model) }
            .onChange(of: phase) { phase in
                if phase == .background { delegate.model.monitor?.keep() }
            }
    }
}

/// The monitor is made at every launch, also at one in the background, where no window is.
final class AppDelegate: NSObject, UIApplicationDelegate {
    let model = DrivesModel()

    func application(
        _: UIApplication, didFinishLaunchingWithOptions _: [UIApplication.LaunchOptionsKey: Any]? = nil
    ) -> Bool {
        model.start()
        return true
    }
}

final class DrivesModel: ObservableObject {
    @Published private(set) var live = DriveMonitor.Live(stage: .idle, isResumed: false, isRecording: false)
    @Published private(set) var events: [Event] = []
    @Published private(set) var failure: String?
    private(set) var monitor: DriveMonitor?

    func start() {
        do {
            monitor = try DriveMonitor(
                onEvent: { [weak self] event in self?.events.insert(event, at: 0) },
                onLive: { [weak self] live in self?.live = live })
        } catch {
            failure = error.localizedDescription
        }
    }

    func toggleRecording() {
        let folder = FileManager.default.urls(for: .documentDirectory, in: .userDomainMask)[0]
        let name = ISO8601DateFormatter().string(from: Date()).replacingOccurrences(of: ":", with: "-") + ".jnc"
        monitor?.record(to: live.isRecording ? nil : folder.appendingPathComponent(name))
    }

    func forget() {
        monitor?.forget()
        events = []
    }
}

struct DrivesView: View {
    @ObservedObject var model: DrivesModel

    var body: some View {
        NavigationView {
            List {
                Section {
                    LabeledRow("State", String(describing: model.live.stage))
                    LabeledRow("Went on after the app was ended", model.live.isResumed ? "yes" : "no")
                    if let failure = model.failure { Text(failure).foregroundColor(.red) }
                    Button("Allow location and motion") { model.monitor?.requestAuthorization() }
                    Button(model.live.isRecording ? "End recording" : "Record") { model.toggleRecording() }
                    Button("Forget everything", role: .destructive) { model.forget() }
                }
                Section("Events") {
                    ForEach(Array(model.events.enumerated()), id: \.offset) { _, event in
                        VStack(alignment: .leading) {
                            Text(event.kind.replacingOccurrences(of: "_", with: " "))
                            Text([event.phase, event.severity ?? ""].joined(separator: " "))
                                .font(.caption).foregroundColor(.secondary)
                        }
                    }
                }
            }
            .navigationTitle("Jounce")
        }
    }
}

private struct LabeledRow: View {
    let name, value: String

    init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }

    var body: some View {
        HStack {
            Text(name)
            Spacer()
            Text(value).foregroundColor(.secondary)
        }
    }
}
