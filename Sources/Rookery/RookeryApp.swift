import Foundation
import Node

/// A program that is a node of a cluster: the classes of its objects, and the front before them.
///
/// ```swift
/// @main
/// struct Chat: RookeryApp {
///     static let objects: [any DurableObject.Type] = [Room.self]
/// }
/// ```
///
/// The program has all commands of `rook`: `serve` runs a node, `cluster` several on this machine,
/// `status` shows them, and `--help` tells about the others.
public protocol RookeryApp {
    /// The classes that this program can run, each under its own `className`.
    static var objects: [any DurableObject.Type] { get }

    /// Gets every request of a client first; `ObjectPaths` unless said otherwise.
    static var worker: any Worker { get }

    /// Paths for WebSockets by which one may try the program: `cluster` prints them.
    static var examplePaths: [String] { get }
}

extension RookeryApp {
    public static var worker: any Worker { ObjectPaths() }

    public static var examplePaths: [String] { [] }

    /// Runs what the command line asks for, and ends the process.
    @MainActor public static func main() async {
        let registry: ObjectRegistry
        do {
            registry = try ObjectRegistry(objects)
        } catch {
            complain("\(error)")
            exit(ExitStatus.configuration.rawValue)
        }
        let commands = Commands(registry: registry, worker: worker, examplePaths: examplePaths)
        exit(await commands.run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }
}
