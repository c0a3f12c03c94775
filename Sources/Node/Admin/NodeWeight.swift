import Foundation

/// The weight of a node: the JSON of `/cluster/weight`.
package struct NodeWeight: Codable, Equatable, Sendable {
    /// What `node.weight` and an operator may ask for.
    package static let values: ClosedRange<UInt16> = 1...10_000
    package static let path = "/cluster/weight"

    package var node: String
    /// What the node wants.
    package var weight: UInt16
    /// What the members have agreed on; nil while the node is no member.
    package var inView: UInt16?
    /// The view that says so.
    package var epoch: UInt64

    package init(node: String, weight: UInt16, inView: UInt16?, epoch: UInt64) {
        self.node = node
        self.weight = weight
        self.inView = inView
        self.epoch = epoch
    }
}

extension NodeWeight {
    package init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json))
    }

    package var isAgreed: Bool { inView == weight }

    /// One line of `rook weight`.
    package var text: String {
        let text =
            isAgreed
            ? "\(node) has the weight \(weight), in view \(epoch)"
            : "\(node) asks for the weight \(weight), and has \(inView.map { "\($0)" } ?? "none")"
        return text.printable
    }
}

/// What `POST /cluster/weight` takes.
package struct WeightRequest: Codable, Equatable, Sendable {
    package var weight: UInt16

    package init(weight: UInt16) { self.weight = weight }
}

extension WeightRequest {
    /// The weight that a request names.
    static func weight(in body: [UInt8]) throws(AdminRefusal) -> UInt16 {
        guard let request = try? JSONDecoder().decode(WeightRequest.self, from: Data(body)),
            NodeWeight.values.contains(request.weight)
        else {
            let (least, most) = (NodeWeight.values.lowerBound, NodeWeight.values.upperBound)
            throw .badRequest(#"expected {"weight": N} with N from \#(least) to \#(most)"#)
        }
        return request.weight
    }
}
