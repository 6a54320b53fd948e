#include "font.h"

#include <stddef.h>

// A glyph is a list of strokes parted by spaces; a stroke is a list of points; a point is two hex
// digits, x from the left edge and y from the top of the capitals (0) over the top of the small letters
// (3) and the baseline (9) to the descenders (c). A stroke is a polyline; after '~' a quadratic B-spline
// from its first to its last point; after 'o' a closed one, which touches the middles of its control
// polygon's edges.
static const char *const glyphs[127] = {
    [' '] = "",  // two units, see width_of
    ['!'] = "0006 0809",
    ['"'] = "0002 2022",
    ['#'] = "2019 5049 0363 0666",
    ['$'] = "~4241010445480807 2029",
    ['%'] = "o00202303 o46666949 6009",
    ['&'] = "~6912104042050949 4965",
    ['\''] = "0002",
    ['('] = "~2003082b",
    [')'] = "~0023280b",
    ['*'] = "2125 0244 4204",
    ['+'] = "3339 0666",
    [','] = "180b",
    ['-'] = "0636",
    ['.'] = "0809",
    ['/'] = "4009",
    ['0'] = "o00505909",
    ['1'] = "123039",
    ['2'] = "~0200505409 0959",
    ['3'] = "~020050544424 ~2454590907",
    ['4'] = "49400656",
    ['5'] = "501004 ~040353590908",
    ['6'] = "~5150000407 o04545909",
    ['7'] = "005029",
    ['8'] = "o00505404 o04545909",
    ['9'] = "~5255590908 o00505505",
    [':'] = "0405 0809",
    [';'] = "1415 180b",
    ['<'] = "530659",
    ['='] = "0454 0757",
    ['>'] = "035609",
    ['?'] = "~020040432426 2829",
    ['@'] = "~6a0a00808767 6367 o23636727",
    ['A'] = "093069 1656",
    ['B'] = "0009 ~002050542404 ~042464692909",
    ['C'] = "~626000096967",
    ['D'] = "0009 ~002060692909",
    ['E'] = "50000959 0444",
    ['F'] = "500009 0444",
    ['G'] = "~626000096965 6535",
    ['H'] = "0009 6069 0464",
    ['I'] = "0009",
    ['J'] = "~4044490907",
    ['K'] = "0009 5005 2359",
    ['L'] = "000959",
    ['M'] = "0900478089",
    ['N'] = "09006960",
    ['O'] = "o00606909",
    ['P'] = "0009 ~002060652505",
    ['Q'] = "o00606909 476a",
    ['R'] = "0009 ~002060652505 3569",
    ['S'] = "~5250000455590907",
    ['T'] = "0060 3039",
    ['U'] = "~000509696560",
    ['V'] = "003960",
    ['W'] = "0029426980",
    ['X'] = "0069 6009",
    ['Y'] = "003460 3439",
    ['Z'] = "00600969",
    ['['] = "20000b2b",
    ['\\'] = "0049",
    [']'] = "00202b0b",
    ['^'] = "032043",
    ['_'] = "0b5b",
    ['`'] = "0022",
    ['a'] = "~0403434649 ~4606094947",
    ['b'] = "0009 o03535909",
    ['c'] = "~545303095958",
    ['d'] = "5059 o03535909",
    ['e'] = "0656 ~565303095958",
    ['f'] = "~30101419 0333",
    ['g'] = "~53585c0c0b o03535909",
    ['h'] = "0009 ~0603434649",
    ['i'] = "0309 0001",
    ['j'] = "~23292c0c 2021",
    ['k'] = "0009 4307 2549",
    ['l'] = "0009",
    ['m'] = "0309 ~0603434649 ~4643838689",
    ['n'] = "0309 ~0603434649",
    ['o'] = "o03535909",
    ['p'] = "030c o03535909",
    ['q'] = "535c o03535909",
    ['r'] = "0309 ~060333",
    ['s'] = "~4443030646490908",
    ['t'] = "~11161939 0333",
    ['u'] = "~0306094946 4349",
    ['v'] = "032943",
    ['w'] = "0329446983",
    ['x'] = "0349 4309",
    ['y'] = "0329 431c0c",
    ['z'] = "03430949",
    ['{'] = "~30101505 ~05151b3b",
    ['|'] = "000b",
    ['}'] = "~00202535 ~35252b0b",
    ['~'] = "~07045855",
};

