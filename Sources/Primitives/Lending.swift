/// Calls `body` with an object that somebody else holds meanwhile, and counts no reference to it.
///
/// For what is done with every message: counting up and down is atomic, and takes longer than what is
/// done between. The caller answers for it that nothing in `body` lets go of the object.
@unsafe @inlinable @inline(__always)
public func lend<Object: AnyObject, Result>(
    _ object: Object,
    to body: (Object) -> Result
) -> Result {
    unsafe Unmanaged.passUnretained(object)._withUnsafeGuaranteedRef(body)
}
