import Lanes

/// What two ends of a link take for messages from one to the other, both on this thread and without a
/// socket between them.
func benchmarkLinks() {
    let fragments = (bytes: 64 << 10, atATime: 3, times: 8_000)
    let seconds = carried(fragments.bytes, fragments.atATime, fragments.times)
    let bytes = Double(fragments.bytes * fragments.atATime * fragments.times)
    say("link: 64 KiB fragments", bytes / 1e9 / seconds, "GB/s")
    let frames = (bytes: 40, atATime: 16, times: 100_000)
    let frameSeconds = carried(frames.bytes, frames.atATime, frames.times)
    let count = Double(frames.atATime * frames.times)
    say("link: frames of 40 bytes", count / 1e6 / frameSeconds, "M/s")
}

/// The seconds for so many times some messages.
private func carried(_ byteCount: Int, _ atATime: Int, _ times: Int) -> Double {
    var lanes = LanePair()
    guard let stream = lanes.open() else { preconditionFailure("the stream opens") }
    let message = [UInt8](repeating: 7, count: byteCount)
    var seen = 0
    let seconds = measured {
        for _ in 0..<times { seen += lanes.carry(message, times: atATime, on: stream) }
    }
    precondition(seen == atATime * times, "all messages have come")
    return seconds
}
