import Ayumi
import Foundation

/// A vault that holds a key of one repeated byte, or is locked.
final class FixedVault: KeyVault {
    private let byte: Int

    init(_ byte: Int = 7) {
        self.byte = byte
    }

    func load() throws -> FileKey? {
        guard byte >= 0 else { throw VaultError.Unavailable }
        return Data(repeating: UInt8(byte), count: 32)
    }

    func keep(key _: FileKey) throws {}
}

/// Noon in Japan, and a millisecond more each time it is asked.
final class StepClock: Clock, @unchecked Sendable {
    private let lock = NSLock()
    private var millis: UInt64
    private let day: LocalDate

    init(_ day: LocalDate) {
        self.day = day
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        let noon = calendar.date(from: DateComponents(year: day.year, month: day.month, day: day.day, hour: 3))!
        millis = UInt64(noon.timeIntervalSince1970) * 1000
    }

    func nowMs() -> UInt64 {
        lock.withLock {
            millis += 1
            return millis - 1
        }
    }

    func today() -> NaiveDate {
        day
    }
}

func day(_ iso: String) -> LocalDate {
    try! LocalDate(iso: iso)
}

func config(_ folder: URL, key: Int = 7, today: String = "2026-04-20") -> Config {
    Config(folder: folder.path, vault: FixedVault(key), locale: .ja, clock: StepClock(day(today)))
}

func scratchFolder() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("ayumi-\(UUID().uuidString)")
}

/// The name of a variant, as each language can tell it.
func key(_ variant: Any) -> String {
    String(describing: variant).lowercased()
}

/// Plays the steps of `fixtures/journeys`.
final class Phones {
    private let folder = scratchFolder()
    private let today: String
    private let server: String
    private var open: [String: Handbook] = [:]
    private var named: [String: String] = [:]

    init(today: String, server: String) {
        (self.today, self.server) = (today, server)
    }

    func close() {
        open.values.forEach { $0.finish() }
        try? FileManager.default.removeItem(at: folder)
    }

    private func given(_ step: Json, _ key: String) -> String? {
        guard let text = step[key]?.string else { return nil }
        return text.hasPrefix("$") ? named[String(text.dropFirst())]! : text
    }

    private func text(_ step: Json, _ key: String) -> String {
        given(step, key) ?? ""
    }

    private func texts(_ step: Json, _ key: String) -> [String: String] {
        guard case let .fields(fields)? = step[key] else { return [:] }
        return fields.compactMapValues(\.string)
    }

    private func home(_ step: Json) -> URL {
        folder.appendingPathComponent(text(step, "phone"))
    }

    private func configuration(_ step: Json) -> Config {
        config(home(step), key: step["key"]?.int ?? 7, today: given(step, "today") ?? today)
    }

    private func book(_ step: Json) -> Handbook {
        open[text(step, "phone")]!
    }

    private func call(_ step: Json, _ value: String) {
        if let name = step["as"]?.string { named[name] = value }
    }

    func play(_ step: Json) async throws -> Any? {
        let what = text(step, "do")
        switch what {
        case "make":
            let book = try Handbook.create(config: configuration(step), carer: text(step, "carer"))
            open[text(step, "phone")] = book
            return ["carer": try book.carer()]
        case "open":
            let book = try Handbook.open(config: configuration(step))
            open[text(step, "phone")] = book
            return ["carer": try book.carer(), "notebooks": try notebooks(book)] as [String: Any?]
        case "close":
            book(step).finish()
            return nil
        case "damage":
            let file = try FileHandle(forUpdating: home(step).appendingPathComponent("handbook.db"))
            try file.seek(toOffset: 16)
            try file.write(contentsOf: Data(repeating: 0x55, count: 64))
            try file.close()
            return nil
        case "salvage":
            let saved = try salvage(config: configuration(step))
            return ["entries": saved.entries, "facts_lost": saved.factsLost]
        case "check_file":
            let found = try book(step).checkFile()
            return ["entries": found.entries, "changes": found.changes, "findings": found.findings] as [String: Any?]
        case "child", "pregnancy", "notebooks", "end":
            return try notebookStep(what, step)
        case "add", "edit", "undo", "delete", "restore", "list", "history", "form", "conflicts", "settle":
            return try entryStep(what, step)
        case "server", "sync", "cancel":
            return try await syncStep(what, step)
        case "invite", "join", "members", "role", "remove", "leave", "print", "recover":
            return try await memberStep(what, step)
        default:
            return try insightStep(what, step)
        }
    }

