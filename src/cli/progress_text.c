#include "progress_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_BAR = 40, SHORTEST_BAR = 5, BAR_FRAME = 4 };  // frame: two spaces and the brackets

void cli_duration(double seconds, char *text, size_t size) {
    if (!(seconds >= 0 && seconds < 3.6e8)) {  // NaN too
        (void)snprintf(text, size, "?");
        return;
    }
    unsigned long s = (unsigned long)ceil(seconds);
    if (s < 3600)
        (void)snprintf(text, size, "%lu:%02lu", s / 60, s % 60);
    else
        (void)snprintf(text, size, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

void cli_count(double count, char *text, size_t size) {
    if (!(count >= 0 && count < 1e15))
        (void)snprintf(text, size, "?");
    else if (count < 999.5)
        (void)snprintf(text, size, "%.0f", count);
    else if (count < 99950)
        (void)snprintf(text, size, "%.1fk", count / 1e3);
    else if (count < 999500)
        (void)snprintf(text, size, "%.0fk", count / 1e3);
    else
        (void)snprintf(text, size, "%.1fM", count / 1e6);
}

static double share(const vkvae_progress *p) {
    if (p->steps == 0) return 0;
    return p->step >= p->steps ? 1 : (double)p->step / p->steps;
}

static void make_bar(double done, size_t width, char bar[LONGEST_BAR + 1]) {
    size_t full = (size_t)(done * (double)width);
    memset(bar, ' ', width);
    memset(bar, '=', full);
    if (full < width) bar[full] = '>';
    bar[width] = 0;
}

struct parts {
    char epoch[32], percent[8], speed[48], loss[48], left[32];
};

static void make_parts(const vkvae_progress *p, struct parts *parts) {
    char left[24], speed[32];
    cli_duration(p->seconds_left, left, sizeof left);
    if (p->images_per_second >= 0 && p->images_per_second < 1e15)
        (void)snprintf(speed, sizeof speed, "%.0f", p->images_per_second);
    else
        (void)snprintf(speed, sizeof speed, "?");
    (void)snprintf(parts->epoch, sizeof parts->epoch, "epoch %u/%u", p->epoch, p->epochs);
    (void)snprintf(parts->percent, sizeof parts->percent, "%3.0f%%", floor(100 * share(p)));
    (void)snprintf(parts->speed, sizeof parts->speed, "  %s images/s", speed);
    (void)snprintf(parts->loss, sizeof parts->loss, fabs(p->loss) < 1e7 ? "  loss %.2f" : "  loss %.3g",
                   p->loss);
    (void)snprintf(parts->left, sizeof parts->left, "  left %s", left);
}

// What fits where not even the epoch does: the percentage, or nothing.
static size_t shortest(const struct parts *s, size_t limit, char *text) {
    const char *percent = s->percent + strspn(s->percent, " ");
    const size_t length = strlen(percent) <= limit ? strlen(percent) : 0;
    memcpy(text, percent, length);
    text[length] = 0;
    return length;
}

size_t cli_progress_line(const vkvae_progress *p, size_t width, char *text, size_t size) {
    struct parts s = {0};
    char bar[LONGEST_BAR + 1] = "";
    make_parts(p, &s);
    const size_t limit = width < size ? width : size - 1;
    for (int less = 0; less <= 4; less++) {
        size_t used =
            (size_t)snprintf(text, size, "%s %s%s%s%s", s.epoch, s.percent, less < 2 ? s.speed : "",
                             less < 4 ? s.loss : "", less < 3 ? s.left : "");
        if (less == 0) used += SHORTEST_BAR + BAR_FRAME;
        if (used > limit) continue;
        if (less > 0) return used;
        size_t room = limit - used + SHORTEST_BAR;
        make_bar(share(p), room < LONGEST_BAR ? room : LONGEST_BAR, bar);
        return (size_t)snprintf(text, size, "%s  [%s] %s%s%s%s", s.epoch, bar, s.percent, s.speed,
                                s.loss, s.left);
    }
    return shortest(&s, limit, text);
}

void cli_progress_plain(const vkvae_progress *p, char *text, size_t size) {
    struct parts s = {0};
    make_parts(p, &s);
    (void)snprintf(text, size, "%s  step %u/%u%s%s%s", s.epoch, p->step, p->steps, s.speed, s.loss,
                   s.left);
}
