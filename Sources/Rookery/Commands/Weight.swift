import Foundation
import Node

/// Runs `rook weight`: asks one node to take another weight, and waits until the view has it.
func runWeight(_ options: WeightOptions) async throws -> ExitStatus {
    let client = try options.admin.client()
    let request = try JSONEncoder().encode(WeightRequest(weight: options.weight))
    var json = try await client.post(NodeWeight.path, Array(request))
    var weight = try NodeWeight(json: json)
    let deadline = ContinuousClock.now.advanced(by: weightPatience)
    while !weight.isAgreed, weight.weight == options.weight, ContinuousClock.now < deadline {
        try await Task.sleep(for: .milliseconds(100))
        json = try await client.get(NodeWeight.path)
        weight = try NodeWeight(json: json)
    }
    if options.isJSON { say(json) } else { say(weight.text) }
    guard weight.isAgreed, weight.weight == options.weight else {
        complain("no view has the weight \(options.weight) after \(weightPatience)")
        return .failed
    }
    return .done
}

/// A view takes some hundred milliseconds; longer is a cluster without a majority.
private let weightPatience = Duration.seconds(10)