    private func notebookStep(_ what: String, _ step: Json) throws -> Any? {
        let book = book(step)
        switch what {
        case "child":
            let id = try book.notebooks().addChild(child: NewChild(
                name: text(step, "name"),
                sex: text(step, "sex") == "female" ? .female : .male,
                born: day(text(step, "born")),
                gestation: step["gestation"]?.int.map { UInt16($0) }
            ))
            call(step, id)
            return try notebook(book, id)
        case "pregnancy":
            let id = try book.notebooks().addPregnancy(due: day(text(step, "due")))
            call(step, id)
            return try notebook(book, id)
        case "end":
            let reason: EndReason = text(step, "reason") == "loss" ? .loss : .death
            try book.notebooks().end(notebook: text(step, "notebook"), reason: reason, on: day(text(step, "on")))
            return nil
        default:
            return try notebooks(book)
        }
    }

    private func entryStep(_ what: String, _ step: Json) throws -> Any? {
        let book = book(step)
        let entries = book.entries()
        let id = text(step, "entry")
        switch what {
        case "add":
            let id = try entries.add(draft: Draft(
                notebook: text(step, "notebook"), kind: text(step, "kind"), on: day(text(step, "on")), fields: texts(step, "fields")
            ))
            call(step, id)
            return shown(try entries.find(entry: id))
        case "list":
            return try entries.shown(notebook: text(step, "notebook"), filter: ListFilter(search: given(step, "search"))).map(shown)
        case "form":
            let form = try book.form(notebook: text(step, "notebook")).first { $0.kind == text(step, "kind") }!
            let fields = form.fields.map { [$0.key, $0.label, key($0.fieldType), $0.unit, $0.min, $0.max, $0.options.count] as [Any?] }
            return ["label": form.label, "fields": fields] as [String: Any?]
        case "conflicts":
            return try entries.conflicts().map { conflict in
                ["field": conflict.field, "values": conflict.values.map { plain($0.value) }.sorted()] as [String: Any?]
            }
        case "history":
            let all = try entries.history(entry: id)
            return ["versions": all.count, "deleted": all.map(\.deleted)] as [String: Any?]
        case "settle":
            let wanted = text(step, "value")
            let version = try entries.conflicts().flatMap(\.values).first { plain($0.value) == wanted }!.version
            try entries.settle(entry: id, field: text(step, "field"), version: version)
            return nil
        default:
            switch what {
            case "edit": try entries.edit(entry: id, fields: texts(step, "fields"))
            case "undo": try entries.undo(entry: id)
            case "delete": try entries.delete(entry: id)
            default: try entries.restore(entry: id)
            }
            return shown(try entries.find(entry: id))
        }
    }

    private func insightStep(_ what: String, _ step: Json) throws -> Any? {
        let book = book(step)
        let id = text(step, "notebook")
        let reference: GrowthReference = text(step, "reference") == "who" ? .who : .jp2023
        switch what {
        case "measurements":
            return try book.growth().measurements(notebook: id, reference: reference)
                .filter { key($0.measure) == text(step, "measure") }
                .map { one in
                    [
                        "on": one.on, "value": one.value, "age": one.ageDays, "corrected": one.correctedAgeDays, "z": one.z,
                        "percentile": one.percentile, "reading": one.reading, "reference": one.reference,
                    ] as [String: Any?]
                }
        case "chart":
            let measure: Measure = text(step, "measure") == "weight" ? .weight : .head
            let chart = try book.growth().chart(notebook: id, measure: measure, reference: reference)
            return [
                "points": chart.points.map { [$0.day, $0.value] }, "bands": chart.bands.map(\.percentile),
                "ends": chart.bands.map { $0.line.last?.value } as [Any?], "corrected": chart.corrected,
                "days": [chart.days.from, chart.days.to], "values": [chart.values.from, chart.values.to],
            ] as [String: Any?]
        case "checks":
            return try book.checks().due(notebook: id).filter { $0.state == .open }.map { one in
                [
                    "check": one.check, "name": one.name, "state": key(one.state), "answered": one.answered,
                    "questions": one.questions, "from": one.from, "to": one.to,
                ] as [String: Any?]
            }
        case "questions":
            return try book.checks().questions(notebook: id, check: text(step, "check")).map {
                [$0.item, $0.areaName, $0.text, $0.typicalWords]
            }
        case "answer":
            let all: [CheckAnswer] = [.yes, .sometimes, .notYet, .unsure]
            let answers = texts(step, "answers").mapValues { text in all.first { key($0) == text }! }
            _ = try book.checks().answer(notebook: id, check: text(step, "check"), answers: answers, worry: given(step, "worry"))
            return nil
        case "result":
            let found = try book.checks().result(notebook: id, check: text(step, "check"))
            return [
                "strengths": found.strengths.map(\.text), "next": found.next.map(\.text), "offer": key(found.offer),
                "words": found.offerWords, "because": found.becauseWords, "corrected": found.corrected, "desk": found.desk?.name,
            ] as [String: Any?]
        case "agenda":
            return try book.agenda().list(notebook: id).map {
                [$0.key, key($0.kind), $0.from, $0.to, $0.when, $0.title, $0.open] as [Any?]
            }
        case "reminders":
            return try book.agenda().reminders(notebook: id, days: UInt32(step["days"]!.int!)).map { [$0.at, $0.title, $0.text] }
        case "mark":
            _ = try book.agenda().mark(notebook: id, key: text(step, "key"), state: .done)
            return nil
        case "doses":
            return try book.vaccines().plan(notebook: id).map(dose)
        case "dose":
            return dose(try book.vaccines().plan(notebook: id).first { $0.next.series == text(step, "series") }!)
        default:
            fatalError("no step \"\(what)\"")
        }
    }

