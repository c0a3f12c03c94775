import Rookery
import RookeryTesting
import Testing

@testable import echo

@Suite(.timeLimit(.minutes(15)), .seeded) struct EchoTests {
    @Test func `the example has its page and is the same behind it`() async throws {
        let cluster = try await TestCluster(objects: EchoApp.objects, worker: EchoApp.worker)
        let page = try await cluster.fetch("/", via: 0)
        #expect(page.header("Content-Type") == "text/html; charset=utf-8")
        let other = try await cluster.fetch("/elsewhere", via: 0)
        #expect(other.text.hasPrefix("Supported endpoints:"))
        #expect(try await cluster.fetch("/websocket", via: 0).status == 426)
        let one = try await cluster.webSocket("/websocket", via: 1)
        let two = try await cluster.webSocket("/websocket", via: 2)
        await one.send("hello")
        for socket in [one, two] {
            let lines = [try await socket.receive(), try await socket.receive()]
            #expect(lines.allSatisfy { $0.hasSuffix("Total connections: 2") })
        }
    }

    @Test func `the page needs nothing from elsewhere`() {
        expectSelfContained(PackageResources.page_html)
    }
}
