// Tells the thread sanitizer what the slow ways of Swift's Mutex do: Scripts/sanitize thread
//
// The quick ways are compiled into whoever locks, and so the sanitizer sees them. The slow ones, for a
// mutex that somebody else holds, are in the Swift runtime, which is not built for it: it would take
// everything behind a contended mutex for a race. These stand in front of them (LD_PRELOAD).

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SELF __attribute__((swift_context)) void *mutex
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// Only there in a program that is built for the sanitizer.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

typedef __attribute__((swiftcall)) void (*LockSlow)(uint32_t found, SELF);
typedef __attribute__((swiftcall)) void (*UnlockSlow)(SELF);

__attribute__((swiftcall)) void lockSlow(uint32_t found, SELF) __asm__(LOCK);
__attribute__((swiftcall)) void unlockSlow(SELF) __asm__(UNLOCK);

__attribute__((swiftcall)) void lockSlow(uint32_t found, SELF) {
    ((LockSlow)dlsym(RTLD_NEXT, LOCK))(found, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

__attribute__((swiftcall)) void unlockSlow(SELF) {
    if (__tsan_release) __tsan_release(mutex);
    ((UnlockSlow)dlsym(RTLD_NEXT, UNLOCK))(mutex);
}
