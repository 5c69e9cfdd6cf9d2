import XCTest

@testable import Jounce

final class JounceTests: XCTestCase {
    func testAPhoneFaceUpFeelsNinePointEightUpwards() {
        XCTAssertEqual(specificForceMps2(fromG: -1), 9.80665)
        XCTAssert(known(-1).isNaN)
        XCTAssertEqual(known(0), 0)
    }

    func testSamplesAreStructures() {
        var samples = Samples()
        samples.accel(tNs: 99, x: 1, y: 2, z: 3)
        samples.limit(tNs: 7, mps: nil)
        samples.limit(tNs: 8, mps: .infinity)
        samples.consent(tNs: 9, .mag, allowed: false)
        let bytes = [UInt8](samples.take())
        XCTAssertEqual(bytes.count, 4 * 72)
        XCTAssertEqual(Array(bytes[0..<16]), [72, 0, 1, 0, 0, 0, 0, 0, 99, 0, 0, 0, 0, 0, 0, 0])
        XCTAssertEqual([bytes[72 + 6], bytes[144 + 6], bytes[216 + 4], bytes[216 + 6]], [0, 1, 7, 2])
        XCTAssert(samples.isEmpty)
    }

    func testStampsGoOnThroughASleep() {
        var clocks = Clocks()
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        let awake = Clocks.Present(continuousNs: 100_000_000_000, uptimeS: 40, utc: start)
        XCTAssertEqual(clocks.motion(stampS: 39.99, present: awake), 99_990_000_000)
        // A little apart, as two readings are.
        let soon = Clocks.Present(continuousNs: 101_000_200_000, uptimeS: 41, utc: start.addingTimeInterval(1))
        XCTAssertEqual(clocks.motion(stampS: 41, present: soon), 101_000_000_000)
        let slept = Clocks.Present(continuousNs: 3_700_000_000_000, uptimeS: 42, utc: start.addingTimeInterval(3600))
        XCTAssertEqual(clocks.motion(stampS: 42, present: slept), 3_700_000_000_000)
        XCTAssertEqual(clocks.location(start.addingTimeInterval(3599), present: slept), 3_699_000_000_000)
    }

    func testASnapshotIsReplacedAsAWhole() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        let file = SnapshotFile(url)
        XCTAssertNil(file.load())
        for bytes in [Data([1, 2, 3]), Data([4])] {
            try file.save(bytes)
            XCTAssertEqual(file.load(), bytes)
        }
        file.forget()
        XCTAssertNil(file.load())
    }

    func testASessionGoesOnInAnotherProcess() throws {
        let kept = SnapshotFile(FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString))
        defer { kept.forget() }
        var stages: [Stage] = []
        func opened() throws -> DriveSession {
            try DriveSession(settings: "", kept: kept, onEvent: { _ in }, onPlan: { stages.append($0.stage) })
        }
        let first = try opened()
        XCTAssertFalse(first.isResumed)
        first.pump(nowNs: 0)
        first.samples.hint(tNs: 1_000_000_000, .carOn)
        first.samples.accel(tNs: 1_000_000_000, x: 0, y: 0, z: 9.81)
        first.finish(nowNs: 1_000_000_000)
        let second = try opened()
        XCTAssert(second.isResumed)
        second.pump(nowNs: 2_000_000_000)
        XCTAssertEqual(stages, [.idle, .watching, .watching])
    }
}
