// Headers of safetensors made by hand: what the format allows, and what it does not.
#include "../temporary.h"
#include "safetensors.h"
#include "safetensors_made.h"

static void assert_parses(struct temporary *t, const char *json, uint64_t data_size) {
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = made(json, data_size, &size);
    if (!vv_safetensors_parse(&t->ctx, "made", bytes, size, &file))
        fail_msg("%s: %s", json, t->ctx.error);
    vv_safetensors_finish(&file);
}

static void assert_refused(struct temporary *t, const char *json, uint64_t data_size, const char *part) {
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = made(json, data_size, &size);
    if (vv_safetensors_parse(&t->ctx, "made", bytes, size, &file)) fail_msg("accepted: %s", json);
    assert_true(is_zeroed(&file));
    assert_failure(&t->ctx, VV_BAD_DATA, "made: ", part, (char *)NULL);
    free(bytes);
}

static void accepts_what_the_format_allows(void **state) {
    struct temporary *t = *state;
    assert_parses(t, "{}", 0);
    assert_parses(t, "{}      ", 0);
    assert_parses(t, "{\t\"__metadata__\" : { } }", 0);
    assert_parses(t, "{\"\":{\"data_offsets\":[0,1],\"shape\":[],\"dtype\":\"U8\"}}", 1);
    // Empty tensors between, before and after others.
    assert_parses(t,
                  "{\"c\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[2,2]},"
                  "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},"
                  "\"a\":{\"dtype\":\"U8\",\"shape\":[9,0],\"data_offsets\":[0,0]}}",
                  2);
    assert_parses(t,
                  "{\"\\u00e9\\ud83d\\ude00\\u0001\\\\u0000\":{\"dtype\":\"U8\",\"shape\":[1],\"data_"
                  "offsets\":[0,1]}}",
                  1);
}

#define ENTRY(dtype, shape, range)                                                                      \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" range "}"
#define U8_1 ENTRY("U8", "[1]", "[0,1]")

