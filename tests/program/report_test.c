// `report` and `train --report`: the page's structure, that it loads nothing, and that what is in it is
// what the run's files hold. A browser looks at it in scripts/test-peers.sh.
#include "told.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- The page ----

static char *read_page(const char *path) {
    return (char *)read_bytes(path, NULL);
}

static const char *const void_elements[] = {"meta", "img", "input", "!DOCTYPE", NULL};

static bool is_void(const char *name) {
    for (int i = 0; void_elements[i]; i++)
        if (strcmp(name, void_elements[i]) == 0) return true;
    return false;
}

// The end of a tag that begins at `at`: quotes are balanced, and no < is in it.
static const char *end_of_tag(const char *at) {
    bool quoted = false;
    for (at++; *at && (quoted || *at != '>'); at++) {
        if (*at == '"') quoted = !quoted;
        assert_true(*at != '<');
    }
    assert_true(*at == '>');
    return at + 1;
}

// Each element is closed, in order; the text of scripts and styles is passed over.
static void assert_well_formed(const char *page) {
    char stack[64][32];
    int depth = 0;
    for (const char *at = strchr(page, '<'); at; at = strchr(at, '<')) {
        char name[32] = "";
        const bool closes = at[1] == '/';
        (void)sscanf(at + 1 + closes, "%31[!A-Za-z0-9]", name);
        if (!*name) fail_msg("no tag: %.40s", at);
        const char *end = end_of_tag(at);
        if (closes) {
            assert_true(depth > 0);
            if (strcmp(stack[--depth], name) != 0) fail_msg("%s ends %s", name, stack[depth]);
        } else if (!is_void(name)) {
            assert_true(depth < 64);
            memcpy(stack[depth++], name, sizeof name);
        }
        if (!closes && (strcmp(name, "script") == 0 || strcmp(name, "style") == 0)) {
            char close[40];
            (void)snprintf(close, sizeof close, "</%s>", name);
            end = strstr(end, close);
            assert_non_null(end);
        }
        at = end;
    }
    assert_int_equal(depth, 0);
    for (const char *at = page; (at = strchr(at, '&')) != NULL; at++)
        if (at[1] == ' ') assert_true(at[2] != '<');  // ours are entities, or operators of a script
}

static void assert_loads_nothing(const char *page) {
    static const char *const loads[] = {"src=\"http", "src=\"//",       "href=",   "@import",
                                        "url(",       "<link",          "<iframe", "fetch(",
                                        "import(",    "XMLHttpRequest", NULL};
    for (int i = 0; loads[i]; i++)
        if (strstr(page, loads[i])) fail_msg("%s: %.60s", loads[i], strstr(page, loads[i]));
}

static cJSON *data_of(const char *page) {
    static const char start[] = "<script type=\"application/json\" id=\"data\">";
    const char *from = strstr(page, start);
    assert_non_null(from);
    from += sizeof start - 1;
    cJSON *data = cJSON_ParseWithLength(from, (size_t)(strstr(from, "</script>") - from));
    assert_non_null(data);
    return data;
}

// A decoder of its own, by the table of RFC 4648.
static int digit_of(char c) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = strchr(digits, c);
    return found && *found ? (int)(found - digits) : -1;
}

static size_t decode64(const char *text, unsigned char *to) {
    unsigned bits = 0;
    size_t count = 0;
    int have = 0;
    for (; digit_of(*text) >= 0; text++) {
        bits = (bits << 6 | (unsigned)digit_of(*text)) & 0xFFFF;
        have += 6;
        if (have < 8) continue;
        have -= 8;
        to[count++] = (unsigned char)(bits >> have);
    }
    return count;
}

// The picture of a kind and an epoch is the file's bytes.
static void assert_picture(struct room *r, const char *page, const char *run, const char *kind,
                           unsigned epoch) {
    char start[128];
    (void)snprintf(start, sizeof start, "<figure data-kind=\"%s\" data-epoch=\"%u\">", kind, epoch);
    const char *at = strstr(page, start);
    if (!at) fail_msg("no %s", start);
    at = strstr(at, "base64,");
    assert_non_null(at);
    size_t size;
    unsigned char *file = read_bytes(in(r, "%s/%s-%03u.png", run, kind, epoch), &size);
    unsigned char *picture = malloc(strcspn(at, "\""));
    assert_non_null(picture);
    assert_int_equal(decode64(at + 7, picture), size);
    assert_memory_equal(picture, file, size);
    free(picture);
    free(file);
}

