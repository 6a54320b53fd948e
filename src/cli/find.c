#include "find.h"

#include "options.h"
#include "output.h"
#include "suggest.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

enum { NAME_ROOM = 128 };

size_t cli_first_word(const struct cli_command *command) {
    return strcspn(command->name, " ");
}

static bool begins_with(const struct cli_command *command, const char *first) {
    const size_t length = cli_first_word(command);
    return strlen(first) == length && memcmp(command->name, first, length) == 0;
}

// Whether the words, one or two, are a command's name.
static bool is_named(const struct cli_command *command, const char *first, const char *second) {
    const char *rest = command->name + cli_first_word(command);
    return begins_with(command, first) && (!*rest || (second && strcmp(rest + 1, second) == 0));
}

const struct cli_command *cli_find_command(const char *first, const char *second) {
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        if (is_named(*c, first, second)) return *c;
    return NULL;
}

static const struct cli_group *find_group(const char *word, size_t length) {
    for (const struct cli_group *g = cli_groups; g->name; g++)
        if (strlen(g->name) == length && memcmp(g->name, word, length) == 0) return g;
    return NULL;
}

const struct cli_group *cli_find_group(const char *first) {
    return find_group(first, strlen(first));
}

const char *cli_first_word_summary(const struct cli_command *command) {
    const struct cli_group *group = find_group(command->name, cli_first_word(command));
    return group ? group->summary : command->summary;
}

bool cli_begins_group(const struct cli_command *const *command) {
    const size_t length = cli_first_word(*command);
    if (!(*command)->name[length]) return false;
    for (const struct cli_command *const *c = cli_commands; c != command; c++)
        if (cli_first_word(*c) == length && memcmp((*c)->name, (*command)->name, length) == 0)
            return false;
    return true;
}

// "shapes or info"
static void list_second_words(const char *first, char *text, size_t size) {
    const char *found[32] = {NULL};
    size_t count = 0;
    for (const struct cli_command *const *c = cli_commands; *c && count < 31; c++)
        if (begins_with(*c, first)) found[count++] = (*c)->name + strlen(first) + 1;
    cli_list_choices(found, text, size);
}

// The nearest name; where only a first word was typed, that of a group counts too, copied to `group`.
static const char *nearest(const char *first, const char *second, char group[NAME_ROOM]) {
    char both[NAME_ROOM];
    struct cli_suggestion best = {0};
    (void)snprintf(both, sizeof both, "%.60s %.60s", first, second ? second : "");
    for (const struct cli_command *const *c = cli_commands; *c; c++) {
        char word[NAME_ROOM];
        if (!strchr((*c)->name, ' ')) {
            cli_suggest(&best, first, strlen(first), (*c)->name);
        } else if (second) {
            cli_suggest(&best, both, strlen(both), (*c)->name);
        } else {
            (void)snprintf(word, sizeof word, "%.*s", (int)cli_first_word(*c), (*c)->name);
            cli_suggest(&best, first, strlen(first), word);
            if (best.name != word) continue;
            memcpy(group, word, sizeof word);
            best.name = group;
        }
    }
    return best.name;
}

int cli_no_such_command(const char *first, const char *second) {
    char text[NAME_ROOM] = "";
    if (cli_find_group(first) && !second) {
        list_second_words(first, text, sizeof text);
        return cli_usage_error(NULL, "%s needs a second word: %s", first, text);
    }
    const char *best = nearest(first, second, text);
    const bool both = second && (cli_find_group(first) || (best && strchr(best, ' ')));
    struct cli_message message = {.bad_file = false};
    char typed[NAME_ROOM];
    (void)snprintf(typed, sizeof typed, "%.60s%s%.60s", first, both ? " " : "", both ? second : "");
    (void)cli_refuse(&message, "no command '%s'", typed);
    (void)cli_did_you_mean(&message, "", best, "");
    return cli_usage_error(NULL, "%s", message.text);
}