static const struct {
    const char *json;
    uint64_t data_size;
    const char *part;
} cases[] = {
    // Not JSON, or more than this format's JSON.
    {"", 8, "offset 0 is 0, expected 2 to"},
    {" {}", 0, "not with '{'"},
    {"[]", 0, "not with '{'"},
    {"\xef\xbb\xbf{}", 0, "not with '{'"},
    {"{\"a\":" U8_1, 1, "cut off"},
    {"{\"a\":" U8_1 ",}", 1, "not JSON"},
    {"{\"a\"}", 0, "not JSON"},
    {"{]", 0, "not JSON"},
    {"{}{}", 0, "near offset 10"},
    {"{} \t", 0, "near offset 11"},
    {"{\"a\":" ENTRY("U8", "[[[1]]]", "[0,1]") "}", 1, "near offset"},
    {"{\"a\":{\"\\", 0, "near offset"},
    {"{\"a\n\":" U8_1 "}", 1, "near offset"},
    {"{\"a\\u0000b\":" U8_1 "}", 1, "near offset"},
    {"{\"a\\uzzzz\":" U8_1 "}", 1, "near offset"},
    {"{\"a\\u00", 0, "near offset"},
    {"{\"a\\x\":" U8_1 "}", 1, "not JSON"},
    {"{\"a\\ud83d\":" U8_1 "}", 1, "not JSON"},
    {"{\"a\":null}", 0, "near offset"},
    {"{\"a\":1}", 0, "tensor 'a'"},
    {"{\"a\":[]}", 0, "tensor 'a'"},
    {"{\"a\":\"b\"}", 0, "tensor 'a'"},
    // Metadata.
    {"{\"__metadata__\":1}", 0, "not an object"},
    {"{\"__metadata__\":[\"a\"]}", 0, "not an object"},
    {"{\"__metadata__\":{\"a\":1}}", 0, "'a' is not text"},
    {"{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, "metadata are named 'a'"},
    {"{\"__metadata__\":{},\"__metadata__\":" U8_1 "}", 1, "two __metadata__"},
    {"{\"__metadata__\":{\"checksum\":\"\"}}", 0, "checksum ''"},
    {"{\"__metadata__\":{\"checksum\":\"md5:00000000\"}}", 0, "checksum 'md5:00000000'"},
    {"{\"__metadata__\":{\"checksum\":\"crc32:00000000\"}}", 0, "checksum is crc32:00000000"},
    {"{\"__metadata__\":{\"checksum\":\"crc32:0\"}}", 0, "checksum"},
    {"{\"__metadata__\":{\"checksum\" :\"crc32:00000000\"}}", 0, "checksum"},
    {"{\"__metadata__\":{\"\\u0063hecksum\":\"crc32:00000000\"}}", 0, "checksum"},
    // Both are right: "p" was chosen so that the CRC is 0.
    {"{\"__metadata__\":{\"checksum\":\"crc32:00000000\",\"checksum\":\"crc32:00000000\",\"p\":"
     "\"1111100000101110000010010011001100000000\"}}",
     0, "two checksums"},
    // Fields.
    {"{\"a\":{}}", 0, "tensor 'a'"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "tensor 'a'"},
    {"{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1, "tensor 'a'"},
    {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "tensor 'a'"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"shape\":[1]}}", 1, "tensor 'a'"},
    {"{\"a\":{\"dtype\":0,\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "tensor 'a'"},
    {"{\"a\":" U8_1 ",\"a\":" ENTRY("U8", "[1]", "[1,2]") "}", 2, "two tensors are named 'a'"},
    {"{\"a\":" U8_1 ",\"\\u0061\":" ENTRY("U8", "[1]", "[1,2]") "}", 2, "two tensors are named 'a'"},
    {"{\"a\":" ENTRY("I16", "[1]", "[0,2]") "}", 2,
     "'a' has dtype 'I16'; only F64, F32, F16, BF16, U64, I64, U32 and U8"},
    {"{\"a\":" ENTRY("f32", "[1]", "[0,4]") "}", 4, "dtype 'f32'"},
    {"{\"a\\u001b[2J\\n\":" ENTRY("I8", "[1]", "[0,1]") "}", 1, "tensor 'a?[2J?'"},
    // Shapes.
    {"{\"a\":" ENTRY("U8", "[1,1,1,1,1]", "[0,1]") "}", 1, "5 dimensions"},
    {"{\"a\":" ENTRY("U8", "[\"1\"]", "[0,1]") "}", 1, "dimension 0"},
    {"{\"a\":" ENTRY("U8", "[1,4294967296]", "[0,1]") "}", 1, "dimension 1"},
    {"{\"a\":" ENTRY("U8", "[4294967295,4294967295,4294967295,4294967295]", "[0,1]") "}", 1, "shape"},
    {"{\"a\":" ENTRY("F64", "[4294967295,4294967295,4294967295,4294967295]", "[0,8]") "}", 8, "shape"},
    // 2^31 * 2^31 * 4 is 2^64: 0 when it wraps.
    {"{\"a\":" ENTRY("F32", "[2147483648,2147483648]", "[0,0]") "}", 0, "shape"},
    {"{\"a\":" ENTRY("U8", "[2]", "[0,1]") "}", 1, "shape"},
    {"{\"a\":" ENTRY("U8", "[-1]", "[0,1]") "}", 1, "near offset"},
    {"{\"a\":" ENTRY("U8", "[1.0]", "[0,1]") "}", 1, "near offset"},
    {"{\"a\":" ENTRY("U8", "[1e0]", "[0,1]") "}", 1, "near offset"},
    {"{\"a\":" ENTRY("U8", "[01]", "[0,1]") "}", 1, "near offset"},
    {"{\"a\":" ENTRY("U8", "[true]", "[0,1]") "}", 1, "near offset"},
    // Ranges.
    {"{\"a\":" ENTRY("U8", "[1]", "[0]") "}", 1, "data_offsets"},
    {"{\"a\":" ENTRY("U8", "[1]", "[]") "}", 1, "data_offsets"},
    {"{\"a\":" ENTRY("U8", "[1]", "[0,1,1]") "}", 1, "data_offsets"},
    {"{\"a\":" ENTRY("U8", "[1]", "[0,9007199254740992]") "}", 1, "data_offsets"},
    {"{\"a\":" ENTRY("U8", "[1]", "[18446744073709551615,0]") "}", 1, "data_offsets"},
    {"{\"a\":" ENTRY("U8", "[1]", "[0,9007199254740991]") "}", 1,
     "lies at 0 to 9007199254740991 of 1 bytes"},
    {"{\"a\":" ENTRY("U8", "[2]", "[0,2]") "}", 1, "lies at 0 to 2 of 1 bytes"},
    {"{\"a\":" ENTRY("U8", "[0]", "[2,2]") "}", 1, "lies at 2 to 2 of 1 bytes"},
    {"{\"a\":" ENTRY("U8", "[1]", "[1,0]") "}", 1, "lies at 1 to 0"},
    {"{\"a\":" ENTRY("U8", "[1]", "[0,1]") "}", 2, "no tensor uses"},
    {"{}", 1, "no tensor uses"},
    {"{\"a\":" ENTRY("U8", "[1]", "[1,2]") "}", 2, "tensor 'a' begins"},
    {"{\"a\":" U8_1 ",\"b\":" ENTRY("U8", "[1]", "[2,3]") "}", 3, "tensor 'b' begins"},
    {"{\"a\":" U8_1 ",\"b\":" U8_1 "}", 1, "begins"},
    {"{\"a\":" ENTRY("U8", "[3]", "[0,3]") ",\"b\":" ENTRY("U8", "[2]", "[2,4]") "}", 4,
     "tensor 'b' begins"},
    {"{\"a\":" ENTRY("U8", "[2]", "[0,2]") ",\"b\":" ENTRY("U8", "[0]", "[1,1]") "}", 2,
     "tensor 'b' begins"},
    {"{\"a\":" ENTRY("U8", "[4]", "[0,4]") ",\"b\":" ENTRY("F32", "[1]", "[4,8]") "} ", 8, "unaligned"},
};

static void rejects_hostile_headers(void **state) {
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_refused(*state, cases[i].json, cases[i].data_size, cases[i].part);
}

static void rejects_lengths_that_lie(void **state) {
    struct temporary *t = *state;
    const uint64_t lengths[] = {
        0, 1, 3, 1 << 20, UINT64_C(1) << 32, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 7};
    struct vv_safetensors file;
    uint64_t size;
    unsigned char *bytes = made("{}", 0, &size);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        memcpy(bytes, &lengths[i], PREFIX);
        assert_false(vv_safetensors_parse(&t->ctx, "made", bytes, size, &file));
        assert_failure(&t->ctx, VV_BAD_DATA, "made: ", "header", (char *)NULL);
    }
    free(bytes);
}

static void rejects_a_header_beyond_its_limit(void **state) {
    struct temporary *t = *state;
    const uint64_t length = (16 << 20) + 8;
    struct vv_safetensors file;
    unsigned char *bytes = malloc((size_t)length + PREFIX);
    assert_non_null(bytes);
    memset(bytes, ' ', (size_t)length + PREFIX);
    memcpy(bytes, &length, PREFIX);
    memcpy(bytes + PREFIX, "{}", 2);
    assert_false(vv_safetensors_parse(&t->ctx, "made", bytes, length + PREFIX, &file));
    assert_failure(&t->ctx, VV_BAD_DATA, "made: ", "16777224, expected 2 to 16777216", (char *)NULL);
    free(bytes);
}

// A tensor of so many dimensions.
static char *many_values(uint32_t dimensions) {
    static const char head[] = "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,0],\"shape\":[";
    char *json = malloc(sizeof head + 2 * (size_t)dimensions + 2);
    assert_non_null(json);
    char *at = json + sprintf(json, "%s", head);
    for (uint32_t i = 0; i < dimensions; i++) at += sprintf(at, i ? ",0" : "0");
    (void)sprintf(at, "]}}");
    return json;
}

static void rejects_more_values_than_a_model_has(void **state) {
    const uint32_t most = 1 << 18, others = 7;
    char *json = many_values(most - others + 1);
    assert_refused(*state, json, 0, "262138 dimensions; at most 4");
    free(json);
    json = many_values(most - others + 2);
    assert_refused(*state, json, 0, "262145 values, and at most 262144 are read; convert it");
    free(json);
}

// As many as the largest models have in a file, and more.
static void accepts_many_tensors(void **state) {
    enum { COUNT = 20000, ROOM = 96 };
    char *json = malloc((size_t)COUNT * ROOM), *at = json;
    assert_non_null(json);
    for (int i = 0; i < COUNT; i++)
        at += snprintf(at, ROOM,
                       "%c\"layers.%d.weight\":{\"dtype\":\"U8\",\"shape\":[0,3,3,3],\"data_"
                       "offsets\":[0,0]}",
                       i ? ',' : '{', i);
    (void)sprintf(at, "}");
    assert_parses(*state, json, 0);
    free(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(accepts_what_the_format_allows),
        TEST(rejects_hostile_headers),
        TEST(rejects_lengths_that_lie),
        TEST(rejects_a_header_beyond_its_limit),
        TEST(rejects_more_values_than_a_model_has),
        TEST(accepts_many_tensors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
