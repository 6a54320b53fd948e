#include "options.h"

#include "config.h"
#include "suggest.h"
#include "value.h"

#include <assert.h>
#include <cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct cli_option cli_help_option = {
    .name = "help", .letter = 'h', .kind = CLI_HELP, .help = "show this help"};

bool cli_refuse(struct cli_message *message, const char *format, ...) {
    const size_t used = strlen(message->text);
    va_list list;
    va_start(list, format);
    (void)vsnprintf(message->text + used, sizeof message->text - used, format, list);
    va_end(list);
    return false;
}

bool cli_did_you_mean(struct cli_message *message, const char *before, const char *name,
                      const char *after) {
    char whole[64];
    if (!name) return false;
    (void)snprintf(whole, sizeof whole, "%s%s%s", before, name, after);
    return cli_refuse(message, "; did you mean %s?", whole);
}

bool cli_takes_value(const struct cli_option *option) {
    return option->kind != CLI_FLAG && option->kind != CLI_HELP && option->kind != CLI_ASIDE;
}

bool cli_may_take_value(const struct cli_option *option) {
    return cli_takes_value(option) || option->kind == CLI_ASIDE;
}

const struct cli_option *cli_find_option(const struct cli_command *command, const char *name,
                                         size_t length) {
    for (const struct cli_option *o = command->options; o->name; o++)
        if (strlen(o->name) == length && memcmp(o->name, name, length) == 0) return o;
    if (length == 4 && memcmp(name, "help", 4) == 0) return &cli_help_option;
    return NULL;
}

static const struct cli_option *by_letter(const struct cli_command *command, char letter) {
    for (const struct cli_option *o = command->options; o->name; o++)
        if (o->letter && o->letter == letter) return o;
    return letter == cli_help_option.letter ? &cli_help_option : NULL;
}

// The words after the command's name that are still to be read.
struct words {
    int left;
    char **next;
    bool options_ended;  // by --
};

// An option as it stands on the command line: "--batch=7" is typed "--batch" with value "7".
struct typed {
    const struct cli_option *option;
    char name[64];      // for messages: with its dashes
    const char *value;  // attached with = or to a letter; NULL: none
};

static bool unknown(const struct cli_command *command, const char *word, struct cli_message *message) {
    const char *name = word + strspn(word, "-");
    size_t length = strcspn(name, "=");
    const int shown = (int)(name - word) + (length < 60 ? (int)length : 60);
    (void)cli_refuse(message, "unknown option %.*s", shown, word);
    if (length == 1 && by_letter(command, *name))  // --n
        return cli_did_you_mean(message, "-", (const char[]){*name, 0}, "");
    struct cli_suggestion best = {0};
    for (const struct cli_option *o = command->options; o->name; o++)
        cli_suggest(&best, name, length, o->name);
    cli_suggest(&best, name, length, cli_help_option.name);
    return cli_did_you_mean(message, "--", best.name, "");
}

static bool read_long(const struct cli_command *command, const char *word, struct typed *typed,
                      struct cli_message *message) {
    const char *name = word + 2;
    size_t length = strcspn(name, "=");
    typed->option = cli_find_option(command, name, length);
    if (!typed->option) return unknown(command, word, message);
    typed->value = name[length] ? name + length + 1 : NULL;
    (void)snprintf(typed->name, sizeof typed->name, "--%s", typed->option->name);
    return true;
}

// -n64, -n=64 (getopt would take "=64" there) and -n alone, its value in the next word.
static bool read_short(const struct cli_command *command, const char *word, struct typed *typed,
                       struct cli_message *message) {
    typed->option = by_letter(command, word[1]);
    if (!typed->option || (!cli_takes_value(typed->option) && word[2]))
        return unknown(command, word, message);
    typed->value = word[2] ? word + 2 + (word[2] == '=') : NULL;
    (void)snprintf(typed->name, sizeof typed->name, "-%c", word[1]);
    return true;
}

// Rather than take --force as the folder of a forgotten --out. A negative number is not mistaken for an
// option.
static bool looks_like_option(const struct cli_command *command, const char *word) {
    return strncmp(word, "--", 2) == 0 || (word[0] == '-' && word[1] && by_letter(command, word[1]));
}

static bool take_value(struct cli_arguments *a, struct typed *typed, struct words *words,
                       struct cli_message *message) {
    if (typed->value) return true;
    if (words->left && !looks_like_option(a->command, *words->next)) {
        typed->value = *words->next++;
        words->left--;
        return true;
    }
    if (words->left)
        return cli_refuse(
            message,
            "%s needs a value, not %.60s; one that starts with a dash is joined to it by =", typed->name,
            *words->next);
    return cli_refuse(message, "%s needs a value; give it as %s=%s", typed->name, typed->name,
                      typed->option->value);
}

