import Foundation

/// JSON, as journeys hold it and as answers are told.
enum Json: Decodable, Equatable, CustomStringConvertible {
    case null, bool(Bool), number(Double), text(String), list([Json]), fields([String: Json])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let truth = try? value.decode(Bool.self) {
            self = .bool(truth)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([Json].self) {
            self = .list(list)
        } else {
            self = .fields(try value.decode([String: Json].self))
        }
    }

    /// From whatever a runner answers.
    init(_ value: Any?) {
        switch value {
        case nil: self = .null
        case let json as Json: self = json
        case let truth as Bool: self = .bool(truth)
        case let number as any BinaryInteger: self = .number(Double(number))
        case let number as Double: self = .number(number)
        case let text as String: self = .text(text)
        case let list as [Any?]: self = .list(list.map(Json.init))
        case let fields as [String: Any?]: self = .fields(fields.mapValues(Json.init))
        case let other?: self = .text(String(describing: other))
        }
    }

    subscript(key: String) -> Json? {
        if case let .fields(fields) = self { fields[key] } else { nil }
    }

    var string: String? {
        if case let .text(text) = self { text } else { nil }
    }

    var int: Int? {
        if case let .number(number) = self { Int(number) } else { nil }
    }

    /// Whether an answer holds what is expected of it.
    func holds(in found: Json) -> Bool {
        switch (self, found) {
        case let (.fields(wanted), .fields(there)): wanted.allSatisfy { key, value in there[key].map(value.holds) ?? false }
        case let (.list(wanted), .list(there)): wanted.count == there.count && zip(wanted, there).allSatisfy { $0.holds(in: $1) }
        case let (.number(wanted), .number(there)): abs(wanted - there) <= 0.005
        default: self == found
        }
    }

    /// One way to write a value: keys in order, whole numbers as such, others by their bits.
    var description: String {
        switch self {
        case .null: return "null"
        case let .bool(truth): return truth ? "true" : "false"
        case let .number(number):
            if number.truncatingRemainder(dividingBy: 1) == 0, abs(number) < 1e15 { return String(Int64(number)) }
            let bits = String(number.bitPattern, radix: 16)
            return "0x" + String(repeating: "0", count: 16 - bits.count) + bits
        case let .text(text):
            let escaped = text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
            return "\"" + escaped.replacingOccurrences(of: "\n", with: "\\n") + "\""
        case let .list(list): return "[" + list.map(\.description).joined(separator: ",") + "]"
        case let .fields(fields):
            let sorted = fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return "{" + sorted.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
        }
    }
}
