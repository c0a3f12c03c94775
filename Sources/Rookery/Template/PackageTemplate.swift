/// The files of a package that `rook new` begins.
struct PackageTemplate {
    struct File {
        let path: String
        let text: String
    }

    let name: String
    let rookery: RookeryPlace

    var files: [File] {
        [
            File(path: "Package.swift", text: manifest),
            File(path: "Sources/\(name)/App.swift", text: app),
            File(path: "Sources/\(name)/Room.swift", text: room),
            File(path: "Tests/\(name)Tests/RoomTests.swift", text: tests),
            File(path: "README.md", text: readme),
            File(path: ".gitignore", text: ".build/\nPackage.resolved\n"),
        ]
    }

    private var manifest: String {
        """
        // swift-tools-version: 6.2
        import PackageDescription

        let package = Package(
            name: "\(name)",
            dependencies: [\(rookery.dependency)],
            targets: [
                .executableTarget(
                    name: "\(name)",
                    dependencies: [.product(name: "Rookery", package: "\(rookery.identity)")]
                ),
                .testTarget(
                    name: "\(name)Tests",
                    dependencies: [
                        "\(name)",
                        .product(name: "RookeryTesting", package: "\(rookery.identity)"),
                    ]
                ),
            ]
        )

        """
    }

    private var app: String {
        """
        import Rookery

        /// The program: a node that runs rooms, and has every command of rook.
        @main
        struct App: RookeryApp {
            static let objects: [any DurableObject.Type] = [Room.self]
            static let worker: any Worker = Front()
        }

        /// Gets every request first: /rooms/NAME is the room of that name.
        struct Front: Worker {
            func fetch(_ request: Request, env: Environment) async throws -> Response {
                guard let name = request.target.wholeMatch(of: /\\/rooms\\/([A-Za-z0-9-]{1,32})/)?.1 else {
                    return .text("Connect a WebSocket to /rooms/NAME.\\n", status: 404)
                }
                return try await env.object(Room.self, named: String(name)).fetch(request)
            }
        }

        """
    }

    private var room: String {
        """
        import Rookery

        /// A room: there is one of each name in the whole cluster, whichever node its people are on.
        actor Room: DurableObject {
            let context: ObjectContext

            init(context: ObjectContext) { self.context = context }

            /// Everybody in the room hears what anybody says.
            func webSocketMessage(_ socket: WebSocket, _ message: WebSocketMessage) {
                context.broadcast("\\(context.webSocketCount) here: \\(message.text)")
            }
        }

        """
    }
}
