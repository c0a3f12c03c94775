// Bytes XORed with a key of four, 64 at a time, which Swift has no name for: see MaskingKey.
#ifndef ROOKERY_CMASK_H
#define ROOKERY_CMASK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes of which `rookery_mask` takes as many as are there.
enum { ROOKERY_MASK_BLOCK = 64 };

#if defined(__x86_64__)
#include <immintrin.h>

static inline bool rookery_mask_is_quick(void) { return __builtin_cpu_supports("avx2"); }

// Writes the whole blocks of `from`, XORed with the key, to `to`, and returns how long they are.
static inline __attribute__((target("avx2"))) size_t
rookery_mask(uint8_t *to, const uint8_t *from, size_t count, uint64_t key) {
    const __m256i keys = _mm256_set1_epi64x((long long)key);
    size_t done = 0;
    for (; count - done >= ROOKERY_MASK_BLOCK; done += ROOKERY_MASK_BLOCK) {
        const __m256i *source = (const __m256i *)(from + done);
        __m256i *target = (__m256i *)(to + done);
        const __m256i first = _mm256_loadu_si256(source), second = _mm256_loadu_si256(source + 1);
        _mm256_storeu_si256(target, _mm256_xor_si256(first, keys));
        _mm256_storeu_si256(target + 1, _mm256_xor_si256(second, keys));
    }
    return done;
}
#else
static inline bool rookery_mask_is_quick(void) { return false; }

static inline size_t rookery_mask(uint8_t *to, const uint8_t *from, size_t count, uint64_t key) {
    (void)to, (void)from, (void)count, (void)key;
    return 0;
}
#endif
#endif
