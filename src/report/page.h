// The page of a report: a template, a style, a script and a library for charts, which are in the
// program.
#ifndef VV_REPORT_PAGE_H
#define VV_REPORT_PAGE_H

#include "html.h"

// Whether they are: the library for charts was here when the program was built.
bool vv_page_is_there(void);

// Adds what a place in the template, {{name}}, is to hold.
typedef void (*vv_page_fill)(void *user, const char *name, struct vv_html *html);

// The whole page; what is no part of the program is asked for.
void vv_page_print(struct vv_html *html, vv_page_fill fill, void *user);

#endif
