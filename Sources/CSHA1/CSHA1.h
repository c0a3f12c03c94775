// SHA-1 by the instructions that processors have for it: four rounds each, and the schedule with them.
//
// Intel, "Intel SHA Extensions" (2013). Where the processor has none, `rookery_sha1_is_quick` is false:
// see SHA1.
#ifndef ROOKERY_CSHA1_H
#define ROOKERY_CSHA1_H
#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

// Slow, where a virtual machine answers: to be asked once.
static inline bool rookery_sha1_is_quick(void) {
    unsigned a, b, c, d;
    if (!__builtin_cpu_supports("sse4.1") || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
    return b & bit_SHA;
}

// The rounds of group `n` of four, with the function of RFC 3174 section 5 that goes with `f`; then the
// words that the group after the next three will need.
#define ROOKERY_FOUR_ROUNDS(n, f) do { \
        const __m128i before = abcd; \
        abcd = _mm_sha1rnds4_epu32( \
            abcd, n == 0 ? _mm_add_epi32(e, w[0]) : _mm_sha1nexte_epu32(e, w[(n) & 3]), f); \
        e = before; \
        w[(n) & 3] = _mm_sha1msg2_epu32( \
            _mm_xor_si128(_mm_sha1msg1_epu32(w[(n) & 3], w[(n + 1) & 3]), w[(n + 2) & 3]), \
            w[(n + 3) & 3]); \
    } while (0)
#define ROOKERY_TWENTY_ROUNDS(n, f) do { \
        ROOKERY_FOUR_ROUNDS(n, f); \
        ROOKERY_FOUR_ROUNDS(n + 1, f); \
        ROOKERY_FOUR_ROUNDS(n + 2, f); \
        ROOKERY_FOUR_ROUNDS(n + 3, f); \
        ROOKERY_FOUR_ROUNDS(n + 4, f); \
    } while (0)

// Mixes a block of 64 bytes into the five words.
static inline __attribute__((target("sha,sse4.1"))) void
rookery_sha1_absorb(uint32_t *words, const uint8_t *block) {
    const __m128i reversed = _mm_set_epi64x(0x0001020304050607, 0x08090A0B0C0D0E0F);
    __m128i w[4];
    for (int i = 0; i < 4; i++) {
        w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + i), reversed);
    }
    const __m128i first_abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)words), 0x1B);
    const __m128i first_e = _mm_set_epi32((int)words[4], 0, 0, 0);
    __m128i abcd = first_abcd, e = first_e;
    ROOKERY_TWENTY_ROUNDS(0, 0);
    ROOKERY_TWENTY_ROUNDS(5, 1);
    ROOKERY_TWENTY_ROUNDS(10, 2);
    ROOKERY_TWENTY_ROUNDS(15, 3);
    e = _mm_sha1nexte_epu32(e, first_e);
    abcd = _mm_shuffle_epi32(_mm_add_epi32(abcd, first_abcd), 0x1B);
    _mm_storeu_si128((__m128i *)words, abcd);
    words[4] = (uint32_t)_mm_extract_epi32(e, 3);
}

#undef ROOKERY_FOUR_ROUNDS
#undef ROOKERY_TWENTY_ROUNDS
#else
static inline bool rookery_sha1_is_quick(void) { return false; }

static inline void rookery_sha1_absorb(uint32_t *words, const uint8_t *block) {
    (void)words, (void)block;
}
#endif
#endif