    private func syncStep(_ what: String, _ step: Json) async throws -> Any? {
        let sync = book(step).sync()
        switch what {
        case "server":
            try sync.useServer(address: server)
            return nil
        case "sync":
            let report = try await sync.run()
            return [
                "outcome": key(report.outcome), "pushed": report.pushed, "pulled": report.pulled, "waiting": report.waiting,
                "refused": report.refused,
            ] as [String: Any?]
        default:
            // Takes the question and never answers.
            let silent = try SilentServer()
            try sync.useServer(address: "http://127.0.0.1:\(silent.port)")
            let run = Task { try await sync.run() }
            try await silent.waitForQuestion()
            run.cancel()
            var stopped = false
            do { _ = try await run.value } catch is CancellationError { stopped = true }
            return ["stopped": stopped]
        }
    }

    private func memberStep(_ what: String, _ step: Json) async throws -> Any? {
        let book = book(step)
        let members = book.members()
        let notebookId = text(step, "notebook")
        let roles: [String: Role] = ["owner": .owner, "writer": .writer, "reader": .reader]
        switch what {
        case "invite":
            let made = try await members.invite(notebook: notebookId, role: roles[text(step, "role")]!, name: text(step, "name"))
            call(step, made.code)
            return nil
        case "join":
            return try notebook(book, try await members.join(code: text(step, "code")))
        case "members":
            return try members.list(notebook: notebookId).filter { $0.what != .invitation }
                .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
                .map { ["name": $0.name, "role": key($0.role), "what": key($0.what), "me": $0.me] as [String: Any?] }
        case "print":
            let made = try await members.printRecovery()
            call(step, made.code)
            return ["notebooks": made.notebooks.count]
        case "recover":
            return ["notebooks": try await members.recover(code: text(step, "code")).count]
        case "leave":
            try await members.leave(notebook: notebookId)
            return nil
        default:
            let member = try members.list(notebook: notebookId).first { $0.name == text(step, "member") }!.id
            if what == "role" {
                try await members.setRole(notebook: notebookId, member: member, role: roles[text(step, "role")]!)
            } else {
                try await members.remove(notebook: notebookId, member: member)
            }
            return nil
        }
    }

    private func notebooks(_ book: Handbook) throws -> [Any?] {
        try book.notebooks().list().map { try notebook(book, $0.id) }
    }

    private func notebook(_ book: Handbook, _ id: NotebookId) throws -> [String: Any?] {
        let found = try book.notebooks().find(notebook: id)
        return ["name": found.name, "type": key(found.notebookType), "role": found.role.map { key($0) } ?? "none"]
    }

    private func shown(_ one: ShownEntry) -> [String: Any?] {
        [
            "kind": one.entry.kind, "title": one.title, "day": one.day, "lines": one.lines.map { [$0.label, $0.text] },
            "deleted": one.entry.deleted, "conflicts": one.entry.conflicts,
        ]
    }

    private func dose(_ one: DoseView) -> [String: Any?] {
        [
            "series": one.next.series, "number": one.next.dose, "status": key(one.next.status), "earliest": one.next.earliest,
            "to": one.next.lastRoutineDay, "title": one.title, "window": one.windowWords, "because": one.becauseWords,
        ]
    }

    private func plain(_ value: Value) -> String {
        switch value {
        case let .number(number): "\(number)"
        case let .whole(number): "\(number)"
        case let .text(text): text
        default: "\(value)"
        }
    }
}
