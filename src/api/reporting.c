#include "reporting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comparing.h"
#include "file.h"
#include "page.h"
#include "report_pictures.h"
#include "settings.h"

static const uint64_t most = UINT64_C(1) << 28;  // bytes of a file that goes into a page

struct report {
    struct vv_context *ctx;
    const char *folder;
    uint32_t epochs;
    const vkvae_profile *profile;
    struct vv_compared run;
    cJSON *config;
    char *metrics;  // the lines of metrics.jsonl; NULL: none yet
    char *map;      // the table of map.csv; NULL: none
    bool failed;    // a file could not be read, and the context says so
};

bool vv_report_check(struct vv_context *ctx, const char *what) {
    if (vv_page_is_there()) return true;
    return vv_fail(ctx, VV_USAGE,
                   "%s: this vkvae was built without the library that draws the charts; run "
                   "scripts/setup.sh with npm at hand and build again, or leave it out",
                   what);
}

// ---- Reading ----

// Of a file that need not be there.
static bool read_text(struct report *r, const char *name, char **text) {
    unsigned char *bytes = NULL;
    uint64_t size;
    char *path = vv_path_join(r->ctx, r->folder, name);
    const bool ok =
        path && (!vv_path_exists(path) || vv_file_read_itself(r->ctx, path, most, &bytes, &size));
    free(path);
    *text = (char *)bytes;
    return ok;
}

static bool read_run(struct report *r) {
    char *config = NULL;
    bool ok = vv_compared_read(r->ctx, r->folder, &r->run) && read_text(r, "config.json", &config) &&
              read_text(r, "metrics.jsonl", &r->metrics) && read_text(r, "map.csv", &r->map);
    r->config = config ? cJSON_Parse(config) : NULL;  // it was read before, and is sound
    free(config);
    return ok;
}

// ---- Parts of the page ----

static const char *epoch_words(uint32_t count) {
    return count == 1 ? "epoch" : "epochs";
}

static void add_lead(struct report *r, struct vv_html *html) {
    const struct vv_metrics *m = &r->run.metrics;
    const struct vv_settings *s = r->run.settings;
    const uint32_t best = vv_metrics_best(m);
    vv_html_escape(html, s->data);
    vv_html_add(html, " &middot; ");
    vv_html_escape(html, s->model);
    vv_html_print(html, ", latent %u &middot; %u of %u %s", s->latent, m->count, s->epochs,
                  epoch_words(s->epochs));
    if (best)
        vv_html_print(html, " &middot; best test loss %.2f at epoch %u",
                      m->rows[best - 1].test_recon + m->rows[best - 1].test_kl, best);
}

static void add_table(const struct report *r, struct vv_html *html) {
    const struct vv_metrics *m = &r->run.metrics;
    vv_html_add(html, "<table class=\"numbers\"><thead><tr><th scope=\"col\">epoch</th>"
                      "<th scope=\"col\">test loss</th><th scope=\"col\">recon</th>"
                      "<th scope=\"col\">KL</th><th scope=\"col\">train loss</th>"
                      "<th scope=\"col\">recon</th><th scope=\"col\">KL</th></tr></thead><tbody>\n");
    for (uint32_t i = 0; i < m->count; i++) {
        const struct vv_metrics_row *w = &m->rows[i];
        vv_html_print(html,
                      "<tr><th scope=\"row\">%u</th><td>%.2f</td><td>%.2f</td><td>%.2f</td>"
                      "<td>%.2f</td><td>%.2f</td><td>%.2f</td></tr>\n",
                      i + 1, w->test_recon + w->test_kl, w->test_recon, w->test_kl,
                      w->train_recon + w->train_kl, w->train_recon, w->train_kl);
    }
    vv_html_add(html, "</tbody></table>");
}

static void add_rows(const cJSON *object, struct vv_html *html) {
    const cJSON *item;
    cJSON_ArrayForEach(item, object) {
        char *value = cJSON_IsString(item) ? NULL : cJSON_PrintUnformatted(item);
        if (cJSON_IsObject(item)) {
            cJSON_free(value);
            continue;
        }
        vv_html_add(html, "<tr><th scope=\"row\">");
        vv_html_escape(html, item->string);
        vv_html_add(html, "</th><td>");
        vv_html_escape(html, value ? value : item->valuestring ? item->valuestring : "");
        vv_html_add(html, "</td></tr>\n");
        cJSON_free(value);
    }
}

static void add_settings(const struct report *r, struct vv_html *html) {
    vv_html_add(html, "<h3>Options</h3>\n<table><tbody>\n");
    add_rows(r->config, html);
    vv_html_add(html, "</tbody></table>\n<h3>What the run found</h3>\n<table><tbody>\n");
    add_rows(cJSON_GetObjectItemCaseSensitive(r->config, "record"), html);
    if (r->run.rate > 0)
        vv_html_print(html, "<tr><th scope=\"row\">images per second</th><td>%.0f</td></tr>\n",
                      r->run.rate);
    vv_html_add(html, "</tbody></table>");
}

