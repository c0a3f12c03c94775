// UTF-8 checked by looking bytes up sixteen at a time and more, which Swift's vectors cannot say.
//
// John Keiser and Daniel Lemire, "Validating UTF-8 in less than one instruction per byte" (2020): what
// is wrong with two bytes in a row shows in the high half of the first, its low half and the high half
// of the second. Each of the three is looked up for the mistakes that it allows, and what all three
// allow has been made. Only whether a third or fourth byte continues a character is seen otherwise.
//
// Where the processor has no such instruction, `rookery_utf8_is_quick` is false: see UTF8Validator.
#ifndef ROOKERY_CUTF8_H
#define ROOKERY_CUTF8_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes that are looked at at once.
enum { ROOKERY_UTF8_BLOCK = 64 };

#if defined(__x86_64__)
#include <immintrin.h>

static inline bool rookery_utf8_is_quick(void) { return __builtin_cpu_supports("avx2"); }

enum {
    ROOKERY_TOO_SHORT = 1 << 0,  // A first byte, and then none that continues it.
    ROOKERY_TOO_LONG = 1 << 1,   // ASCII, and then a byte that continues.
    ROOKERY_OVERLONG_3 = 1 << 2, // A longer form than the character needs.
    ROOKERY_TOO_LARGE = 1 << 3,  // Above U+10FFFF, with a second byte of 90 and more.
    ROOKERY_SURROGATE = 1 << 4,
    ROOKERY_OVERLONG_2 = 1 << 5,
    ROOKERY_OVERLONG_4 = 1 << 6, // And above U+10FFFF with a second byte of 80 to 8F.
    ROOKERY_TWO_MORE = 1 << 7,   // Two bytes that continue: right for a third or fourth one.
    // What the low half of the first byte says nothing about.
    ROOKERY_CARRY = ROOKERY_TOO_SHORT | ROOKERY_TOO_LONG | ROOKERY_TWO_MORE,
    ROOKERY_FIRST_F5 = ROOKERY_CARRY | ROOKERY_TOO_LARGE | ROOKERY_OVERLONG_4,
    ROOKERY_SECOND = ROOKERY_TOO_LONG | ROOKERY_OVERLONG_2 | ROOKERY_TWO_MORE,
};

#define ROOKERY_AVX2 static inline __attribute__((always_inline, target("avx2")))
#define ROOKERY_TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

ROOKERY_AVX2 __m256i rookery_utf8_load(const uint8_t *bytes) {
    return _mm256_loadu_si256((const __m256i *)bytes);
}

ROOKERY_AVX2 __m256i rookery_utf8_high_halves(__m256i bytes) {
    return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0F));
}

