// EXIF is a TIFF: a byte order, the offset of a directory, and in it entries of 12 bytes (Exif 2.32,
// 4.6.2). One of them is read, and nothing that lies outside of `size` bytes.
#include "exif.h"

#include <stdbool.h>
#include <string.h>

enum { ORIENTATION = 0x0112, SHORT = 3, ENTRY = 12, SEGMENT_MOST = 65536, PARTS_MOST = 65536 };

static uint32_t number(const unsigned char *at, uint32_t bytes, bool big) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < bytes; i++) value = value << 8 | at[big ? i : bytes - 1 - i];
    return value;
}

uint32_t vv_exif_orientation(const unsigned char *tiff, size_t size) {
    if (size < 8 || (memcmp(tiff, "II*\0", 4) != 0 && memcmp(tiff, "MM\0*", 4) != 0)) return 1;
    const bool big = tiff[0] == 'M';
    const uint32_t directory = number(tiff + 4, 4, big);
    if (directory > size - 2) return 1;
    const uint32_t promised = number(tiff + directory, 2, big);
    const size_t room = (size - directory - 2) / ENTRY;
    for (size_t i = 0; i < promised && i < room; i++) {
        const unsigned char *entry = tiff + directory + 2 + i * ENTRY;
        if (number(entry, 2, big) != ORIENTATION) continue;
        const uint32_t value = number(entry + 8, 2, big);
        const bool sound = number(entry + 2, 2, big) == SHORT && number(entry + 4, 4, big) == 1;
        return sound && value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
}

// Of the next `size` bytes of the file, where they begin with `prefix`.
static uint32_t orientation_here(FILE *file, size_t size, const char *prefix, size_t skipped) {
    unsigned char bytes[SEGMENT_MOST];
    if (size < skipped || size > sizeof bytes || fread(bytes, 1, size, file) != size ||
        memcmp(bytes, prefix, skipped) != 0)
        return 1;
    return vv_exif_orientation(bytes + skipped, size - skipped);
}

// The code of the next marker, 0 at the end: any number of 0xff may stand before it (ISO/IEC 10918-1,
// B.1.1.2), and other bytes are passed over as libjpeg does.
static int next_marker(FILE *file) {
    int byte = getc(file);
    for (uint32_t i = 0; i < SEGMENT_MOST && byte != EOF; i++) {
        const bool may_follow = byte == 0xff;
        byte = getc(file);
        if (may_follow && byte != 0xff && byte != 0) return byte == EOF ? 0 : byte;
    }
    return 0;
}

uint32_t vv_exif_of_jpeg(FILE *file) {
    unsigned char head[2];
    if (fseek(file, 2, SEEK_SET) != 0) return 1;
    for (uint32_t i = 0; i < PARTS_MOST; i++) {
        const int code = next_marker(file);
        const bool ends = code == 0 || code == 0xda || code == 0xd9;  // the picture begins, or is over
        if (ends || fread(head, 1, 2, file) != 2) return 1;
        const size_t size = number(head, 2, true);
        if (size < 2) return 1;
        const long after = ftell(file) + (long)size - 2;
        const uint32_t found =
            code == 0xe1 && size >= 8 ? orientation_here(file, size - 2, "Exif\0", 6) : 1;
        if (found != 1 || fseek(file, after, SEEK_SET) != 0) return found;
    }
    return 1;
}

uint32_t vv_exif_of_png(FILE *file) {
    unsigned char head[8];
    if (fseek(file, 8, SEEK_SET) != 0) return 1;
    for (uint32_t i = 0; i < PARTS_MOST; i++) {
        if (fread(head, 1, 8, file) != 8) return 1;
        const uint32_t size = number(head, 4, true);
        if (memcmp(head + 4, "eXIf", 4) == 0) return orientation_here(file, size, "", 0);
        if (memcmp(head + 4, "IEND", 4) == 0 || size > INT32_MAX) return 1;
        if (fseek(file, (long)size + 4, SEEK_CUR) != 0) return 1;  // and its checksum
    }
    return 1;
}
