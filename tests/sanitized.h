// Whether the program is built for AddressSanitizer. It looks at what the host does: cases that differ
// in what the device does alone run in the other builds, which are faster.
#ifndef VKVAE_TESTS_SANITIZED_H
#define VKVAE_TESTS_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
