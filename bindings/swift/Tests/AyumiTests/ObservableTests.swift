import Ayumi
import Foundation
import Observation
import XCTest

/// The model of a screen, as SwiftUI observes it: the entries of a notebook, read again after each change.
@available(iOS 17, macOS 14, *)
@MainActor
@Observable
final class EntriesModel {
    private(set) var entries: [ShownEntry]?
    private(set) var failure: String?

    func follow(_ handbook: Handbook, _ notebook: NotebookId) async {
        do {
            for try await page in handbook.watch(.records, read: { try handbook.entries().shown(notebook: notebook) }) {
                entries = page
            }
        } catch {
            failure = error.localizedDescription
        }
    }
}

/// Names of the library beside those of Foundation and Observation: each means one type.
private typealias Names = (Language, GrowthMeasurement, ChangeSubscription, Locale, Measurement<UnitMass>, ObservationRegistrar)

final class ObservableTests: XCTestCase {
    func testAnObservedModelShowsEachChange() async throws {
        guard #available(iOS 17, macOS 14, *) else { return }
        try await Self.play()
    }

    @available(iOS 17, macOS 14, *)
    @MainActor
    private static func play() async throws {
        let folder = scratchFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let handbook = try Handbook.create(config: config(folder), carer: "母")
        let child = try handbook.notebooks().addChild(child: NewChild(name: "さくら", sex: .female, born: day("2024-05-03")))
        let model = EntriesModel()
        let following = Task { await model.follow(handbook, child) }
        await changes(of: model) { model.entries != nil }
        XCTAssertEqual(model.entries?.count, 0)
        let draft = Draft(notebook: child, kind: "diary", on: day("2026-04-19"), fields: ["text": "一"])
        _ = try handbook.entries().add(draft: draft)
        await changes(of: model) { model.entries?.count == 1 }
        XCTAssertNil(model.failure)
        following.cancel()
        await following.value
        handbook.finish()
    }

    /// Waits, as a view does, for the model's changes until it shows enough, or a failure.
    @available(iOS 17, macOS 14, *)
    @MainActor
    private static func changes(of model: EntriesModel, until enough: () -> Bool) async {
        while !enough() && model.failure == nil {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                withObservationTracking {
                    _ = (model.entries, model.failure)
                } onChange: {
                    continuation.resume()
                }
            }
        }
    }
}
