package import Primitives

/// Whom the time of a loop's thread is charged to while a task of the loop is at some work.
///
/// Called on the loop.
package protocol JobAccount: AnyObject {
    /// The task waits in the middle of the work.
    func paused(at now: Instant)
    /// It goes on with it.
    func resumed(at now: Instant)
}

/// The accounts of one loop: that of the job in progress, and those of tasks that wait.
///
/// A task goes on as the job that it was before, so a job names its task for as long as that lives.
/// Whoever sets an account takes it away before the task ends.
struct JobAccounts {
    var current: (any JobAccount)?
    private var waiting: [UInt: any JobAccount] = [:]

    /// False for by far the most jobs.
    var isAwaited: Bool { !waiting.isEmpty }

    /// A job is about to run.
    mutating func begin(_ job: UnownedJob, at now: Instant) {
        current = waiting.removeValue(forKey: Self.name(of: job))
        current?.resumed(at: now)
    }

    /// It has ended, and its work has not.
    mutating func pause(_ job: UnownedJob, at now: Instant) {
        guard let account = current else { return }
        current = nil
        waiting[Self.name(of: job)] = account
        account.paused(at: now)
    }

    /// An `UnownedJob` is a pointer and nothing else.
    private static func name(of job: UnownedJob) -> UInt {
        unsafe unsafeBitCast(job, to: UInt.self)
    }
}
