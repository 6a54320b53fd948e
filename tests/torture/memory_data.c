// Calls that read data of every kind, and the files they read that no call makes.
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

// As the command line's "data info" does.
static vkvae_status info_of(vkvae *v, const char *data, const vkvae_reading *reading, const char *out) {
    vkvae_data_options o;
    vkvae_data_set set;
    vkvae_data_defaults(&o);
    const double split = o.reading.split;
    if (reading) o.reading = *reading;
    o.reading.split = split;
    o.data = data;
    o.out = out;
    return vkvae_data_info(v, &o, &set);
}

static vkvae_status data_idx(vkvae *v) {
    return info_of(v, "set", NULL, "out/set.png");
}

static vkvae_status data_classes(vkvae *v) {
    const vkvae_reading r = {.classes = "0,1"};
    return info_of(v, "set", &r, NULL);
}

static vkvae_status data_folder(vkvae *v) {
    const vkvae_reading r = {.threads = 1};
    return info_of(v, "pictures", &r, NULL);
}

static vkvae_status data_sorted(vkvae *v) {
    const vkvae_reading r = {.height = 6, .width = 6, .crop = "center", .threads = 1};
    return info_of(v, "sorted", &r, NULL);
}

static vkvae_status data_tested(vkvae *v) {
    const vkvae_reading r = {.test = "sorted/a", .limit = 2, .threads = 1};
    return info_of(v, "pictures", &r, NULL);
}

static vkvae_status data_npy(vkvae *v) {
    return info_of(v, "samples.npy", NULL, NULL);
}

static vkvae_status data_labelled(vkvae *v) {
    const vkvae_reading r = {.labels = "labels", .normalize = "standard"};
    return info_of(v, "arrays.npz", &r, NULL);
}

static vkvae_status data_apart(vkvae *v) {
    const vkvae_reading r = {.labels = "labels.csv", .test = "samples.npy", .test_labels = "labels.csv"};
    return info_of(v, "samples.npy", &r, NULL);
}

static vkvae_status data_csv(vkvae *v) {
    const vkvae_reading r = {.normalize = "minmax"};
    return info_of(v, "codes.csv", &r, NULL);
}

static vkvae_status data_packed(vkvae *v) {
    const vkvae_reading r = {.labels = "kind", .test = "table.csv.gz", .test_labels = "kind"};
    return info_of(v, "table.csv.gz", &r, NULL);
}

static vkvae_status data_text(vkvae *v) {
    return info_of(v, "words.txt", NULL, NULL);
}

static vkvae_status data_characters(vkvae *v) {
    const vkvae_reading r = {.tokens = "chars", .length = 6, .test = "words.txt"};
    return info_of(v, "words.txt", &r, NULL);
}

static vkvae_status data_cifar(vkvae *v) {
    return info_of(v, "cifar", NULL, NULL);
}

static vkvae_status data_named(vkvae *v) {
    return info_of(v, "mine", NULL, NULL);
}

static vkvae_status data_write(vkvae *v) {
    const vkvae_shapes shapes = {.images = 20, .height = 8, .width = 8, .channels = 1};
    return vkvae_data_write(v, &shapes, "out/drawn", false);
}

const struct call data_calls[] = {
    {"data of IDX", data_idx, false},
    {"data of IDX, two classes", data_classes, false},
    {"data of pictures", data_folder, false},
    {"data of pictures in classes", data_sorted, false},
    {"data of pictures with others to test on", data_tested, false},
    {"data of an array", data_npy, false},
    {"data of an array with labels", data_labelled, false},
    {"data of an array with labels elsewhere", data_apart, false},
    {"data of a table", data_csv, false},
    {"data of a packed table", data_packed, false},
    {"data of text", data_text, false},
    {"data of characters", data_characters, false},
    {"data of CIFAR", data_cifar, false},
    {"data by its name", data_named, false},
    {"data_write", data_write, false},
};
const unsigned data_call_count = sizeof data_calls / sizeof *data_calls;

// ---- Files ----

static bool write_words(void) {
    FILE *to = fopen("words.txt", "wb");
    for (int i = 0; to && i < 20; i++)
        (void)fprintf(to, "one two %s\nthree two four\n", i % 3 ? "five" : "six");
    return to && fclose(to) == 0;
}

static bool write_tables(void) {
    FILE *to = fopen("labels.csv", "wb");
    gzFile packed = gzopen("table.csv.gz", "wb");
    if (!to || !packed || gzputs(packed, "kind,x,y\n") < 0) return false;
    for (int i = 0; i < 3; i++) (void)fprintf(to, "%d\n", i % 2);
    for (int i = 0; i < 20; i++) (void)gzprintf(packed, "%d,0.%02d,0.5\n", i % 3, i);
    return fclose(to) == 0 && gzclose(packed) == Z_OK;
}

static bool write_rows(const char *path) {
    static unsigned char row[3073];
    FILE *to = fopen(path, "wb");
    for (int i = 0; to && i < 4; i++) {
        row[0] = (unsigned char)(i % 2);
        for (size_t k = 1; k < sizeof row; k++) row[k] = (unsigned char)(7 * k + (unsigned)i);
        (void)fwrite(row, 1, sizeof row, to);
    }
    return to && fclose(to) == 0;
}

static bool write_cifar(void) {
    if (mkdir("cifar", 0777) != 0 || !write_rows("cifar/data_batch_1.bin") ||
        !write_rows("cifar/test_batch.bin"))
        return false;
    FILE *names = fopen("cifar/batches.meta.txt", "wb");
    return names && fputs("airplane\nautomobile\n", names) >= 0 && fclose(names) == 0;
}

bool make_files(void) {
    return write_words() && write_tables() && write_cifar() && mkdir("sorted", 0777) == 0 &&
           mkdir("named", 0777) == 0 && symlink("../cifar", "named/mine") == 0 &&
           setenv("VKVAE_DATA", "named", 1) == 0;
}
