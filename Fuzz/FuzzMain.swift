import Glibc

#if FUZZING
/// What libFuzzer calls, in the build that `Scripts/fuzz` makes.
enum LibFuzzer {
    /// The one that `FUZZ_TARGET` names.
    static let target = environment("FUZZ_TARGET").flatMap(FuzzTarget.named)

    static func environment(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}

/// Writes the seeds to the folder `FUZZ_SEEDS`, which libFuzzer reads after this.
@_cdecl("LLVMFuzzerInitialize")
public func writeSeeds(_ count: OpaquePointer?, _ words: OpaquePointer?) -> Int32 {
    guard let target = LibFuzzer.target else { preconditionFailure("FUZZ_TARGET names no target") }
    if let folder = LibFuzzer.environment("FUZZ_SEEDS") { target.writeSeeds(to: folder) }
    return 0
}

/// An input: a finding ends the process, and libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func takeInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let target = LibFuzzer.target else { preconditionFailure("FUZZ_TARGET names no target") }
    let buffer = unsafe UnsafeBufferPointer(start: bytes, count: count)
    let input = unsafe [UInt8](buffer.prefix(target.byteCountMax))
    do throws(Finding) {
        try target.check(input)
    } catch {
        preconditionFailure("\(target.name): \(error)")
    }
    return 0
}
#else
/// Without libFuzzer: lists the targets, replays inputs, or says what the parser of WebSocket frames
/// finds, for `Scripts/differential`.
@main
enum FuzzMain {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        if words == ["--list"] {
            for target in FuzzTarget.all { print("\(target.name)\t\(target.summary)") }
        } else if words == ["--websocket"] {
            FrameReader.answerLines()
        } else if words.count == 3, words[0] == "--seeds", let target = FuzzTarget.named(words[1]) {
            target.writeSeeds(to: words[2])
        } else if words.count > 1, let target = FuzzTarget.named(words[0]) {
            exit(replay(words.dropFirst(), target))
        } else {
            print("usage: fuzz --list | --websocket | --seeds TARGET DIRECTORY | TARGET FILE...")
            exit(64)
        }
    }

    private static func replay(_ paths: ArraySlice<String>, _ target: FuzzTarget) -> Int32 {
        var status: Int32 = 0
        for path in paths {
            guard let bytes = InputFile.read(path) else {
                print("\(path): cannot be read")
                status = 1
                continue
            }
            do throws(Finding) {
                try target.check(bytes)
            } catch {
                print("\(path): \(error)")
                status = 1
            }
        }
        return status
    }
}
#endif
