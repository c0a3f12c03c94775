import Testing

@testable import Wire

@Suite struct HTTPStatusTests {
    @Test func `a code has its registered words or none`() {
        #expect("\(HTTPStatus.ok)" == "200 OK")
        #expect("\(HTTPStatus.contentTooLarge)" == "413 Content Too Large")
        #expect(HTTPStatus(299).reasonPhrase == "")
    }

    @Test func `1xx, 204 and 304 have no body`() {
        let bodiless = (100...599 as ClosedRange<UInt16>).filter { !HTTPStatus($0).allowsBody }
        #expect(bodiless == Array(100...199) + [204, 304])
    }
}
