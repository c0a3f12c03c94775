/// The delays between attempts to reach an owner: 10 ms, and half more each time.
enum RetryDelay {
    static let shortest = Duration.milliseconds(10)
    static let longest = Duration.milliseconds(500)

    static func after(attempts: Int) -> Duration {
        var delay = shortest
        for _ in 1..<max(attempts, 1) where delay < longest { delay = delay * 3 / 2 }
        return min(delay, longest)
    }
}
