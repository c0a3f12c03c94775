import Testing

/// Everything that needs real nodes, as `rook` processes or in this one: one test at a time, so that each
/// has the machine.
@Suite(.serialized, .onClientLoop) struct ProcessTests {}

/// Those of them in which no lease ends: they wait for views and clients more than they work, so they
/// run beside the others, one at a time too.
@Suite(.serialized, .onMoverLoop) struct PlannedProcessTests {}
