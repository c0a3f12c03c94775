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
    private let output = GatheredText()
    private let errors = GatheredText()

    init(_ arguments: [String]) throws {
        process.executableURL = Self.executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["ROOK_LIFELINE": "1"]) { $1 }
        process.standardInput = lifeline
        process.standardOutput = output.pipe
        process.standardError = errors.pipe
        try process.run()
        output.start()
        errors.start()
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
        if number != SIGSTOP, number != SIGCONT { isToldToEnd.store(true, ordering: .relaxed) }
        kill(pid, number)
    }

    /// Looks to it as if this process had ended.
    func cutLifeline() throws {
        isToldToEnd.store(true, ordering: .relaxed)
        try lifeline.fileHandleForWriting.close()
    }

    /// How it has ended, with all that it wrote.
    @discardableResult
    func exit(within patience: Duration = Deadline.patience) async throws -> Exit {
        try await eventually("the end of rook \(pid)", within: patience) {
            !isRunning && output.isWhole && errors.isWhole
        }
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

/// The text that comes through a pipe.
///
/// A thread reads it, because a `readabilityHandler` that goes away together with its file can
/// crash the dispatcher.
private final class GatheredText: Sendable {
    let pipe = Pipe()
    private let state = Mutex((bytes: Data(), isWhole: false))

    /// Begins to read; once the writer runs.
    func start() {
        let file = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in
            while true {
                let bytes = file.availableData
                if bytes.isEmpty { break }
                state.withLock { $0.bytes.append(bytes) }
            }
            state.withLock { $0.isWhole = true }
        }
    }

    var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }

    /// True when nothing more can come.
    var isWhole: Bool { state.withLock { $0.isWhole } }
}
