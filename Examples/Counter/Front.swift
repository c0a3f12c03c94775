import ExamplePage
import Foundation
import Rookery

/// The paths: the page, `/api/counters/{name}` and `/api/total`.
struct Front: Worker {
    private let page = Page(PackageResources.page_html)

    func fetch(_ request: Request, env: Environment) async throws -> Response {
        let path = request.pathSegments ?? []
        if path == [""] { return page.response(to: request) }
        if path == ["api", "total"] { return try await total(request, env) }
        guard path.count == 3, path.starts(with: ["api", "counters"]), Self.isName(path[2])
        else { return .text("Not found", status: 404) }
        return try await count(request, env.object(Counter.self, named: path[2]))
    }

    private static func isName(_ name: String) -> Bool {
        (1...Counter.nameByteCountMax).contains(name.utf8.count)
    }

    private func total(_ request: Request, _ env: Environment) async throws -> Response {
        guard request.method == .get else { return .methodNotAllowed("GET") }
        let total = env.object(Total.self, named: Total.name)
        return try .json(encoding: TotalAnswer(await total.call(Total.read)))
    }

    private func count(
        _ request: Request,
        _ counter: ObjectStub<Counter>
    ) async throws -> Response {
        switch request.method {
        case .get: return try .json(encoding: await counter.call(Counter.read))
        case .post:
            guard let amount = Int(request.query("add") ?? "1") else {
                return .text("add takes a number", status: 400)
            }
            do {
                return try .json(encoding: await counter.call(Counter.add, amount))
            } catch Counter.Refusal.notAnAmount(_, let from, let to) {
                return .text("add takes a number from \(from) to \(to)", status: 400)
            } catch Counter.Refusal.tooManyCounters(let limit) {
                return .text("there are \(limit) counters already", status: 409)
            }
        default: return .methodNotAllowed("GET, POST")
        }
    }
}

/// The total, and what it is made of, in the order of the names.
struct TotalAnswer: Encodable {
    let total: Int
    let counters: [Counter.Reading]

    init(_ ledger: Ledger) {
        total = ledger.sum
        counters = ledger.counts.sorted { $0.key < $1.key }
            .map { Counter.Reading(name: $0.key, count: $0.value) }
    }
}

extension Response {
    static func methodNotAllowed(_ allowed: String) -> Response {
        var response = Response.text("only " + allowed, status: 405)
        response.headers.add("Allow", allowed)
        return response
    }
}
