package import Cluster
import Placement
package import Primitives
package import Transport
import Wire

/// What a node finds where it runs, unless it is told otherwise: the kernel, and the folder that its
/// configuration names.
package struct NodeSurroundings: Sendable {
    package var system: any System
    /// Where the state is kept; nil is the `data.directory`.
    package var directory: (any StateDirectory)?
    package var observer: (any InstanceObserver)?
    /// Makes the table of the members that come from the former one.
    package var makeTable: ClusterMachine.TableMaker
    /// The versions of the link that the node speaks: with others it is as a node of another build.
    package var linkVersions: ClosedRange<UInt8>

    package init(
        system: any System = kernel,
        directory: (any StateDirectory)? = nil,
        observer: (any InstanceObserver)? = nil,
        makeTable: @escaping ClusterMachine.TableMaker = { $0.changing(to: $1) },
        linkVersions: ClosedRange<UInt8> = LinkHandshake.versions
    ) {
        self.system = system
        self.directory = directory
        self.observer = observer
        self.makeTable = makeTable
        self.linkVersions = linkVersions
    }
}

/// Who is told which instances there are on a node.
///
/// Called on the loop of the object.
package protocol InstanceObserver: Sendable {
    /// An instance is about to be made; it may act from now on, while `lease` is valid.
    func began(_ key: ObjectKey, on node: NodeID, epoch: Epoch, lease: LeaseCell)
    /// What it still does reaches nobody.
    func ended(_ key: ObjectKey, on node: NodeID, epoch: Epoch)
}