static void report_or_skip(struct room *r, const char *run) {
    RUN(r, "report", run);
    if (r->code == 2 && strstr(r->err, "built without the library")) skip();
    assert_ok(r);
}

// ---- Tests ----

static void the_page_holds_what_the_files_hold(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "run"), "3");
    report_or_skip(r, in(r, "run"));
    char *page = read_page(in(r, "run/report.html"));
    assert_well_formed(page);
    assert_loads_nothing(page);
    assert_has(page, "Permission is hereby granted");  // the library's licence
    assert_has(page, "prefers-color-scheme: dark");
    assert_int_equal(count_of(page, "data:image/png;base64,"), 6);
    for (unsigned epoch = 1; epoch <= 3; epoch++) {
        assert_picture(r, page, "run", "reconstruction", epoch);
        assert_picture(r, page, "run", "samples", epoch);
    }
    cJSON *data = data_of(page);
    const cJSON *epochs = cJSON_GetObjectItemCaseSensitive(data, "epochs");
    assert_int_equal(cJSON_GetArraySize(epochs), 3);
    for (uint32_t i = 1; i <= 3; i++) {
        cJSON *line = metrics_line(in(r, "run/metrics.jsonl"), i);
        assert_true(cJSON_Compare(line, cJSON_GetArrayItem(epochs, (int)i - 1), true));
        cJSON_Delete(line);
    }
    assert_string_equal(text_of(data, "name"), "run");
    cJSON_Delete(data);
    assert_has(page, "<th scope=\"row\">hidden</th><td>32</td>");
    assert_has(page, "<th scope=\"row\">data_checksum</th>");
    free(page);
    assert_tidy(in(r, "run"));
}

static void each_epoch_makes_it_anew(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "without"), "2");
    report_or_skip(r, in(r, "without"));
    assert_int_equal(remove(in(r, "without/report.html")), 0);
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--report", "--out", in(r, "run"));
    assert_ok(r);
    char *first = read_page(in(r, "run/report.html"));
    RUN(r, "train", "--resume", in(r, "run"), "--epochs", "2", "--report", "--profile");
    assert_ok(r);
    char *page = read_page(in(r, "run/report.html"));
    assert_int_equal(count_of(first, "<figure "), 2);
    assert_int_equal(count_of(page, "<figure "), 4);
    assert_has(page, "<h2 id=\"profile\">Profile</h2>");
    assert_well_formed(page);
    assert_null(strstr(first, "id=\"profile\""));
    free(first);
    free(page);
    assert_int_equal(remove(in(r, "run/report.html")), 0);
    assert_same_run(in(r, "run"), in(r, "without"));
}

static void few_epochs_have_their_pictures_where_asked(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "run"), "7");
    report_or_skip(r, in(r, "run"));
    RUN(r, "report", in(r, "run"), "--epochs", "3", "-o", in(r, "x.html"), "--json");
    assert_ok(r);
    cJSON *json = json_of(r);
    assert_string_equal(text_of(json, "out"), in(r, "x.html"));
    cJSON_Delete(json);
    char *page = read_page(in(r, "x.html"));
    assert_int_equal(count_of(page, "<figure "), 6);
    assert_int_equal(count_of(page, "data-epoch=\"1\""), 2);
    assert_int_equal(count_of(page, "data-epoch=\"4\""), 2);
    assert_int_equal(count_of(page, "data-epoch=\"7\""), 2);
    assert_has(page, "3 of 7 epochs have their pictures here.");
    free(page);
}

// Names and texts from outside stay texts.
static void what_is_from_outside_stays_text(void **state) {
    struct room *r = *state;
    static const char name[] = "<script>alert(1)<b>&\"'\x1B";
    static const char words[] = "<b>one</b> &amp; two\n</pre><script>x\nthree </script>\nfour five\n";
    train_small(r, in(r, "%s", name), "1");
    report_or_skip(r, in(r, "%s", name));
    char *page = read_page(in(r, "%s/report.html", name));
    assert_well_formed(page);
    assert_has(page, "<h1>&lt;script&gt;alert(1)&lt;b&gt;&amp;&quot;&#39;\xEF\xBF\xBD</h1>");
    cJSON *data = data_of(page);
    assert_string_equal(text_of(data, "name"), name);
    cJSON_Delete(data);
    free(page);

    write_bytes(in(r, "words.txt"), words, sizeof words - 1);
    RUN(r, "train", "--data", in(r, "words.txt"), "--tokens", "chars", "--length", "20", "--hidden", "4",
        "--latent", "2", "--batch", "2", "--epochs", "1", "--out", in(r, "text"), "--report");
    assert_ok(r);
    page = read_page(in(r, "text/report.html"));
    assert_well_formed(page);
    assert_int_equal(count_of(page, "<pre>"), 2);
    assert_int_equal(count_of(page, "<script"), 3);
    free(page);
}

