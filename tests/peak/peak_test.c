// Peaks are measured on any machine. How high they are is asserted nowhere.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>

#include "driver.h"
#include "loops.h"
#include "peak.h"

static void loops_do_all_their_rounds(void **state) {
    (void)state;
    for (uint32_t i = 0; i < vv_loop_count; i++) {
        if (!vv_loops[i].available()) continue;
        // A multiplication and an addition for each number: x = 0 x + 1, and x = x / 2 + 1, which goes
        // to 2.
        const double one = (double)vv_loops[i].run(1, 0.0F, 1.0F);
        assert_true(one == vv_loops[i].flop / 2);
        assert_true(fabs((double)vv_loops[i].run(100, 0.5F, 1.0F) - 2 * one) < 1e-3);
    }
}

static void triads_add_up(void **state) {
    (void)state;
    enum { N = 37 };
    float a[N], b[N], c[N];
    for (uint32_t i = 0; i < N; i++) {
        b[i] = (float)i;
        c[i] = 2.0F * (float)i;
    }
    vv_triad(a, b, c, 3.0F, N);
    for (uint32_t i = 0; i < N; i++) assert_true(a[i] == 7.0F * (float)i);
}

static void check_peak(const struct vv_peak *peak) {
    assert_true(isfinite(peak->gflops) && peak->gflops > 0);
    assert_true(isfinite(peak->gbytes) && peak->gbytes > 0);
    assert_true(peak->how[0]);
}

static void hosts_have_a_peak(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_peak peak;
    vv_context_init(&ctx);
    assert_true(vv_peak_host(&ctx, &peak));
    check_peak(&peak);
}

static void devices_have_a_peak(void **state) {
    (void)state;
    struct vv_context ctx;
    struct vv_store store;
    struct vv_peak peak;
    vv_context_init(&ctx);
    vv_store_init(&store, &ctx);
    struct vv_exec *e = vv_vulkan_create(&store, &(struct vv_vulkan_options){.validate = true});
    if (!e || !vv_peak_device(e, &peak)) fail_msg("%s", ctx.error);
    check_peak(&peak);
    assert_int_equal(store.count, 0);  // nothing is left behind
    assert_true(vv_peak_measure(e, &peak));
    check_peak(&peak);
    assert_int_equal(vv_vulkan_messages(e), 0);
    vv_exec_destroy(e);
    vv_store_finish(&store);
}

int main(void) {
    need_device();
    need_validation();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_do_all_their_rounds),
        cmocka_unit_test(triads_add_up),
        cmocka_unit_test(hosts_have_a_peak),
        cmocka_unit_test(devices_have_a_peak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