// --flag=false, for a flag that a file of --config has set.
static void switch_off(struct cli_arguments *a, const struct cli_option *flag) {
    const size_t number = (size_t)(flag - a->command->options);
    void *field = (char *)a->values + flag->offset;
    if (flag->kind == CLI_ASIDE)
        *(const char **)field = NULL;
    else
        *(bool *)field = false;
    cli_set_remove(&a->given, number);
    cli_set_remove(&a->configured, number);
}

static bool read_option(struct cli_arguments *a, const char *word, struct words *words,
                        struct cli_message *message) {
    struct typed typed = {0};
    bool is_long = word[1] == '-';
    if (!(is_long ? read_long : read_short)(a->command, word, &typed, message)) return false;
    const bool flag = typed.option->kind == CLI_FLAG || typed.option->kind == CLI_ASIDE;
    if (flag && typed.value && strcmp(typed.value, "false") == 0) {
        switch_off(a, typed.option);
        return true;
    }
    if (!cli_may_take_value(typed.option) && typed.value)
        return cli_refuse(message, "%s takes no value; leave '=%.60s' out", typed.name, typed.value);
    if (typed.option->kind == CLI_HELP) {
        a->help = true;
        return true;
    }
    if (cli_takes_value(typed.option) && !take_value(a, &typed, words, message)) return false;
    if (!cli_value_set(typed.option, typed.name, typed.value, a->values, message)) return false;
    if (typed.option->kind == CLI_CONFIG) a->config = typed.value;
    cli_set_add(&a->given, (size_t)(typed.option - a->command->options));
    return true;
}

static bool read_operand(struct cli_arguments *a, const char *word, struct cli_message *message) {
    const struct cli_command *c = a->command;
    if (!c->operand)
        return cli_refuse(message, "unexpected '%.60s': %s takes options only; leave it out", word,
                          c->name);
    const uint32_t most = c->many_operands ? UINT32_MAX : c->operand_of_two_words || c->second ? 2 : 1;
    const char *name = c->second && a->operand_count ? c->second : c->operand;
    if (a->operand_count == most)
        return cli_refuse(message, "unexpected '%.60s': one %s is enough", word, name);
    if (!*word) return cli_refuse(message, "%s is empty; give it a value", name);
    a->operands[a->operand_count++] = word;
    a->operand = a->operands[0];
    return true;
}

// An empty variable counts as none, as is usual.
static void read_environment(const struct cli_arguments *a) {
    for (const struct cli_option *o = a->command->options; o->name; o++) {
        const char *text = o->environment ? getenv(o->environment) : NULL;
        if (text && *text) *(const char **)((char *)a->values + o->offset) = text;
    }
}

static bool read_words(struct cli_arguments *a, int argc, char **argv, struct cli_message *message) {
    struct words words = {.left = argc, .next = argv};
    a->operand = NULL;
    a->operand_count = 0;
    while (words.left && !a->help) {
        const char *word = *words.next++;
        words.left--;
        bool ok = true;
        if (words.options_ended || word[0] != '-' || !word[1])
            ok = read_operand(a, word, message);
        else if (strcmp(word, "--") == 0)
            words.options_ended = true;
        else
            ok = read_option(a, word, &words, message);
        if (!ok) return false;
    }
    return true;
}

bool cli_parse(struct cli_arguments *a, int argc, char **argv, struct cli_message *message) {
    *message = (struct cli_message){.bad_file = false};
    read_environment(a);
    if (!read_words(a, argc, argv, message)) return false;
    if (a->help) return true;
    if (a->config) {
        const struct cli_set typed = a->given;
        if (!cli_config_read(a, message)) return false;
        for (size_t i = 0; i < CLI_MAX_OPTIONS; i++)
            if (cli_set_has(&typed, i)) cli_set_remove(&a->configured, i);
        // Once more, over what the file says; they were right before.
        (void)read_words(a, argc, argv, message);
    }
    const struct cli_command *c = a->command;
    if (!a->operand && c->operand_required)
        return cli_refuse(message, "%s is missing; give %s", c->operand, c->operand_help);
    if (c->second && a->operand_count < 2)
        return cli_refuse(message, "%s is missing; give %s", c->second, c->second_help);
    return true;
}

void cli_arguments_finish(struct cli_arguments *a) {
    cJSON_Delete(a->file);
    a->file = NULL;
}

static size_t number_of(const struct cli_arguments *a, const char *name) {
    const struct cli_option *option = cli_find_option(a->command, name, strlen(name));
    assert(option && option - a->command->options < CLI_MAX_OPTIONS);
    return (size_t)(option - a->command->options);
}

bool cli_given(const struct cli_arguments *a, const char *name) {
    return cli_set_has(&a->given, number_of(a, name));
}

bool cli_typed(const struct cli_arguments *a, const char *name) {
    const size_t number = number_of(a, name);
    return cli_set_has(&a->given, number) && !cli_set_has(&a->configured, number);
}
