// What exact.h promises holds in the SPIR-V that was embedded: its functions (their names begin with
// vv_) use floats in additions, subtractions and multiplications alone, and each of those says
// NoContraction. (A negation needs no such word: it is exact, and whatever it could be merged into is
// one of the three.)
#include "../temporary.h"
#include "kernel.h"

// The SPIR-V specification, section 3: "Binary Form".
enum {
    HEADER_WORDS = 5,
    OP_NAME = 5,
    OP_EXT_INST = 12,
    OP_FUNCTION = 54,
    OP_FUNCTION_END = 56,
    OP_DECORATE = 71,
    OP_F_ADD = 129,
    OP_F_SUB = 131,
    OP_F_MUL = 133,
    OP_F_DIV = 136,
    OP_F_REM = 140,
    OP_DOT = 148,  // F_REM to DOT: remainders, and products of vectors and matrices
    DECORATION_NO_CONTRACTION = 42,
};

enum { NAMED = 1, UNCONTRACTED = 2 };  // marks of an id

struct module {
    const uint32_t *words;
    size_t count;
    unsigned char *marks;  // of each id
};

struct finding {
    unsigned inspected, wrong;
};

static const uint32_t *next(const struct module *m, const uint32_t *at) {
    size_t length = *at >> 16, left = m->count - (size_t)(at - m->words);
    assert_in_range(length, 1, left);
    return at + length;
}

static void mark_ids(struct module *m) {
    const uint32_t *end = m->words + m->count;
    for (const uint32_t *at = m->words + HEADER_WORDS; at < end; at = next(m, at)) {
        uint32_t op = *at & 0xffff;
        if (op == OP_NAME && strncmp((const char *)(at + 2), "vv_", 3) == 0) m->marks[at[1]] |= NAMED;
        if (op == OP_DECORATE && at[2] == DECORATION_NO_CONTRACTION) m->marks[at[1]] |= UNCONTRACTED;
    }
}

// Reads the functions whose names were marked.
static struct finding inspect_marked(const struct module *m) {
    struct finding found = {0, 0};
    bool inside = false;
    const uint32_t *end = m->words + m->count;
    for (const uint32_t *at = m->words + HEADER_WORDS; at < end; at = next(m, at)) {
        uint32_t op = *at & 0xffff;
        if (op == OP_FUNCTION) inside = m->marks[at[2]] & NAMED;
        if (op == OP_FUNCTION_END) inside = false;
        if (!inside) continue;
        if (op == OP_F_ADD || op == OP_F_SUB || op == OP_F_MUL) {
            found.inspected++;
            found.wrong += !(m->marks[at[2]] & UNCONTRACTED);
        }
        found.wrong += op == OP_F_DIV || op == OP_EXT_INST || (op >= OP_F_REM && op <= OP_DOT);
    }
    return found;
}

static struct finding inspect(const uint32_t *words, size_t bytes) {
    assert_int_equal(words[0], 0x07230203);
    struct module m = {.words = words, .count = bytes / 4, .marks = calloc(words[3], 1)};
    assert_non_null(m.marks);
    mark_ids(&m);
    struct finding found = inspect_marked(&m);
    free(m.marks);
    return found;
}

static const struct vv_kernel *find_kernel(const char *name) {
    for (size_t i = 0; i < vv_kernel_count; i++)
        if (strcmp(vv_kernels[i].name, name) == 0) return &vv_kernels[i];
    fail_msg("no kernel '%s'", name);
    return NULL;
}

static void every_kernel_keeps_the_promise_of_exact_h(void **state) {
    (void)state;
    for (size_t i = 0; i < vv_kernel_count; i++) {
        struct finding found = inspect(vv_kernels[i].words, vv_kernels[i].bytes);
        if (found.inspected) print_message("%s: %u operations\n", vv_kernels[i].name, found.inspected);
        if (found.wrong)
            fail_msg("%s: %u operations may be contracted", vv_kernels[i].name, found.wrong);
    }
}

static void the_noise_kernel_was_inspected(void **state) {
    (void)state;
    const struct vv_kernel *noise = find_kernel("noise");
    // log, sqrt, sine and cosine alone are some forty.
    assert_true(inspect(noise->words, noise->bytes).inspected >= 40);
}

static void the_kernels_of_the_activations_were_inspected(void **state) {
    (void)state;
    const struct vv_kernel *unary = find_kernel("unary"), *binary = find_kernel("binary");
    // gelu and its slope alone are some sixty each.
    assert_true(inspect(unary->words, unary->bytes).inspected >= 120);
    assert_true(inspect(binary->words, binary->bytes).inspected >= 80);
}

// Each decoration taken away on its own is noticed.
static void a_missing_decoration_is_noticed(void **state) {
    (void)state;
    const struct vv_kernel *noise = find_kernel("noise");
    uint32_t *copy = malloc(noise->bytes);
    assert_non_null(copy);
    memcpy(copy, noise->words, noise->bytes);
    struct module m = {.words = copy, .count = noise->bytes / 4};
    unsigned removed = 0;
    for (uint32_t *at = copy + HEADER_WORDS; at < copy + m.count; at += next(&m, at) - at) {
        if ((*at & 0xffff) != OP_DECORATE || at[2] != DECORATION_NO_CONTRACTION) continue;
        at[2] = 0;  // RelaxedPrecision
        unsigned wrong = inspect(copy, noise->bytes).wrong;
        at[2] = DECORATION_NO_CONTRACTION;
        assert_in_range(wrong, 0, 1);  // decorated integers and selects are not looked at
        removed += wrong;
    }
    free(copy);
    assert_int_equal(removed, inspect(noise->words, noise->bytes).inspected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_keeps_the_promise_of_exact_h),
        cmocka_unit_test(the_noise_kernel_was_inspected),
        cmocka_unit_test(the_kernels_of_the_activations_were_inspected),
        cmocka_unit_test(a_missing_decoration_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
