// swift-tools-version: 6.2
import PackageDescription

/// Warnings are errors, every unsafe construct is marked, and nothing is imported by accident.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
]

/// Tests may use what they like of the language; a warning is still an error.
let relaxed: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

/// Compression needs the system's zlib, so it has to be asked for: `--traits Compression`.
let compression: Trait = .trait(
    name: "Compression",
    description: "permessage-deflate for clients, with the system's zlib (zlib1g-dev to build)"
)
let zlib: Target.Dependency = .target(
    name: "CZlib",
    condition: .when(traits: [compression.name])
)

func part(
    _ name: String,
    _ dependencies: [Target.Dependency],
    _ resources: [Resource] = []
) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        resources: resources,
        swiftSettings: strict
    )
}

func tests(of name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: relaxed)
}

/// A program of `Examples`, with its page in it.
///
/// It has no access to what is `package`, so it uses what every author of objects can use.
func example(_ name: String, in folder: String, _ others: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: ["ExamplePage"] + others + author,
        path: "Examples/\(folder)",
        exclude: ["README.md"],
        resources: [.embedInCode("page.html")],
        packageAccess: false,
        swiftSettings: strict
    )
}

/// `import Rookery` brings these with it.
///
/// Whoever imports it must depend on each, or it is not built again when one of them has changed.
let exported = ["Rookery", "Node", "Primitives", "Wire"]
let author = exported.map { Target.Dependency(stringLiteral: $0) }

let package = Package(
    name: "Rookery",
    products: [
        .library(name: "Rookery", targets: exported),
        .library(name: "RookeryTesting", targets: ["RookeryTesting"] + exported),
        .executable(name: "rook", targets: ["rook"]),
    ],
    traits: [compression],
    dependencies: [],
    targets: [
        // Pure: no socket, clock, task, random source or log.
        part("Primitives", []),
        part("Queues", []),
        part("Membership", ["Primitives"]),
        part("Placement", ["Primitives"]),
        part("Cluster", ["Membership", "Placement", "Primitives", "Queues"]),
        .systemLibrary(name: "CMask"),
        .systemLibrary(name: "CSHA1"),
        .systemLibrary(name: "CUTF8"),
        part("Wire", ["CMask", "CSHA1", "CUTF8", "Primitives", "Queues"]),
        // The machine room.
        .systemLibrary(name: "CLinux"),
        part("Transport", ["CLinux", "Primitives", "Queues", "Wire"]),
        part("Bench", ["Primitives", "Queues", "Transport", "Wire"]),
        .systemLibrary(name: "CZlib"),
        part("Deflate", [zlib]),
        part(
            "Node",
            [
                "Bench", "Cluster", "Deflate", "Membership", "Placement", "Primitives", "Queues",
                "Transport", "Wire",
            ],
            [.embedInCode("Admin/Console/console.html")]
        ),
        // What authors of objects import, and the program that comes of it.
        part("Rookery", ["Bench", "Node", "Primitives", "Simulation", "Transport", "Wire"]),
        part("BuiltIn", author),
        .executableTarget(
            name: "rook",
            dependencies: ["BuiltIn"] + author,
            swiftSettings: strict
        ),
        // Programs to read and to start from.
        .target(
            name: "ExamplePage",
            dependencies: author,
            path: "Examples/Page",
            resources: [.embedInCode("reconnect.js")],
            packageAccess: false,
            swiftSettings: strict
        ),
        example("echo", in: "Echo", ["BuiltIn"]),
        example("chat", in: "Chat"),
        example("presence", in: "Presence"),
        example("counter", in: "Counter"),
        // The test world.
        part(
            "Simulation",
            ["Cluster", "Membership", "Placement", "Primitives", "Queues", "Wire"]
        ),
        // Real nodes in a world of their own, for the tests of whoever writes objects.
        part(
            "RookeryTesting",
            [
                "Cluster", "Node", "Placement", "Primitives", "Queues", "Simulation", "Transport",
                "Wire",
            ]
        ),
        // Two links back to back, for the two programs behind it that measure them.
        .target(
            name: "Lanes",
            dependencies: ["Primitives", "Wire"],
            path: "Benchmarks/Lanes",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "microbench",
            dependencies: ["Lanes", "Placement", "Primitives", "Simulation"],
            path: "Benchmarks/Micro",
            swiftSettings: strict
        ),
        // What grows with nodes, names and sessions: docs/SCALE.md.
        .executableTarget(
            name: "scale",
            dependencies: [
                "Cluster", "Membership", "Placement", "Primitives", "Simulation", "Wire",
            ],
            path: "Benchmarks/Scale",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "instructions",
            dependencies: ["Lanes", "Placement", "Primitives", "Queues", "Wire"],
            path: "Benchmarks/Instructions",
            exclude: ["expected.tsv"],
            swiftSettings: strict
        ),
        // Every parser of foreign bytes under a fuzzer: Scripts/fuzz.
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "Bench", "Cluster", "Deflate", "Membership", "Node", "Placement", "Primitives",
                "Wire",
            ],
            path: "Fuzz",
            exclude: ["Corpus"],
            swiftSettings: strict
        ),
        tests(of: "Primitives", ["Primitives"]),
        tests(of: "Queues", ["Primitives", "Queues"]),
        tests(of: "Membership", ["Membership", "Primitives"]),
        tests(of: "Placement", ["Placement", "Primitives"]),
        tests(of: "Cluster", ["Cluster", "Membership", "Placement", "Primitives"]),
        tests(of: "Wire", ["Wire", "Primitives"]),
        tests(of: "Bench", ["Bench", "Primitives", "Transport", "Wire"]),
        tests(of: "Deflate", ["Deflate"]),
        tests(of: "Transport", ["Transport", "Primitives", "Wire"]),
        tests(
            of: "Node",
            [
                "Bench", "BuiltIn", "Cluster", "Deflate", "Membership", "Node", "Placement",
                "Primitives", "Rookery", "Transport", "Wire", "rook",
            ]
        ),
        tests(
            of: "Simulation",
            ["Cluster", "Membership", "Placement", "Primitives", "Simulation", "Wire"]
        ),
        tests(
            of: "Example",
            ["ExamplePage", "RookeryTesting", "chat", "counter", "echo", "presence"] + author
        ),
        tests(
            of: "RookeryTesting",
            ["BuiltIn", "RookeryTesting", "Simulation", "Transport"] + author
        ),
        tests(of: "Fuzz", ["fuzz"]),
        tests(of: "Scale", ["Placement", "Primitives", "scale"]),
        tests(of: "Tidy", []),
    ]
)
