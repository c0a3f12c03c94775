import Foundation
import Synchronization

/// How much a line matters.
package enum LogLevel: Int, CaseIterable, Comparable, Sendable {
    case error
    case warning
    case notice
    case info
    case debug

    package static func < (first: LogLevel, second: LogLevel) -> Bool {
        first.rawValue < second.rawValue
    }

    package var name: String { "\(self)" }

    package init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }
}

/// How a line is written.
package enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-11-23T22:00:00.000Z notice cluster member joined node=b`
    case text
    /// One JSON object a line.
    case json
}

/// Writes one line for each event worth a person's time, on standard error.
///
/// The text is fixed and everything that varies is in the fields, so that lines can be counted and
/// searched; `trace` is among them where the work at hand is part of one. Lines of one process never
/// mix.
package struct Log: Sendable {
    /// Longer field values, such as names that clients chose, are cut.
    package static let valueScalarsMax = 256

    private let subsystem: String
    private let threshold: LogSwitch.Threshold
    /// What all parts of one log have in common.
    private let settings: LogSwitch
    private let write: @Sendable (String) -> Void

    /// `write` gets each line, with its newline; standard error unless said otherwise.
    package init(
        subsystem: String,
        levels: LogLevels,
        format: LogFormat = .text,
        write: @escaping @Sendable (String) -> Void = Log.standardError
    ) {
        self.init(subsystem, LogSwitch(levels, format), write)
    }

    /// The same with one level for all parts.
    package init(
        subsystem: String,
        level: LogLevel = .notice,
        format: LogFormat = .text,
        write: @escaping @Sendable (String) -> Void = Log.standardError
    ) {
        self.init(subsystem, LogSwitch(LogLevels(level), format), write)
    }

    private init(
        _ subsystem: String,
        _ settings: LogSwitch,
        _ write: @escaping @Sendable (String) -> Void
    ) {
        self.subsystem = subsystem
        self.settings = settings
        self.write = write
        threshold = settings.threshold(of: subsystem)
    }

    /// The same log, for another part of the node: one of `LogLevels.parts`.
    package func named(_ subsystem: String) -> Log { Log(subsystem, settings, write) }

    /// Has this log write other lines, or in another way, from now on: all parts of it.
    package func set(_ levels: LogLevels, _ format: LogFormat) { settings.set(levels, format) }

    /// Something is broken, and an operator has to act.
    package func error(_ text: StaticString, _ fields: KeyValuePairs<String, String> = [:]) {
        log(.error, text, fields)
    }

    /// Something is wrong, and the node copes.
    package func warning(_ text: StaticString, _ fields: KeyValuePairs<String, String> = [:]) {
        log(.warning, text, fields)
    }

    /// Something that an operator wants to know: the cluster has changed.
    package func notice(_ text: StaticString, _ fields: KeyValuePairs<String, String> = [:]) {
        log(.notice, text, fields)
    }

    /// Something that explains what was seen: each connection of a peer.
    package func info(_ text: StaticString, _ fields: KeyValuePairs<String, String> = [:]) {
        log(.info, text, fields)
    }

    /// False where a line of `debug` would come to nothing.
    package var writesDebug: Bool { threshold.allows(.debug) }

    /// Each session; the fields are made only when the line is written.
    package func debug(
        _ text: StaticString,
        _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]
    ) {
        guard threshold.allows(.debug) else { return }
        log(.debug, text, fields())
    }

    private func log(
        _ level: LogLevel,
        _ text: StaticString,
        _ fields: KeyValuePairs<String, String>
    ) {
        guard threshold.allows(level) else { return }
        var fields = fields.map { ($0.key, $0.value) }
        if let trace = TraceContext.current { fields.append(("trace", trace.traceID)) }
        let time = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch settings.format {
        case .text: write(textLine(time, level, "\(text)", fields))
        case .json: write(jsonLine(time, level, "\(text)", fields))
        }
    }

    private func textLine(
        _ time: String,
        _ level: LogLevel,
        _ text: String,
        _ fields: [(String, String)]
    ) -> String {
        var line = "\(time) \(level.name) \(subsystem) \(text)"
        for (key, value) in fields { line += " \(key)=\(Self.quoted(value))" }
        return line + "\n"
    }

    private func jsonLine(
        _ time: String,
        _ level: LogLevel,
        _ text: String,
        _ fields: [(String, String)]
    ) -> String {
        let head = [("time", time), ("level", level.name), ("part", subsystem), ("text", text)]
        let pairs = (head + fields.map { ($0, Self.cut($1)) }).map { key, value in
            "\(Self.jsonString(key)):\(Self.jsonString(value))"
        }
        return "{\(pairs.joined(separator: ","))}\n"
    }

    /// A value with anything but plain visible ASCII goes in quotes, so a line stays a line.
    private static func quoted(_ value: String) -> String {
        let value = cut(value)
        let isPlain =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy { scalar in
                scalar.value > 32 && scalar.value < 127 && scalar != "\"" && scalar != "="
            }
        return isPlain ? value : jsonString(value)
    }

    /// By scalars: one character can have any number of them.
    private static func cut(_ value: String) -> String {
        let scalars = value.unicodeScalars
        guard scalars.count > valueScalarsMax else { return value }
        return String(scalars.prefix(valueScalarsMax)) + "…"
    }

    /// A string of JSON (RFC 8259 section 7) that no terminal and no viewer takes for anything else.
    private static func jsonString(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case _ where isVisible(scalar): text.unicodeScalars.append(scalar)
            default: for unit in String(scalar).utf16 { text += escape(unit) }
            }
        }
        return text + "\""
    }

    /// False for what moves the cursor, ends a line or turns the direction of the text.
    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            false
        default: true
        }
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static let output = Mutex(FileHandle.standardError)

    package static let standardError: @Sendable (String) -> Void = { line in
        output.withLock { try? $0.write(contentsOf: Data(line.utf8)) }
    }
}
