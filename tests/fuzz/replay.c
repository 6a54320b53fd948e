// Hands a target each file of the folders that it is called with: what fuzzers found, again.
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static int replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    static uint8_t room[1 << 20];
    if (!file) return 0;
    const size_t size = fread(room, 1, sizeof room, file);
    (void)fclose(file);
    // Of its own size, so that a byte behind it is one too many.
    uint8_t *data = malloc(size ? size : 1);
    if (!data) return 0;
    for (size_t i = 0; i < size; i++) data[i] = room[i];
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static int replay_folder(const char *path) {
    DIR *folder = opendir(path);
    int count = 0;
    if (!folder) return 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char name[4096];
        if (entry->d_name[0] == '.') continue;
        (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        count += replay_file(name);
    }
    (void)closedir(folder);
    return count;
}

int main(int argc, char **argv) {
    int count = 0;
    for (int i = 1; i < argc; i++) count += replay_folder(argv[i]);
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    (void)printf("%d inputs\n", count);
    return count ? EXIT_SUCCESS : EXIT_FAILURE;  // an empty corpus tests nothing
}