// The mistakes of 32 bytes after the three before them; zero where there is none.
ROOKERY_AVX2 __m256i rookery_utf8_mistakes(const uint8_t *bytes) {
    const __m256i by_first_high = ROOKERY_TWICE(
        ROOKERY_TOO_LONG, ROOKERY_TOO_LONG, ROOKERY_TOO_LONG, ROOKERY_TOO_LONG,
        ROOKERY_TOO_LONG, ROOKERY_TOO_LONG, ROOKERY_TOO_LONG, ROOKERY_TOO_LONG,
        (char)ROOKERY_TWO_MORE, (char)ROOKERY_TWO_MORE, (char)ROOKERY_TWO_MORE, (char)ROOKERY_TWO_MORE,
        ROOKERY_TOO_SHORT | ROOKERY_OVERLONG_2, ROOKERY_TOO_SHORT,
        ROOKERY_TOO_SHORT | ROOKERY_OVERLONG_3 | ROOKERY_SURROGATE,
        ROOKERY_TOO_SHORT | ROOKERY_TOO_LARGE | ROOKERY_OVERLONG_4);
    const __m256i by_first_low = ROOKERY_TWICE(
        (char)(ROOKERY_CARRY | ROOKERY_OVERLONG_2 | ROOKERY_OVERLONG_3 | ROOKERY_OVERLONG_4),
        (char)(ROOKERY_CARRY | ROOKERY_OVERLONG_2), (char)ROOKERY_CARRY, (char)ROOKERY_CARRY,
        (char)(ROOKERY_CARRY | ROOKERY_TOO_LARGE), (char)ROOKERY_FIRST_F5, (char)ROOKERY_FIRST_F5,
        (char)ROOKERY_FIRST_F5, (char)ROOKERY_FIRST_F5, (char)ROOKERY_FIRST_F5, (char)ROOKERY_FIRST_F5,
        (char)ROOKERY_FIRST_F5, (char)ROOKERY_FIRST_F5, (char)(ROOKERY_FIRST_F5 | ROOKERY_SURROGATE),
        (char)ROOKERY_FIRST_F5, (char)ROOKERY_FIRST_F5);
    const __m256i by_second_high = ROOKERY_TWICE(
        ROOKERY_TOO_SHORT, ROOKERY_TOO_SHORT, ROOKERY_TOO_SHORT, ROOKERY_TOO_SHORT,
        ROOKERY_TOO_SHORT, ROOKERY_TOO_SHORT, ROOKERY_TOO_SHORT, ROOKERY_TOO_SHORT,
        (char)(ROOKERY_SECOND | ROOKERY_OVERLONG_3 | ROOKERY_OVERLONG_4),
        (char)(ROOKERY_SECOND | ROOKERY_OVERLONG_3 | ROOKERY_TOO_LARGE),
        (char)(ROOKERY_SECOND | ROOKERY_SURROGATE | ROOKERY_TOO_LARGE),
        (char)(ROOKERY_SECOND | ROOKERY_SURROGATE | ROOKERY_TOO_LARGE),
        ROOKERY_TOO_SHORT, ROOKERY_TOO_SHORT, ROOKERY_TOO_SHORT, ROOKERY_TOO_SHORT);
    const __m256i first = rookery_utf8_load(bytes - 1);
    const __m256i first_high = rookery_utf8_high_halves(first);
    const __m256i first_low = _mm256_and_si256(first, _mm256_set1_epi8(0x0F));
    const __m256i second_high = rookery_utf8_high_halves(rookery_utf8_load(bytes));
    const __m256i of_two = _mm256_and_si256(
        _mm256_and_si256(_mm256_shuffle_epi8(by_first_high, first_high),
                         _mm256_shuffle_epi8(by_first_low, first_low)),
        _mm256_shuffle_epi8(by_second_high, second_high));
    // The highest bit is set behind E0 and more by two bytes, and behind F0 and more by three.
    const __m256i third = _mm256_subs_epu8(rookery_utf8_load(bytes - 2), _mm256_set1_epi8(0xE0 - 0x80));
    const __m256i fourth = _mm256_subs_epu8(rookery_utf8_load(bytes - 3), _mm256_set1_epi8(0xF0 - 0x80));
    const __m256i is_later = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(of_two, is_later);
}

// Whether a block of bytes may come after the three before it.
ROOKERY_AVX2 bool rookery_utf8_accepts(const uint8_t *bytes) {
    const __m256i both = _mm256_or_si256(rookery_utf8_load(bytes), rookery_utf8_load(bytes + 32));
    if (_mm256_movemask_epi8(both) == 0) return bytes[-1] < 0xC0 && bytes[-2] < 0xE0 && bytes[-3] < 0xF0;
    const __m256i mistakes =
        _mm256_or_si256(rookery_utf8_mistakes(bytes), rookery_utf8_mistakes(bytes + 32));
    return _mm256_testz_si256(mistakes, mistakes);
}

// The end of the blocks in which nothing is wrong, from `start` on up to `count`: the last one ends
// there. At least a block is there and three bytes before it, in which nothing is wrong either.
static inline __attribute__((target("avx2"))) size_t
rookery_utf8_end(const uint8_t *bytes, size_t start, size_t count) {
    size_t end = start;
    while (end < count) {
        const size_t block = count - end < ROOKERY_UTF8_BLOCK ? count - ROOKERY_UTF8_BLOCK : end;
        if (!rookery_utf8_accepts(bytes + block)) return end;
        end = block + ROOKERY_UTF8_BLOCK;
    }
    return end;
}

#undef ROOKERY_AVX2
#undef ROOKERY_TWICE
#else
static inline bool rookery_utf8_is_quick(void) { return false; }

static inline size_t rookery_utf8_end(const uint8_t *bytes, size_t start, size_t count) {
    (void)bytes, (void)count;
    return start;
}
#endif
#endif
