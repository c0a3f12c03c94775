import Foundation
import Primitives
import Transport
import Wire

/// What one node asks another for its operator.
enum PeerQuestion: Equatable {
    /// What the node counts: the JSON of `NodeReport.Figures`.
    case figures
    /// What the node knows of an object that it owns: the JSON of `ObjectLocation`.
    case locate(ObjectKey)
    /// What the node is to do about its service: the JSON of `ServiceAnswer`.
    case service(ServiceRequest)
    /// Whether all is well with the node itself: the JSON of `PeerHealth`.
    case health

    /// Nothing, or a number for each kind and what belongs to it; so later versions can ask for more.
    var encoded: [UInt8] {
        switch self {
        case .figures: return []
        case .locate(let key):
            var writer = ByteWriter()
            writer.write(UInt8(1))
            writer.writeText8(key.className)
            writer.writeText16(key.name)
            return writer.take()
        case .health: return [Self.healthKind]
        case .service(let request):
            return [Self.serviceKind] + Array((try? JSONEncoder().encode(request)) ?? Data())
        }
    }

    private static let serviceKind: UInt8 = 16
    private static let healthKind: UInt8 = 17

    /// Nil for a question that this version does not know.
    init?(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else {
            self = .figures
            return
        }
        if bytes == [Self.healthKind] {
            self = .health
            return
        }
        if bytes[0] == Self.serviceKind {
            let json = Data(bytes.dropFirst())
            guard let request = try? JSONDecoder().decode(ServiceRequest.self, from: json) else {
                return nil
            }
            self = .service(request)
            return
        }
        var reader = ByteReader(bytes)
        guard let kind = try? reader.uint8(), kind == 1,
            let className = try? reader.text8(), let name = try? reader.text16(),
            let key = ObjectKey(className: className, name: name)
        else { return nil }
        self = .locate(key)
    }
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
    var answer: ((PeerQuestion, @escaping (any Encodable) -> Void) -> Void)?

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
        guard waiting.count < Self.waitingMax else { return answered(nil) }
        lastQuestion += 1
        let number = lastQuestion
        let query = LinkQuery(request: number, body: question.encoded)
        guard links.send(.query, query.encoded(), to: node) else { return answered(nil) }
        waiting[number] = { bytes in
            answered(bytes.flatMap { try? JSONDecoder().decode(Answer.self, from: Data($0)) })
        }
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
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            guard let body = try? encoder.encode(answer) else { return }
            let answer = LinkQuery(request: query.request, body: Array(body))
            _ = links.send(.answer, answer.encoded(), to: node)
        }
    }
}