static void add_profile(const vkvae_profile *p, struct vv_html *html) {
    if (!p) return;
    vv_html_add(html,
                "<section aria-labelledby=\"profile\">\n<h2 id=\"profile\">Profile</h2>\n"
                "<p class=\"hint\">What a step's time went to, in the steps that were watched.</p>\n"
                "<div class=\"wide\"><table class=\"numbers\"><thead><tr>"
                "<th scope=\"col\" class=\"word\">operation</th><th scope=\"col\">calls</th>"
                "<th scope=\"col\">ms</th><th scope=\"col\">share</th></tr></thead><tbody>\n");
    for (uint32_t i = 0; i < p->count; i++) {
        const vkvae_profile_row *row = &p->rows[i];
        vv_html_add(html, "<tr><th scope=\"row\" class=\"word\">");
        vv_html_escape(html, row->op);
        vv_html_print(html, "</th><td>%llu</td><td>%.2f</td><td>%.1f %%</td></tr>\n",
                      (unsigned long long)row->calls, 1e3 * row->seconds, 100 * row->share);
    }
    vv_html_add(html, "</tbody></table></div>\n</section>");
}

// ---- The data for the script ----

static void add_string(struct vv_html *html, const char *text) {
    cJSON *item = cJSON_CreateString(text);
    char *json = item ? cJSON_PrintUnformatted(item) : NULL;
    if (json)
        vv_html_json(html, json, strlen(json));
    else
        vv_html_add(html, "null");
    cJSON_free(json);
    cJSON_Delete(item);
}

// The lines of metrics.jsonl as they stand there, as a list.
static void add_data(const struct report *r, struct vv_html *html) {
    bool first = true;
    vv_html_add(html, "{\"name\":");
    add_string(html, r->run.name);
    vv_html_add(html, ",\"epochs\":[");
    for (const char *line = r->metrics; line && *line;) {
        const size_t length = strcspn(line, "\n");
        if (!first) vv_html_add(html, ",\n");
        vv_html_json(html, line, length);
        first = false;
        line += length + (line[length] == '\n');
    }
    vv_html_add(html, "]");
    if (r->map) {
        vv_html_add(html, ",\"map\":");
        add_string(html, r->map);
    }
    vv_html_add(html, "}");
}

static void add_unit(const struct report *r, struct vv_html *html) {
    vv_html_add(html, vv_model_is_density(r->run.settings->likelihood)
                          ? "In nats per picture: reconstruction + KL"
                          : "Per picture: a term for how alike pictures look + KL, which is no bound on "
                            "a likelihood");
}

// ---- The page ----

static void fill(void *user, const char *name, struct vv_html *html) {
    struct report *r = user;
    if (strcmp(name, "title") == 0 || strcmp(name, "name") == 0) {
        vv_html_escape(html, r->run.name);
        if (strcmp(name, "title") == 0) vv_html_add(html, " &ndash; vkvae");
    }
    if (strcmp(name, "lead") == 0) add_lead(r, html);
    if (strcmp(name, "unit") == 0) add_unit(r, html);
    if (strcmp(name, "table") == 0) add_table(r, html);
    if (strcmp(name, "epochs") == 0)
        r->failed |= !vv_report_add_epochs(r->ctx, r->folder, r->epochs, r->run.settings->tokens != 0,
                                           r->metrics, html);
    if (strcmp(name, "extras") == 0)
        r->failed |= !vv_report_add_extras(r->ctx, r->folder, r->map != NULL, html);
    if (strcmp(name, "settings") == 0) add_settings(r, html);
    if (strcmp(name, "profile") == 0) add_profile(r->profile, html);
    if (strcmp(name, "data") == 0) add_data(r, html);
    if (strcmp(name, "footer") == 0)
        vv_html_add(html, "Made by vkvae " VV_VERSION ". Charts are drawn by uPlot (MIT licence).");
}

bool vv_report_write(struct vv_context *ctx, const char *folder, const char *out, uint32_t epochs,
                     const vkvae_profile *profile) {
    struct report r = {.ctx = ctx, .folder = folder, .epochs = epochs, .profile = profile};
    struct vv_html html = {.ctx = ctx};
    char *path = out ? NULL : vv_path_join(ctx, folder, VV_REPORT_NAME);
    bool ok = (out || path) && read_run(&r);
    if (ok) vv_page_print(&html, fill, &r);
    ok = ok && !r.failed && !html.failed && vv_file_write(ctx, out ? out : path, html.text, html.used);
    vv_html_finish(&html);
    vv_compared_finish(&r.run);
    cJSON_Delete(r.config);
    free(r.metrics);
    free(r.map);
    free(path);
    return ok;
}
