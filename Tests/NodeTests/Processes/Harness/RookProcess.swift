import Foundation
import Synchronization

/// One run of the `rook` program.
///
/// It ends with the test at the latest: the child watches its standard input, whose other end the
/// kernel closes however the test goes.
final class RookProcess: Sendable {
    enum Exit: Equatable {
        case status(Int32)
        case signal(Int32)
    }

    /// The program beside the test bundle, or the one that `ROOK_EXECUTABLE` names.
    static let executable: URL = {
        if let path = ProcessInfo.processInfo.environment["ROOK_EXECUTABLE"] {
            return URL(fileURLWithPath: path)
        }
        return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("rook")
    }()

    private let process = Process()
    private let isToldToEnd = Atomic(false)
    private let lifeline = Pipe()
    private let output: WrittenText
    private let errors: WrittenText

    /// `descriptorsMax` is what `ulimit -n` says to it; nil leaves it as it is for the tests.
    init(
        _ arguments: [String],
        of executable: URL = RookProcess.executable,
        descriptorsMax: Int? = nil,
        environment: [String: String] = [:]
    ) throws {
        (output, errors) = (try WrittenText(), try WrittenText())
        if let descriptorsMax {
            let script = #"ulimit -n \#(descriptorsMax) && exec "$0" "$@""#
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", script, executable.path] + arguments
        } else {
            process.executableURL = executable
            process.arguments = arguments
        }
        process.environment = ProcessInfo.processInfo.environment
            .merging(["ROOK_LIFELINE": "1"]) { $1 }
            .merging(environment) { $1 }
        process.standardInput = lifeline
        process.standardOutput = output.file
        process.standardError = errors.file
        try process.run()
    }

    deinit { signal(SIGKILL) }

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    /// What it has written so far.
    var outputText: String { output.text }
    var errorText: String { errors.text }

    /// True when it has ended without a signal to do so.
    var hasFailed: Bool { !process.isRunning && !isToldToEnd.load(ordering: .relaxed) }

    func signal(_ number: Int32) {
        guard process.isRunning else { return }
        if number != SIGSTOP, number != SIGCONT { mayEnd() }
        kill(pid, number)
    }

    /// Stops it in the middle of whatever it does; returns when no thread of it runs.
    func standStill() async throws {
        signal(SIGSTOP)
        try await eventually("rook \(pid) stands still") { try areThreadsStopped }
    }

    /// Its end, whenever that comes, is no failure.
    func mayEnd() { isToldToEnd.store(true, ordering: .relaxed) }

    /// Looks to it as if this process had ended.
    func cutLifeline() throws {
        mayEnd()
        try lifeline.fileHandleForWriting.close()
    }

    /// How it has ended.
    @discardableResult
    func exit(within patience: Duration = Deadline.patience) async throws -> Exit {
        try await eventually("the end of rook \(pid)", within: patience) { !isRunning }
        switch process.terminationReason {
        case .uncaughtSignal: return .signal(process.terminationStatus)
        default: return .status(process.terminationStatus)
        }
    }
}

// MARK: - What the kernel knows of it

extension RookProcess {
    var descriptorCount: Int {
        get throws { try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count }
    }

    private var areThreadsStopped: Bool {
        get throws {
            let tasks = "/proc/\(pid)/task"
            return try FileManager.default.contentsOfDirectory(atPath: tasks).allSatisfy { thread in
                let text = try String(contentsOfFile: "\(tasks)/\(thread)/stat", encoding: .utf8)
                // The name in brackets may have anything in it.
                return text[(text.lastIndex(of: ")") ?? text.startIndex)...].hasPrefix(") T")
            }
        }
    }

    /// The time that processors have spent on it.
    var processorTime: Duration {
        get throws {
            let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            // The name in brackets may have spaces; utime and stime are 14th and 15th of all.
            let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
            let ticks = fields.dropFirst(12).prefix(2).compactMap { Int($0) }.reduce(0, +)
            return .seconds(1) * ticks / sysconf(Int32(_SC_CLK_TCK))
        }
    }

    /// The memory that it really uses; 0 once it has ended.
    var residentBytes: Int {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            let number = line?.split(separator: " ").dropLast().last
            return number.flatMap { Int($0) }.map { $0 << 10 } ?? 0
        }
    }
}

/// What a process writes, in a file without a name: whole as soon as the process has ended.
private final class WrittenText: Sendable {
    let file: FileHandle

    init() throws {
        let directory = FileManager.default.temporaryDirectory.path
        var path = Array("\(directory)/rook-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        unlink(path)
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Read without moving the place where the process writes on.
    var text: String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = pread(file.fileDescriptor, &piece, piece.count, off_t(bytes.count))
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
    }
}
