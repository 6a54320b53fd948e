// Built with page.c once more, as it is where the library for charts is missing.
#include "../temporary.h"
#include "message.h"
#include "reporting.h"

static void what_is_missing_is_said(void **state) {
    struct temporary *t = *state;
    assert_false(vv_report_check(&t->ctx, "--report"));
    ASSERT_MESSAGE("<what>: this vkvae was built without the library that draws the charts; run "
                   "scripts/setup.sh with npm at hand and build again, or leave it out",
                   VV_USAGE,
                   "--report: this vkvae was built without the library that draws the charts; run "
                   "scripts/setup.sh with npm at hand and build again, or leave it out",
                   &t->ctx);
}

int main(void) {
    const struct CMUnitTest tests[] = {TEST(what_is_missing_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
