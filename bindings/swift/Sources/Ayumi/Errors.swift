import AyumiGenerated
import Foundation

extension AyumiError: LocalizedError {
    /// In the language of the device: Japanese, or English elsewhere. `words(locale:)` has plain Japanese too.
    public var errorDescription: String? {
        let japanese = Locale.preferredLanguages.first?.hasPrefix("ja") ?? false
        return words(locale: japanese ? .ja : .en)
    }
}
