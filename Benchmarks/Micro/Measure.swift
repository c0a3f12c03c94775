import Glibc

/// The processor time of this thread that `body` takes, in seconds.
func measured(_ body: () -> Void) -> Double {
    func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let begin = now()
    body()
    return now() - begin
}

/// Prints a figure on a line of its own, with two digits behind the point.
///
/// `Benchmarks/alone.py` reads them by their names.
func say(_ name: String, _ value: Double, _ unit: String) {
    let hundredths = Int((value * 100).rounded())
    let rest = hundredths % 100
    let text = "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    print(padded(name, to: 46, behind: true) + "  " + padded(text, to: 10) + " " + unit)
}

private func padded(_ text: String, to count: Int, behind: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, count - text.count))
    return behind ? text + space : space + text
}
