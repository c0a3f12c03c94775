import Testing

@Suite struct ManifestTests {
    @Test func `the package depends on nothing but the toolchain`() {
        #expect(!SourceTree.manifest.contains(".package("))
        #expect(SourceTree.manifest.contains("dependencies: [],"))
    }

    @Test func `every folder of tests belongs to a target`() {
        let folders = Set(SourceTree.tests.map(\.target))
        for folder in folders.sorted() {
            let name = folder.replacing(/Tests$/, with: "")
            let isNamed = SourceTree.manifest.contains("of: \"\(name)\"")
            #expect(isNamed, "Package.swift has no tests(of: \"\(name)\", …)")
        }
    }
}
