import Foundation

/// What one client address may do: one action in five seconds, and four at once after a rest.
struct Allowance: Codable, Equatable, Sendable {
    /// What one action costs.
    static let secondsPerAction = 5.0
    /// How far ahead of its time a client may be.
    static let creditSeconds = 20.0

    /// When all that has been done so far is paid for; seconds since 1970.
    private var paidUntil = 0.0

    /// Does an action, and returns how many seconds to wait before the next.
    mutating func act(at now: Date) -> Double {
        let now = now.timeIntervalSince1970
        paidUntil = max(now, paidUntil) + Self.secondsPerAction
        return max(0, paidUntil - now - Self.creditSeconds)
    }

    /// How many seconds of rest give back the whole credit.
    func debt(at now: Date) -> Double { max(0, paidUntil - now.timeIntervalSince1970) }
}

/// What a room knows of one client's allowance: it asks about one action at a time.
struct Turnstile: Equatable, Sendable {
    private enum State: Equatable {
        case open
        /// The limiter has been asked, and has not answered.
        case asking
        case shut(until: Date)
    }

    private var state = State.open

    /// Lets one action through and shuts, or refuses it; the limiter is asked for what is let
    /// through.
    mutating func pass(at now: Date) -> Bool {
        switch state {
        case .asking: return false
        case .shut(let until) where now < until: return false
        case .open, .shut:
            state = .asking
            return true
        }
    }

    /// The limiter has answered.
    mutating func answered(wait seconds: Double, at now: Date) {
        state = seconds > 0 ? .shut(until: now.addingTimeInterval(seconds)) : .open
    }
}