static void what_others_made_is_shown(void **state) {
    struct room *r = *state;
    static const char map[] = "x,y,label\n0.5,1,</script>\n-1,2,b\n";
    train_small(r, in(r, "run"), "1");
    copy_folder(in(r, "run"), in(r, "bad"));
    RUN(r, "train", "--data", in(r, "set"), SMALL, "--epochs", "1", "--out", in(r, "other"));
    assert_int_equal(rename(in(r, "other/samples-001.png"), in(r, "run/traversal.png")), 0);
    assert_int_equal(rename(in(r, "other/loss.png"), in(r, "run/map.png")), 0);
    write_bytes(in(r, "run/map.csv"), map, sizeof map - 1);
    report_or_skip(r, in(r, "run"));
    char *page = read_page(in(r, "run/report.html"));
    assert_well_formed(page);
    assert_int_equal(count_of(page, "data:image/png;base64,"), 4);
    assert_has(page, "<h2 id=\"traversals\">");
    assert_has(page, "<canvas id=\"map\"");
    assert_has(page, "<ul id=\"map-legend\"");
    cJSON *data = data_of(page);
    assert_string_equal(text_of(data, "map"), map);
    cJSON_Delete(data);
    free(page);
    write_bytes(in(r, "bad/traversal.png"), "no picture", 10);
    RUN(r, "report", in(r, "bad"));
    ASSERT_REFUSED(r, 4, "bad/traversal.png: is no PNG");
    assert_false(exists(in(r, "bad/report.html")));
}

static void what_a_run_can_make_is_looked_at_where_asked(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "run"), "1");
    report_or_skip(r, in(r, "run"));
    RUN(r, "report", in(r, "run"), "--explore");
    assert_ok(r);
    char *page = read_page(in(r, "run/report.html"));
    assert_well_formed(page);
    assert_has(page, "<h2 id=\"traversals\">");
    assert_has(page, "<canvas id=\"map\"");
    free(page);
    RUN(r, "project", in(r, "run"), "-o", in(r, "map.png"), "--csv", in(r, "map.csv"));
    assert_ok(r);
    assert_same_file(in(r, "map.csv"), in(r, "run/map.csv"));
    remove_tree(in(r, "set"));
    RUN(r, "report", in(r, "run"), "--explore", "-o", in(r, "late.html"));
    assert_int_equal(r->code, 4);
    assert_false(exists(in(r, "late.html")));
}

static void runs_that_cannot_be_read_are_refused(void **state) {
    struct room *r = *state;
    train_small(r, in(r, "run"), "1");
    report_or_skip(r, in(r, "run"));
    RUN(r, "report");
    ASSERT_REFUSED(r, 2, "RUN is missing");
    RUN(r, "report", in(r, "nowhere"));
    ASSERT_REFUSED(r, 4, "nowhere: holds no config.json");
    RUN(r, "report", in(r, "run"), "-o", in(r, "x.pdf"));
    ASSERT_REFUSED(r, 2, "ends in .html");
    RUN(r, "report", in(r, "run"), "-o", in(r, "nowhere/x.html"));
    ASSERT_REFUSED(r, 1, "nowhere/x.html");
    // A run without an epoch has a page, too.
    assert_int_equal(remove(in(r, "run/metrics.jsonl")), 0);
    RUN(r, "report", in(r, "run"));
    assert_ok(r);
    char *page = read_page(in(r, "run/report.html"));
    assert_well_formed(page);
    free(page);
}

int main(void) {
    begin(false);
    const struct CMUnitTest tests[] = {
        ROOM(the_page_holds_what_the_files_hold),
        ROOM(each_epoch_makes_it_anew),
        ROOM(few_epochs_have_their_pictures_where_asked),
        ROOM(what_is_from_outside_stays_text),
        ROOM(what_others_made_is_shown),
        ROOM(what_a_run_can_make_is_looked_at_where_asked),
        ROOM(runs_that_cannot_be_read_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
