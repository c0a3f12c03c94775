import Transport

/// One thing that is asked of a node's health.
package struct HealthCheck: Codable, Equatable, Sendable {
    /// What is looked at.
    package enum Name: String, Codable, CaseIterable, Sendable {
        /// Every event loop turns.
        case loops
        /// The node is a member, and has its lease.
        case lease
        /// It is to take clients: neither cordoned nor on its way out.
        case service
        /// Requests come through to objects, here and elsewhere.
        case path
        /// All of that was so once.
        case started
    }

    package var name: Name
    package var passes: Bool
    /// Why it fails, for people.
    package var reason: String?

    package init(_ name: Name, failing reason: String? = nil) {
        self.name = name
        passes = reason == nil
        self.reason = reason
    }
}

/// The checks of `/live`, `/ready` or `/startup`, and what they come to.
struct HealthReport: Equatable, Sendable {
    enum Question: String, Sendable {
        case live
        case ready
        case startup
    }

    let question: Question
    let checks: [HealthCheck]

    var passes: Bool { checks.allSatisfy(\.passes) }

    /// Without `hasReasons` it says what fails and not why: for whoever has no token.
    func response(hasReasons: Bool) -> Response {
        .json(json(hasReasons: hasReasons), status: passes ? 200 : 503)
    }

    /// `{"checks":[{"name":"loops","passes":true}],"live":true}`.
    func json(hasReasons: Bool) -> [UInt8] {
        struct Body: Encodable {
            struct Key: CodingKey {
                let stringValue: String
                var intValue: Int? { nil }
                init(stringValue: String) { self.stringValue = stringValue }
                init?(intValue: Int) { nil }
            }

            let question: String
            let passes: Bool
            let checks: [HealthCheck]

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                try container.encode(passes, forKey: Key(stringValue: question))
                try container.encode(checks, forKey: Key(stringValue: "checks"))
            }
        }
        let told = checks.map { check in
            var check = check
            if !hasReasons { check.reason = nil }
            return check
        }
        let body = Body(question: question.rawValue, passes: passes, checks: told)
        return (try? JSON.bytes(of: body)) ?? []
    }
}

extension NodeReport {
    /// What a node says of its health.
    package struct Health: Codable, Equatable, Sendable {
        /// The last probe of one peer.
        package struct Probe: Codable, Equatable, Sendable {
            package var node: String
            /// Nil when it does not answer.
            package var milliseconds: Double?
        }

        package var checks: [HealthCheck] = []
        /// How long ago each event loop was last seen to turn.
        package var loopSeconds: [Double] = []
        /// The peers that were probed, by name.
        package var probes: [Probe] = []
    }
}
