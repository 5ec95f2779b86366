import Ayumi
import Foundation

// `cargo xtask bench border`: the calls of `benches/src/border.rs`.

final class FixedVault: KeyVault {
    func load() throws -> FileKey? { Data(repeating: 7, count: 32) }
    func keep(key _: FileKey) throws {}
}

let today = try LocalDate(iso: "2026-04-19")

func draft(_ child: NotebookId, _ i: Int) -> Draft {
    Draft(
        notebook: child, kind: "growth", on: today,
        fields: ["weight": "\(8 + i % 4).\(i % 10)", "length": "\(70 + i % 20)", "note": "\(i)回目"]
    )
}

func now() -> UInt64 {
    DispatchTime.now().uptimeNanoseconds
}

func time(_ runs: Int, _ work: (Int) throws -> Void) rethrows -> UInt64 {
    var times: [UInt64] = []
    for i in 0..<runs {
        let start = now()
        try work(i)
        times.append(now() - start)
    }
    return times.dropFirst(runs / 2).sorted()[runs / 4] / 100
}

let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ayumi-\(UUID().uuidString)")
let place = Config(folder: folder.path, vault: FixedVault(), locale: .ja)
let loading = now()
let first = try Handbook.create(config: place, carer: "母")
let loaded = (now() - loading) / 100
let child = try first.notebooks().addChild(child: NewChild(name: "さくら", sex: .female, born: LocalDate(iso: "2024-05-03")))
for i in 0..<200 { _ = try first.entries().add(draft: draft(child, i)) }
first.finish()
let start = now()
let book = try Handbook.open(config: place)
_ = try book.entries().shown(notebook: child)
let cold = (now() - start) / 100
let entries = book.entries()
let page = try time(5000) { _ in
    let found = try entries.shown(notebook: child)
    precondition(found.count == 50)
}
let save = try time(1000) { i in _ = try entries.add(draft: draft(child, i)) }
print("swift \(page) \(save) \(cold) (making a handbook: \(loaded))")
book.finish()
try FileManager.default.removeItem(at: folder)
