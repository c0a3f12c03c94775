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
}

extension RookeryApp {
    /// Runs what the command line asks for, and ends the process.
    @MainActor public static func main() async {
        let registry: ObjectRegistry
        do {
            registry = try ObjectRegistry(objects)
        } catch {
            printError("rook: \(error)")
            exit(ExitStatus.configuration.rawValue)
        }
        let commands = Commands(registry: registry)
        exit(await commands.run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }
}
