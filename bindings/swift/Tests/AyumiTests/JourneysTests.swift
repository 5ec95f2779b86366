import Ayumi
import Foundation
import XCTest

/// The journeys of `fixtures/journeys`; each writes its answers, to be compared with those of Rust and Kotlin.
final class JourneysTests: XCTestCase {
    private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../..").standardized

    func test01Offline() async throws { try await play("01_offline") }
    func test02Growth() async throws { try await play("02_growth") }
    func test03SelfCheck() async throws { try await play("03_self_check") }
    func test04Agenda() async throws { try await play("04_agenda") }
    func test05TwoDevices() async throws { try await play("05_two_devices") }
    func test06Members() async throws { try await play("06_members") }
    func test07Recovery() async throws { try await play("07_recovery") }
    func test08WrongKey() async throws { try await play("08_wrong_key") }
    func test09Damaged() async throws { try await play("09_damaged") }
    func test10Cancel() async throws { try await play("10_cancel") }

    func testNoJourneyIsLeftOut() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("fixtures/journeys").path)
        XCTAssertEqual(files.filter { $0.hasSuffix(".json") }.count, 10)
    }

    private func play(_ name: String) async throws {
        let server = try XCTUnwrap(ProcessInfo.processInfo.environment["AYUMI_TEST_SERVER"], "cargo xtask test starts one")
        let file = root.appendingPathComponent("fixtures/journeys/\(name).json")
        let journey = try JSONDecoder().decode(Json.self, from: Data(contentsOf: file))
        let phones = Phones(today: journey["today"]?.string ?? "2026-04-20", server: server)
        defer { phones.close() }
        guard case let .list(steps)? = journey["steps"] else { return XCTFail("no steps") }
        var transcript = ""
        for (i, step) in steps.enumerated() {
            let told = "step \(i + 1): \(step)"
            let fails = step["fails"]?.string
            var answer: Json
            do {
                answer = Json(try await phones.play(step))
                XCTAssertNil(fails, "\(told) went well: \(answer)")
            } catch let error as AyumiError {
                let words = error.words(locale: .ja)
                XCTAssertEqual(fails, error.code(), told)
                if let wanted = step["words"]?.string { XCTAssertEqual(wanted, words, told) }
                answer = Json(["fails": error.code(), "words": words])
            }
            if let wanted = step["expect"] { XCTAssertTrue(wanted.holds(in: answer), "\(told)\nanswered \(answer)") }
            transcript += "\(i + 1) \(step["do"]?.string ?? "") \(answer)\n"
        }
        let out = root.appendingPathComponent("target/journeys/swift")
        try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
        try transcript.write(to: out.appendingPathComponent("\(name).txt"), atomically: true, encoding: .utf8)
    }
}
