import Rookery
import Testing

@testable import echo

@Suite struct EchoTests {
    @Test func `the program runs the class of the example and no other`() {
        #expect(EchoApp.objects.map { $0.className } == ["WebSocketServer"])
    }

    @Test func `the page needs nothing from elsewhere`() {
        expectSelfContained(PackageResources.page_html)
    }
}
