// Every piece of Swift in docs/integrate.md stands here too, is compiled and runs.

import Ayumi
import Foundation
import XCTest

/// Whatever keeps 32 bytes on this device, out of backups: on iOS a Keychain item with `…AfterFirstUnlockThisDeviceOnly`.
protocol SecretStore: Sendable {
    func read() throws -> Data?
    func write(_ secret: Data) throws
}

final class Vault: KeyVault {
    private let store: any SecretStore

    init(_ store: any SecretStore) {
        self.store = store
    }

    func load() throws -> FileKey? {
        do { return try store.read() } catch { throw VaultError.Unavailable }
    }

    func keep(key: FileKey) throws {
        do { try store.write(key) } catch { throw VaultError.Unavailable }
    }
}

func openHandbook(folder: URL, store: any SecretStore, carer: String) throws -> Handbook {
    let config = Config(folder: folder.path, vault: Vault(store), locale: .ja)
    do {
        return try Handbook.open(config: config)
    } catch AyumiError.NotFound {
        return try Handbook.create(config: config, carer: carer)
    }
}

struct GrowthState: Sendable {
    let line: String
    let points: [GrowthPoint]
    let drawing: String
}

func growth(_ handbook: Handbook, _ child: NotebookId) -> AsyncThrowingStream<GrowthState?, any Error> {
    handbook.watch(.records) {
        let door = handbook.growth()
        let all = try door.measurements(notebook: child, reference: .jp2023)
        guard let last = all.last(where: { $0.measure == .weight }) else { return nil }
        let chart = try door.chart(notebook: child, measure: .weight, reference: .jp2023)
        let drawing = try door.svg(notebook: child, measure: .weight, reference: .jp2023)
        return GrowthState(line: last.reading, points: chart.points, drawing: drawing)
    }
}

func save(_ handbook: Handbook, _ child: NotebookId, weight: String) -> String? {
    do {
        let today = LocalDate(Date())
        _ = try handbook.entries().add(draft: Draft(notebook: child, kind: "growth", on: today, fields: ["weight": weight]))
        return nil
    } catch {
        return (error as? AyumiError)?.words(locale: .ja) ?? error.localizedDescription
    }
}

func syncInBackground(_ handbook: Handbook) async throws -> Bool {
    let report = try await handbook.sync().run(budget: SyncBudget(timeMs: 25_000, background: true))
    return report.outcome == .done || report.outcome == .noServer
}

final class IntegrateTests: XCTestCase {
    private final class Memory: SecretStore, @unchecked Sendable {
        private var kept: Data?
        func read() -> Data? { kept }
        func write(_ secret: Data) { kept = secret }
    }

    func testTheGuideWorksFromNothingToAChart() async throws {
        let (folder, store) = (scratchFolder(), Memory())
        defer { try? FileManager.default.removeItem(at: folder) }
        let handbook = try openHandbook(folder: folder, store: store, carer: "母")
        let child = try handbook.notebooks().addChild(child: NewChild(name: "さくら", sex: .female, born: LocalDate(iso: "2024-05-03")))
        XCTAssertNil(save(handbook, child, weight: "11.2kg"))
        XCTAssertTrue(save(handbook, child, weight: "11200")?.contains("0.1〜150 kg") ?? false)
        var states = growth(handbook, child).makeAsyncIterator()
        let next = try await states.next()
        let state = try XCTUnwrap(try XCTUnwrap(next))
        XCTAssertEqual(state.points.map(\.value), [11.2])
        XCTAssertTrue(!state.line.isEmpty && state.drawing.hasPrefix("<svg"))
        let synced = try await syncInBackground(handbook)
        XCTAssertTrue(synced)
        handbook.finish()
        XCTAssertEqual(try openHandbook(folder: folder, store: store, carer: "母").notebooks().list().map(\.name), ["さくら"])
    }
}
