import Testing

@testable import Wire

@Suite struct ObjectPathTests {
    private func path(_ target: String) throws -> ObjectPath? {
        ObjectPath(try #require(RequestTarget(target)))
    }

    @Test(arguments: [
        ("/objects/Echo/a", "Echo", "a"),
        ("/objects/Echo/a/and/more?b=/c/d", "Echo", "a"),
        ("/objects/Echo/a%2Fb%20%C3%A9", "Echo", "a/b é"),
        ("/objects/%45cho/a", "Echo", "a"),
        ("http://host:1/objects/Echo/a?b", "Echo", "a"),
    ])
    func `class and name are decoded once`(target: String, className: String, name: String) throws {
        let path = try #require(try path(target))
        #expect(path.className == className)
        #expect(path.name == name)
        #expect(path.key?.className == className)
        #expect(path.key?.name == name)
    }

    @Test(arguments: [
        "/objects/", "/objects/Echo", "/objects/Echo/", "/objects//a", "/objects/Echo//a",
        "/objects/Echo/%", "/objects/Echo/%2", "/objects/Echo/%zz", "/objects/Echo/%FF",
        "/objects/%/a", "/objects/Echo?/a",
    ])
    func `where either is missing or no text there is no key`(target: String) throws {
        #expect(try #require(try path(target)).key == nil)
    }

    @Test(arguments: [
        "/", "*", "/objects", "/object/Echo/a", "/Objects/Echo/a", "/%6Fbjects/Echo/a",
        "//objects/Echo/a", "http://host", "/a?/objects/Echo/a",
    ])
    func `other paths name no object`(target: String) throws {
        #expect(try path(target) == nil)
    }
}
