import Foundation

/// A calendar day in Japan, without a time or a zone: birthdays and visits are days, not instants.
public struct LocalDate: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// Year, such as 2026.
    public let year: Int
    /// Month, 1 to 12.
    public let month: Int
    /// Day of the month, from 1.
    public let day: Int

    /// A text that is no day.
    public struct Invalid: Error, Sendable {}

    /// From its parts; fails for a day that does not exist.
    public init(year: Int, month: Int, day: Int) throws {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length = switch month {
        case 2: leap ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
        guard (1...9999).contains(year), (1...12).contains(month), (1...length).contains(day) else { throw Invalid() }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// From `2026-04-20`.
    public init(iso: String) throws {
        // Read digit by digit: a page of entries has dozens of days.
        var numbers = (0, 0, 0)
        var place = 0
        for byte in iso.utf8 {
            switch (place, byte) {
            case (4, 0x2d), (7, 0x2d): break
            case (0...3, 0x30...0x39): numbers.0 = numbers.0 * 10 + Int(byte - 0x30)
            case (5...6, 0x30...0x39): numbers.1 = numbers.1 * 10 + Int(byte - 0x30)
            case (8...9, 0x30...0x39): numbers.2 = numbers.2 * 10 + Int(byte - 0x30)
            default: throw Invalid()
            }
            place += 1
        }
        guard place == 10 else { throw Invalid() }
        let (year, month, day) = numbers
        try self.init(year: year, month: month, day: day)
    }

    /// The day in Japan at an instant.
    public init(_ instant: Date) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 9 * 3600) ?? calendar.timeZone
        let parts = calendar.dateComponents([.year, .month, .day], from: instant)
        (year, month, day) = (parts.year ?? 1970, parts.month ?? 1, parts.day ?? 1)
    }

    /// For date pickers and formatters: its parts, in the Gregorian calendar.
    public var components: DateComponents {
        DateComponents(calendar: Calendar(identifier: .gregorian), year: year, month: month, day: day)
    }

    /// `2026-04-20`.
    public var description: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let zeros = String(repeating: "0", count: max(0, 4 - String(year).count))
        return "\(zeros)\(year)-\(two(month))-\(two(day))"
    }

    public static func < (a: LocalDate, b: LocalDate) -> Bool {
        (a.year, a.month, a.day) < (b.year, b.month, b.day)
    }
}
