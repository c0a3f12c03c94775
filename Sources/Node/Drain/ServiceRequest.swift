import Foundation
import Primitives

/// What an operator wants of a node's service; from one node to another the JSON of it.
struct ServiceRequest: Codable, Equatable, Sendable {
    enum Action: String, Codable, Sendable {
        /// Only tell.
        case look
        case drain
        case undo
        case cordon
        case uncordon
    }

    var action: Action
    /// What a drain is to be like; nil is as the node that drains has it.
    var rate: Int?
    var graceMilliseconds: Int64?
    var timeMilliseconds: Int64?

    init(_ action: Action) { self.action = action }

    /// The plan for a drain; nil for numbers that no plan can have.
    func plan(of configuration: NodeConfiguration) -> DrainPlan? {
        let plan = DrainPlan(
            rate: rate ?? configuration.drain.rate,
            grace: graceMilliseconds.map { .milliseconds($0) } ?? configuration.drain.grace,
            time: timeMilliseconds.map { .milliseconds($0) } ?? DrainPlan.timeDefault,
            patience: configuration.limit.closeTime
        )
        guard DrainPlan.rates.contains(plan.rate), DrainPlan.graces.contains(plan.grace),
            DrainPlan.times.contains(plan.time)
        else { return nil }
        return plan
    }
}

/// What a node says to it.
struct ServiceAnswer: Codable, Equatable, Sendable {
    var status: ServiceStatus?
    /// Why it does not do it.
    var refusal: String?
    /// Whether asking again later may help.
    var mayPass = false

    init(_ result: Result<ServiceStatus, OperationRefusal>) {
        switch result {
        case .success(let status): self.status = status
        case .failure(.notNow(let reason)): (refusal, mayPass) = (reason, true)
        case .failure(.impossible(let reason)): refusal = reason
        }
    }

    var result: Result<ServiceStatus, OperationRefusal> {
        if let status { return .success(status) }
        let reason = refusal ?? "the node gave no reason"
        return .failure(mayPass ? .notNow(reason) : .impossible(reason))
    }
}