enum { GAP = 3, SPACE = 2, POINTS_MAX = 16, SPLINE_STEPS = 6 };

static const double baseline = 9;

struct point {
    double x, y;
};

struct pen {
    double x, scale;  // where the glyph begins
    vv_font_segment_fn segment;
    void *user;
};

static int hex(char c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

// The next character as an index into glyphs; a UTF-8 sequence counts as one '?'.
static size_t next_glyph(const char **text) {
    unsigned char c = (unsigned char)*(*text)++;
    if (c >= 0xc0)
        while (((unsigned char)**text & 0xc0) == 0x80) (*text)++;
    return c >= ' ' && c <= '~' ? c : '?';
}

static int width_of(size_t glyph) {
    int width = glyph == ' ' ? SPACE : 0;
    for (const char *at = glyphs[glyph]; *at;) {
        if (*at == ' ' || *at == '~' || *at == 'o') {
            at++;
            continue;
        }
        if (hex(*at) > width) width = hex(*at);
        at += 2;
    }
    // Digits are equally wide, so that numbers in a column line up.
    return glyph >= '0' && glyph <= '9' ? 5 : width;
}

static struct point middle(struct point a, struct point b) {
    return (struct point){(a.x + b.x) / 2, (a.y + b.y) / 2};
}

static void line(const struct pen *pen, struct point a, struct point b) {
    pen->segment(pen->user, pen->x + a.x * pen->scale, (a.y - baseline) * pen->scale,
                 pen->x + b.x * pen->scale, (b.y - baseline) * pen->scale);
}

// The parabola from a to c with control point b.
static void parabola(const struct pen *pen, struct point a, struct point b, struct point c) {
    struct point last = a;
    for (int i = 1; i <= SPLINE_STEPS; i++) {
        double t = (double)i / (double)SPLINE_STEPS, u = 1 - t;
        struct point next = {u * u * a.x + 2 * u * t * b.x + t * t * c.x,
                             u * u * a.y + 2 * u * t * b.y + t * t * c.y};
        line(pen, last, next);
        last = next;
    }
}

static void stroke(const struct pen *pen, char kind, const struct point *p, int count) {
    if (kind == 'o') {
        for (int i = 0; i < count; i++) {
            struct point before = p[(i + count - 1) % count], after = p[(i + 1) % count];
            parabola(pen, middle(before, p[i]), p[i], middle(p[i], after));
        }
        return;
    }
    if (kind == '~') {
        for (int i = 1; i + 1 < count; i++)
            parabola(pen, i == 1 ? p[0] : middle(p[i - 1], p[i]), p[i],
                     i + 2 == count ? p[i + 1] : middle(p[i], p[i + 1]));
        return;
    }
    for (int i = 1; i < count; i++) line(pen, p[i - 1], p[i]);
}

static void draw_glyph(const struct pen *pen, const char *at) {
    struct point points[POINTS_MAX];
    while (*at) {
        int count = 0;
        char kind = *at == '~' || *at == 'o' ? *at++ : 0;
        for (; *at && *at != ' '; at += 2)
            if (count < POINTS_MAX) points[count++] = (struct point){hex(at[0]), hex(at[1])};
        stroke(pen, kind, points, count);
        if (*at == ' ') at++;
    }
}

double vv_font_width(const char *text, double scale) {
    int width = 0;
    while (*text) width += width_of(next_glyph(&text)) + GAP;
    return width > GAP ? (width - GAP) * scale : 0;
}

void vv_font_draw(const char *text, double scale, vv_font_segment_fn segment, void *user) {
    struct pen pen = {.x = 0, .scale = scale, .segment = segment, .user = user};
    while (*text) {
        size_t glyph = next_glyph(&text);
        draw_glyph(&pen, glyphs[glyph]);
        pen.x += (width_of(glyph) + GAP) * scale;
    }
}
