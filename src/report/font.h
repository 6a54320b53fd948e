// A small stroke font for chart labels: printable ASCII as line segments, so that text takes any size
// and direction and is drawn by whoever draws lines. Other characters come out as '?'.
#ifndef VV_REPORT_FONT_H
#define VV_REPORT_FONT_H

// One segment in text coordinates: x to the right from the text's start, y downwards from its baseline,
// both already multiplied by the scale.
typedef void (*vv_font_segment_fn)(void *user, double x0, double y0, double x1, double y1);

// In units of the scale: capitals are 9 high, small letters 6, descenders reach 3 below the baseline.
static const double vv_font_cap = 9, vv_font_x_height = 6, vv_font_descent = 3;

// From the first stroke's centre to the last one's; 0 for an empty text.
double vv_font_width(const char *text, double scale);
void vv_font_draw(const char *text, double scale, vv_font_segment_fn segment, void *user);

#endif
