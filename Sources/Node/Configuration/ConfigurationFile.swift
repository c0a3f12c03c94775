import Foundation

/// One `key = value` as it was written, and where.
package struct ConfigurationSetting: Equatable, Sendable {
    package let key: String
    package let value: String
    package let location: ConfigurationLocation
}

/// Reads the lines of a configuration file; what the keys mean is not known here.
///
/// A line is empty, a comment from `#` on, or `key = value` with an optional comment behind. A
/// comment starts at a `#` that is first in the line or has a space before it. A value with such a
/// `#`, or with spaces at its ends, goes in double quotes, in which nothing is special; so a value
/// cannot hold both a quote at its start and such a `#`.
package enum ConfigurationFile {
    /// Larger files are refused unread.
    package static let byteCountMax = 1 << 20
    /// How many values one list may have.
    package static let listCountMax = 64

    /// The settings of a file's `text`, in order; `name` is for the locations.
    package static func settings(
        in text: String,
        name: String
    ) throws(ConfigurationError) -> [ConfigurationSetting] {
        guard text.utf8.count <= byteCountMax else {
            throw ConfigurationError(
                location: .file(name),
                reason: .tooLarge(limit: byteCountMax)
            )
        }
        var settings: [ConfigurationSetting] = []
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let location = ConfigurationLocation.line(index + 1, file: name)
            guard let setting = try setting(in: String(line), at: location) else { continue }
            settings.append(setting)
        }
        return settings
    }

    /// The setting of one line; nil when it is empty or a comment.
    package static func setting(
        in line: String,
        at location: ConfigurationLocation
    ) throws(ConfigurationError) -> ConfigurationSetting? {
        let line = line.trimmingCharacters(in: .whitespaces)
        guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
        guard let equals = line.firstIndex(of: "=") else {
            throw ConfigurationError(location: location, reason: .noSetting)
        }
        let key = line[..<equals].trimmingCharacters(in: .whitespaces)
        let rest = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
        guard !key.isEmpty, !key.contains(where: \.isWhitespace) else {
            throw ConfigurationError(location: location, reason: .noSetting)
        }
        guard let value = rest.hasPrefix("\"") ? quoted(rest) : plain(rest) else {
            throw ConfigurationError(location: location, reason: .unclosedQuote)
        }
        return ConfigurationSetting(key: key, value: value, location: location)
    }

    private static func plain(_ text: String) -> String {
        var previous: Character = " "
        for index in text.indices {
            if text[index] == "#", previous.isWhitespace {
                return text[..<index].trimmingCharacters(in: .whitespaces)
            }
            previous = text[index]
        }
        return text
    }

    private static func quoted(_ text: String) -> String? {
        let inside = text.dropFirst()
        guard let end = inside.firstIndex(of: "\"") else { return nil }
        let rest = inside[inside.index(after: end)...].trimmingCharacters(in: .whitespaces)
        return rest.isEmpty || rest.hasPrefix("#") ? String(inside[..<end]) : nil
    }
}
