// Lists every message of error or warning in C files: a line "FILE:LINE<tab>CODE<tab>MESSAGE" for each,
// with <> for what varies. Told apart by its function: each that takes a format is declared with
// VV_PRINTF or CLI_PRINTF, and messages are literals, so that this can find them; one that is none is
// refused.
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FUNCTIONS = 64, NAME = 64, TEXT = 4096 };

// A function that takes a message as its argument number `place`, counted from 0.
static struct function {
    char name[NAME];
    unsigned place;
    const char *only_in;  // the file of a static one; NULL: it may be called anywhere
} functions[FUNCTIONS];
static unsigned function_count;

// These take a format, and what they make of it is no message.
static const char *const others[] = {
    "vv_name",    "vv_lay_parameter", "vv_arena_printf", "vv_html_print",
    "say",        "vv_onnx_linear",   "vv_onnx_conv",    "vv_onnx_norm",
    "put_format", "find_tensor",      "vv_csv_add",      NULL};

static const struct {
    const char *word;
    int code;
} codes[] = {{"VV_FAILED", 1},   {"VV_USAGE", 2},       {"VV_NO_DEVICE", 3},
             {"VV_BAD_DATA", 4}, {"VV_LOG_WARNING", 0}, {NULL, 0}};

static char *read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    const long size = ftell(file);
    char *text = calloc((size_t)size + 1, 1);
    rewind(file);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size) {
        perror(path);
        exit(1);
    }
    (void)fclose(file);
    return text;
}

