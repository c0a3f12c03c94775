/// How a run of `rook` ended, as the shell sees it.
package enum ExitStatus: Int32, Sendable {
    case done = 0
    case failed = 1
    /// EX_USAGE of sysexits.h.
    case usage = 64
    /// EX_CONFIG of sysexits.h.
    case configuration = 78
}
