// Reads event files by itself: its own CRC-32C, bit by bit, and its own varints. Nothing of what writes
// them is used.
#ifndef VV_TESTS_EVENT_READER_H
#define VV_TESTS_EVENT_READER_H

// clang-format off
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <stdlib.h>
#include <string.h>

struct span {
    const unsigned char *at;
    size_t size;
};

static inline uint32_t reader_crc32c(const unsigned char *bytes, size_t size) {
    uint32_t rest = 0xFFFFFFFF;
    for (size_t i = 0; i < size; i++) {
        rest ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) rest = (rest & 1) ? (rest >> 1) ^ 0x82F63B78 : rest >> 1;
    }
    return rest ^ 0xFFFFFFFF;
}

static inline uint64_t reader_number(const unsigned char *at, int bytes) {
    uint64_t value = 0;
    for (int i = bytes; i-- > 0;) value = value << 8 | at[i];
    return value;
}

static inline void reader_check(const unsigned char *at, size_t size, uint64_t sum) {
    const uint32_t turned = (uint32_t)sum - 0xA282EAD8, found = turned << 15 | turned >> 17;
    assert_int_equal(reader_crc32c(at, size), found);
}

// The next record's message, at *offset, which moves on; false at the end.
static inline bool next_record(struct span file, size_t *offset, struct span *message) {
    const unsigned char *at = file.at + *offset;
    *message = (struct span){NULL, 0};
    if (*offset == file.size) return false;
    assert_true(file.size - *offset >= 16);
    const uint64_t length = reader_number(at, 8);
    reader_check(at, 8, reader_number(at + 8, 4));
    assert_true(length <= file.size - *offset - 16);
    *message = (struct span){at + 12, (size_t)length};
    reader_check(message->at, message->size, reader_number(at + 12 + length, 4));
    *offset += 16 + (size_t)length;
    return true;
}

// A field of a message: a number of wire type 0, 1 or 5, or bytes of type 2.
struct wire {
    uint32_t number, type;
    uint64_t value;
    struct span bytes;
};

static inline uint64_t reader_varint(struct span *rest) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        assert_true(rest->size > 0);
        const unsigned char byte = *rest->at++;
        rest->size--;
        value |= (uint64_t)(byte & 127) << shift;
        if (!(byte & 128)) return value;
    }
    fail_msg("a number has no end");
    return 0;
}

static inline bool next_field(struct span *rest, struct wire *field) {
    *field = (struct wire){.number = 0};
    if (rest->size == 0) return false;
    const uint64_t key = reader_varint(rest);
    *field = (struct wire){.number = (uint32_t)(key >> 3), .type = (uint32_t)(key & 7)};
    if (field->type == 0) {
        field->value = reader_varint(rest);
        return true;
    }
    assert_true(field->type == 1 || field->type == 2 || field->type == 5);
    const size_t size = field->type == 1 ? 8 : field->type == 5 ? 4 : (size_t)reader_varint(rest);
    assert_true(size <= rest->size);
    if (field->type == 2)
        field->bytes = (struct span){rest->at, size};
    else
        field->value = reader_number(rest->at, (int)size);
    rest->at += size;
    rest->size -= size;
    return true;
}

// The last field of that number; false: there is none.
static inline bool find_field(struct span message, uint32_t number, struct wire *found) {
    struct wire field;
    bool any = false;
    *found = (struct wire){.number = 0};
    while (next_field(&message, &field)) {
        if (field.number != number) continue;
        *found = field;
        any = true;
    }
    return any;
}

static inline double wire_double(const struct wire *field) {
    double value;
    assert_int_equal(field->type, 1);
    memcpy(&value, &field->value, sizeof value);
    return value;
}

// 0 where it is not there.
static inline uint64_t whole_of(struct span message, uint32_t number) {
    struct wire field;
    return find_field(message, number, &field) ? field.value : 0;
}

static inline double double_of(struct span message, uint32_t number) {
    struct wire field;
    return find_field(message, number, &field) ? wire_double(&field) : 0;
}

// Event: wall_time 1, step 2, file_version 3, summary 5, session_log 7.
static inline uint64_t event_step(struct span event) {
    return whole_of(event, 2);
}

// The value under a tag in an event's summary: Summary: value 1; Value: tag 1, simple_value 2, image 4,
// histo 5.
static inline bool find_value(struct span event, const char *tag, struct span *value) {
    struct wire summary, field;
    *value = (struct span){NULL, 0};
    if (!find_field(event, 5, &summary)) return false;
    while (next_field(&summary.bytes, &field)) {
        struct wire name;
        assert_int_equal(field.number, 1);
        assert_true(find_field(field.bytes, 1, &name));
        if (name.bytes.size != strlen(tag) || memcmp(name.bytes.at, tag, name.bytes.size) != 0) continue;
        *value = field.bytes;
        return true;
    }
    return false;
}

static inline float scalar_of(struct span event, const char *tag) {
    struct span value;
    struct wire field;
    float number;
    if (!find_value(event, tag, &value)) fail_msg("no value '%s'", tag);
    assert_true(find_field(value, 2, &field) && field.type == 5);
    const uint32_t bits = (uint32_t)field.value;
    memcpy(&number, &bits, sizeof number);
    return number;
}

// A field of the message that a value holds.
static inline struct span part_of_value(struct span event, const char *tag, uint32_t number) {
    struct span value;
    struct wire field;
    if (!find_value(event, tag, &value)) fail_msg("no value '%s'", tag);
    assert_true(find_field(value, number, &field) && field.type == 2);
    return field.bytes;
}

#endif