static bool in_name(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

// Comments become spaces, so that nothing below meets them.
static void blank_comments(char *text) {
    for (char *c = text; *c; c++) {
        if (*c == '"' || *c == '\'') {
            for (const char quote = *c++; *c && *c != quote; c++) c += *c == '\\' && c[1];
            if (!*c) return;
        } else if (c[0] == '/' && c[1] == '/') {
            while (*c && *c != '\n') *c++ = ' ';
        } else if (c[0] == '/' && c[1] == '*') {
            while (*c && !(c[0] == '*' && c[1] == '/')) {
                if (*c != '\n') *c = ' ';
                c++;
            }
            c[0] = c[1] = ' ';
        }
    }
}

// The end of a string literal that starts at `c`.
static const char *skip_literal(const char *c) {
    for (c++; *c && *c != '"'; c++) c += *c == '\\' && c[1];
    return *c ? c + 1 : c;
}

// The end of an argument: its comma, or the bracket that closes the call.
static const char *skip_argument(const char *c) {
    int depth = 0;
    for (; *c; c++) {
        if (*c == '"') c = skip_literal(c) - 1;
        if (*c == '(' || *c == '{' || *c == '[') depth++;
        if (depth == 0 && (*c == ',' || *c == ')')) return c;
        if (*c == ')' || *c == '}' || *c == ']') depth--;
    }
    return c;
}

// Functions that are declared in a text: "bool NAME(...) VV_PRINTF(place, ...)".
static void find_functions(const char *path, const char *text) {
    static const char *const marks[] = {"VV_PRINTF(", "CLI_PRINTF(", NULL};
    for (const char *const *mark = marks; *mark; mark++)
        for (const char *at = text; (at = strstr(at, *mark)) != NULL; at++) {
            const char *end = at;
            int depth = 0;
            do {  // back over the parameters
                end--;
                depth += (*end == ')') - (*end == '(');
            } while (end > text && (depth > 0 || *end != '('));
            const char *start = end;
            while (start > text && in_name(start[-1])) start--;
            if (start == end || !isdigit((unsigned char)at[strlen(*mark)])) continue;  // its definition
            struct function *f = &functions[function_count];
            if (function_count == FUNCTIONS || end - start >= NAME) exit(1);
            memcpy(f->name, start, (size_t)(end - start));
            while (start > text && !strchr(";}", start[-1])) start--;
            const char *is_static = strstr(start, "static ");
            if (is_static && is_static < end) f->only_in = path;
            f->place = (unsigned)strtoul(at + strlen(*mark), NULL, 10) - 1;
            bool other = false;
            for (const char *const *o = others; *o; o++) other |= strcmp(*o, f->name) == 0;
            if (other)
                *f = (struct function){0};
            else
                function_count++;
        }
}

// Past a conversion that starts at the percent sign.
static const char *skip_conversion(const char *c) {
    c++;
    c += strspn(c, "-+ #0123456789.*");
    c += strspn(c, "hlzjt");
    return *c ? c + 1 : c;
}

// Adds literal text to the message, conversions as <>. A conversion that ends with the literal goes on
// in a macro of inttypes.h.
static void add_literal(char *message, const char *c, const char *end) {
    size_t used = strlen(message);
    while (c < end && used + 3 < TEXT) {
        if (c[0] == '%' && c[1] == '%') {
            message[used++] = '%';
            c += 2;
        } else if (*c == '%') {
            message[used++] = '<';
            message[used++] = '>';
            const char *next = skip_conversion(c);
            c = next < end ? next : end;
        } else if (*c == '\\') {
            message[used++] = c[1];
            c += 2;
        } else {
            message[used++] = *c++;
        }
    }
    message[used] = '\0';
}

// The message of an argument; false where it is anything but literals, those macros, and our own in
// capitals, which are <> too.
static bool read_message(const char *c, const char *end, char message[TEXT]) {
    message[0] = '\0';
    while (c < end) {
        if (isspace((unsigned char)*c)) {
            c++;
        } else if (*c == '"') {
            const char *after = skip_literal(c);
            add_literal(message, c + 1, after - 1);
            c = after;
        } else if (strncmp(c, "PRI", 3) == 0) {
            while (in_name(*c)) c++;
        } else if (isupper((unsigned char)*c)) {
            while (in_name(*c)) c++;
            static const char any[] = "%s";
            add_literal(message, any, any + 2);
        } else {
            return false;
        }
    }
    return message[0] != '\0';
}

// The exit code named in an argument before the message; `otherwise` where there is none.
static int find_code(const char *call, const char *end, int otherwise) {
    for (size_t i = 0; codes[i].word; i++) {
        const char *at = strstr(call, codes[i].word);
        if (at && at < end) return codes[i].code;
    }
    return otherwise;
}

static int code_of(const char *name, const char *call, const char *end) {
    if (strcmp(name, "vv_tape_fail") == 0) return 2;
    if (strcmp(name, "vv_fail") == 0 || strcmp(name, "vv_say") == 0) return find_code(call, end, -1);
    return find_code(call, end, strcmp(name, "cli_usage_error") == 0 ? 2 : -1);
}

static bool is_definition(const char *name, const char *text) {
    while (name > text && isspace((unsigned char)name[-1])) name--;
    return name > text && (in_name(name[-1]) || name[-1] == '*') &&
           strncmp(name - 6, "return", 6) != 0 && strncmp(name - 4, "else", 4) != 0;
}

static bool scan_call(const char *path, const char *text, const char *name, const struct function *f) {
    const char *call = name + strlen(f->name) + 1, *argument = call;
    if (is_definition(name, text)) return true;
    if (strncmp(call, "__VA_ARGS__)", 12) == 0)
        return true;  // a macro, which has the messages of its calls
    for (unsigned i = 0; i < f->place; i++) {
        argument = skip_argument(argument);
        if (*argument) argument++;
    }
    char message[TEXT];
    int line = 1;
    for (const char *c = text; c < name; c++) line += *c == '\n';
    if (!read_message(argument, skip_argument(argument), message)) {
        (void)fprintf(stderr, "%s:%d: the message is no literal\n", path, line);
        return false;
    }
    const int code = code_of(f->name, call, argument);
    if (strcmp(f->name, "vv_say") == 0 && code < 0) return true;  // no warning
    char number[16] = "-";
    if (code >= 0) (void)snprintf(number, sizeof number, "%d", code);
    (void)printf("%s:%d\t%s\t%s\n", path, line, number, message);
    return true;
}

static bool scan(const char *path, const char *text) {
    bool ok = true;
    for (unsigned i = 0; i < function_count; i++) {
        if (functions[i].only_in && strcmp(functions[i].only_in, path) != 0) continue;
        const size_t length = strlen(functions[i].name);
        for (const char *at = text; (at = strstr(at, functions[i].name)) != NULL; at += length)
            if (at[length] == '(' && (at == text || !in_name(at[-1])))
                ok &= scan_call(path, text, at, &functions[i]);
    }
    return ok;
}

int main(int argc, char **argv) {
    bool ok = true;
    for (int i = 1; i < argc; i++) {
        char *text = read_file(argv[i]);
        blank_comments(text);
        find_functions(argv[i], text);
        free(text);
    }
    for (int i = 1; i < argc; i++) {
        char *text = read_file(argv[i]);
        blank_comments(text);
        ok &= scan(argv[i], text);
        free(text);
    }
    return ok ? 0 : 1;
}
