import Foundation
import Primitives
import Transport
import Wire

/// An answer on its way to the node that has asked.
enum PeerAnswer {
    case json(any Encodable)
    case bytes([UInt8])
    /// There is none: who has asked waits in vain, as at an earlier version.
    case none
}

/// Questions to other nodes over the control lanes, and answers to theirs.
///
/// Lives on the control loop.
final class PeerQuestions {
    /// A node that takes longer has not answered.
    static let patience = Duration.seconds(1)
    /// Questions that are not answered yet.
    static let waitingMax = 4_096

    private let links: PeerLinks
    private let loop: EventLoop
    private var waiting: [UInt64: ([UInt8]?) -> Void] = [:]
    private var lastQuestion: UInt64 = 0
    /// Answers what another node asks; the closure is to be called once.
    var answer: ((PeerQuestion, @escaping (PeerAnswer) -> Void) -> Void)?

    init(links: PeerLinks, loop: EventLoop) {
        self.links = links
        self.loop = loop
    }

    /// `answered` is called once, with nil when there is no answer in time.
    func ask<Answer: Decodable>(
        _ question: PeerQuestion,
        of node: NodeID,
        _ answered: @escaping (Answer?) -> Void
    ) {
        askBytes(question, of: node) { bytes in
            answered(bytes.flatMap { try? JSONDecoder().decode(Answer.self, from: Data($0)) })
        }
    }

    /// The same for an answer that is no JSON.
    func askBytes(
        _ question: PeerQuestion,
        of node: NodeID,
        _ answered: @escaping ([UInt8]?) -> Void
    ) {
        guard waiting.count < Self.waitingMax else { return answered(nil) }
        lastQuestion += 1
        let number = lastQuestion
        let query = LinkQuery(request: number, body: question.encoded)
        guard links.send(.query, query.encoded(), to: node) else { return answered(nil) }
        waiting[number] = answered
        loop.schedule(after: Self.patience) { [weak self] in
            self?.waiting.removeValue(forKey: number)?(nil)
        }
    }

    /// A question or an answer has come over a link.
    func received(_ type: LinkFrameType, _ payload: [UInt8], from node: NodeID) {
        guard let query = try? LinkQuery(payload) else { return }
        if type == .answer {
            waiting.removeValue(forKey: query.request)?(query.body)
            return
        }
        guard let question = PeerQuestion(query.body) else {
            // Of a later version: who asks need not wait until the time is over.
            let nothing = LinkQuery(request: query.request, body: [])
            _ = links.send(.answer, nothing.encoded(), to: node)
            return
        }
        answer?(question) { [links] answer in
            guard let body = answer.body else { return }
            let answer = LinkQuery(request: query.request, body: body)
            _ = links.send(.answer, answer.encoded(), to: node)
        }
    }
}

extension PeerAnswer {
    fileprivate var body: [UInt8]? {
        switch self {
        case .json(let value):
            return try? JSON.bytes(of: value)
        case .bytes(let bytes): return bytes
        case .none: return nil
        }
    }
}
