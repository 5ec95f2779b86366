import Ayumi
import Foundation
import XCTest

/// What the border itself promises: observation, cancellation, foreign code that fails, memory.
final class BorderTests: XCTestCase {
    private var folder = scratchFolder()

    override func setUp() {
        folder = scratchFolder()
    }

    override func tearDown() {
        try? FileManager.default.removeItem(at: folder)
    }

    private func make() throws -> (Handbook, NotebookId) {
        let book = try Handbook.create(config: config(folder), carer: "母")
        let child = try book.notebooks().addChild(child: NewChild(name: "さくら", sex: .female, born: day("2024-05-03")))
        return (book, child)
    }

    private func diary(_ child: NotebookId, _ text: String) -> Draft {
        Draft(notebook: child, kind: "diary", on: day("2026-04-19"), fields: ["text": text])
    }

    func testAWatchGivesTheFirstValueNowThenEachChangeAndEndsWithItsLoop() async throws {
        let (book, child) = try make()
        let entries = book.entries()
        var seen: [Int] = []
        for try await count in book.watch(.records, read: { try entries.shown(notebook: child).count }) {
            seen.append(count)
            if count < 2 { _ = try entries.add(draft: diary(child, "\(count)")) } else { break }
        }
        XCTAssertEqual(seen, [0, 1, 2])
        // Nobody listens any more; writing goes on.
        _ = try entries.add(draft: diary(child, "三"))
    }

    func testAStreamOfChangesTellsEverythingFirstThenTheTopic() async throws {
        let (book, child) = try make()
        var changes = try book.changes().makeAsyncIterator()
        let first = await changes.next()
        XCTAssertEqual(first?.count, 5)
        _ = try book.entries().add(draft: diary(child, "一"))
        let second = await changes.next()
        XCTAssertEqual(second, [.records])
    }

    func testACancelledSyncStopsAndLetsTheNextOneRun() async throws {
        let (book, _) = try make()
        let silent = try SilentServer()
        try book.sync().useServer(address: "http://127.0.0.1:\(silent.port)")
        let sync = book.sync()
        let run = Task { try await sync.run() }
        try await silent.waitForQuestion()
        run.cancel()
        do {
            _ = try await run.value
            XCTFail("it went on")
        } catch is CancellationError {}
        // Had the first one gone on, this would be busy.
        let next = try sync.begin(budget: SyncBudget())
        try await silent.waitForQuestion()
        next.cancel()
        let outcome = try await next.ended().outcome
        XCTAssertEqual(outcome, .more)
    }

    func testClosingStopsASyncThatIsOnItsWay() async throws {
        let (book, _) = try make()
        let silent = try SilentServer()
        try book.sync().useServer(address: "http://127.0.0.1:\(silent.port)")
        let run = try book.sync().begin(budget: SyncBudget())
        try await silent.waitForQuestion()
        book.finish()
        let outcome = try await run.ended().outcome
        XCTAssertEqual(outcome, .more)
        try Handbook.open(config: config(folder)).finish()
    }

    func testForeignCodeThatThrowsBecomesAnError() throws {
        final class Broken: KeyVault {
            struct Defect: Error {}
            func load() throws -> FileKey? { throw Defect() }
            func keep(key _: FileKey) throws {}
        }
        XCTAssertThrowsError(try Handbook.create(config: Config(folder: folder.path, vault: Broken(), locale: .ja), carer: "母")) { error in
            XCTAssertEqual((error as? AyumiError)?.code(), "no_key")
            XCTAssertFalse(error.localizedDescription.isEmpty)
        }
    }

    func testTheLogHoldsStableWordsAndNumbersOnly() async throws {
        final class Sink: LogSink, @unchecked Sendable {
            private let lock = NSLock()
            private var kept: [LogLine] = []
            var lines: [LogLine] { lock.withLock { kept } }
            func log(line: LogLine) { lock.withLock { kept.append(line) } }
        }
        final class NoNetwork: Connectivity {
            func network() -> Network { .absent }
        }
        let sink = Sink()
        let place = config(folder)
        let book = try Handbook.create(
            config: Config(folder: place.folder, vault: place.vault, locale: .ja, clock: place.clock, connectivity: NoNetwork(), log: sink),
            carer: "母"
        )
        let child = try book.notebooks().addChild(child: NewChild(name: "ひみつ", sex: .female, born: day("2024-05-03")))
        XCTAssertThrowsError(try book.entries().add(draft: Draft(notebook: child, kind: "growth", on: day("2026-04-19"), fields: ["weight": "ひみつ"])))
        try book.sync().useServer(address: "https://ayumi.invalid")
        let report = try await book.sync().run()
        XCTAssertEqual(report.outcome, .offline)
        XCTAssertEqual(report.roundTrips, 0, "no network, no question")
        XCTAssertTrue(sink.lines.contains { $0.event == "entries.add.invalid" })
        XCTAssertFalse(sink.lines.contains { "\($0)".contains("ひみつ") })
    }

    func testDaysAreDays() throws {
        for bad in ["2026-02-29", "2026-13-01", "2026-4-1", "26-04-01", "", "2026-04-01T00:00"] {
            XCTAssertThrowsError(try LocalDate(iso: bad), bad)
        }
        XCTAssertEqual(try LocalDate(iso: "2024-02-29").description, "2024-02-29")
        // 31 December, 15:00 UTC: the new year has begun in Japan.
        XCTAssertEqual(LocalDate(Date(timeIntervalSince1970: 1_767_193_200)), try LocalDate(iso: "2026-01-01"))
        XCTAssertLessThan(try LocalDate(iso: "2026-04-30"), try LocalDate(iso: "2026-05-01"))
    }

    func testAHundredThousandCallsAndTenThousandObjectsLeaveNothingBehind() throws {
        let (book, child) = try make()
        func round() throws {
            for _ in 0..<10_000 { _ = try book.notebooks().find(notebook: child) }
            let entries = book.entries()
            for _ in 0..<90_000 { _ = try entries.delivery(entry: child) }
        }
        try round()
        let before = resident()
        try round()
        let after = resident()
        print("resident memory: \(before) KiB, and \(after) KiB after 100,000 calls and 10,000 objects more")
        // A leaked buffer of 40 bytes in each call would be 4 MB, a leaked object 1 MB and more.
        XCTAssertLessThan(after - before, 1024)
    }

    private func resident() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
        return Int(line.filter(\.isNumber)) ?? 0
    }
}
