import Testing

/// What needs real `rook` processes: one test at a time, so that each has the machine.
@Suite(.serialized, .onTestLoop) struct ProcessTests {}

/// Of these the tests that wait for leases and hand-overs most of the time, so that they may run
/// beside the others.
@Suite(.serialized, .onTestLoop) struct OwnershipProcessTests {}
