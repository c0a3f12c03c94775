import Glibc

/// The processor time of this thread, in nanoseconds.
func processorTime() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// The processor time that `body` takes, in seconds.
func measured(_ body: () -> Void) -> Double {
    let begin = processorTime()
    body()
    return Double(processorTime() - begin) / 1e9
}

/// Rows of figures under their names, printed one by one so that a long run shows where it is.
struct FigureTable {
    private let widths: [Int]

    /// Prints `title` and the names of the columns.
    init(_ title: String, _ columns: [String]) {
        print("\n\(title)")
        widths = columns.map { max($0.count, 9) }
        add(columns)
    }

    func add(_ cells: [String]) {
        let padded = zip(cells, widths).map { cell, width in
            String(repeating: " ", count: max(0, width - cell.count)) + cell
        }
        print(padded.joined(separator: "  "))
        fflush(nil)
    }
}

/// `value` with three significant digits at least, and thousands marked.
func figure(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    guard abs(value) < 99.95 else { return grouped(Int(value.rounded())) }
    let digits = abs(value) < 9.995 ? 2 : 1
    let factor = digits == 2 ? 100 : 10
    let scaled = Int((value * Double(factor)).rounded())
    let rest = String(abs(scaled % factor))
    let sign = scaled < 0 && scaled / factor == 0 ? "-" : ""
    return sign + "\(scaled / factor)." + String(repeating: "0", count: digits - rest.count) + rest
}

func figure(_ value: Int) -> String { grouped(value) }

/// Seconds of virtual time; nil is what did not happen within the limit.
func seconds(_ duration: Duration?) -> String {
    guard let duration else { return "never" }
    let (seconds, attoseconds) = duration.components
    return figure(Double(seconds) + Double(attoseconds) / 1e18) + " s"
}

private func grouped(_ value: Int) -> String {
    var text = String(abs(value))
    var groups: [String] = []
    while text.count > 3 {
        groups.insert(String(text.suffix(3)), at: 0)
        text.removeLast(3)
    }
    return (value < 0 ? "-" : "") + ([text] + groups).joined(separator: ",")
}
