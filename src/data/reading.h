// How files become a set of pictures of one size: what a user can say of them. Which of it means
// something depends on the kind of files; what does not is refused with VV_USAGE, naming the option.
#ifndef VV_DATA_READING_H
#define VV_DATA_READING_H

#include <stdbool.h>
#include <stdint.h>

// How a picture of another shape becomes one of the set's.
enum vv_picture_fit {
    VV_FIT_COVER,    // scaled until it covers all; what hangs over is cut off, as much on each side
    VV_FIT_CONTAIN,  // scaled until it fits in; the rest is background
    VV_FIT_STRETCH,  // each side scaled on its own
};

// What the dimensions of an array mean, outermost first.
enum vv_array_layout { VV_LAYOUT_AUTO, VV_LAYOUT_ND, VV_LAYOUT_NHW, VV_LAYOUT_NHWC, VV_LAYOUT_NCHW };

struct vv_normalization;

enum vv_normalize {
    VV_NORMALIZE_NONE,      // values lie in [0, 1], or in the range that is given
    VV_NORMALIZE_MINMAX,    // the least and the greatest become 0 and 1
    VV_NORMALIZE_STANDARD,  // the mean +- 4 standard deviations do; what lies beyond is cut off
};

// What a text is made of.
enum vv_tokens {
    VV_TOKENS_NONE,   // no text; of a file that is one: a bag of words
    VV_TOKENS_BAG,    // each line counts its words
    VV_TOKENS_CHARS,  // each line is a row of characters
    VV_TOKENS_WORDS,  // each line is a row of words
};

struct vv_reading {
    // Of files with pictures.
    uint32_t height, width;  // 0: that of the pictures, which must then be of one size
    uint32_t channels;       // 1, 3; 0: 1 where all pictures are grey, else 3
    enum vv_picture_fit fit;
    bool crop;                    // first the largest square in the middle is cut out
    unsigned char background[3];  // RGB, below what is transparent and beside what was fitted in
    bool strict;                  // a broken picture is an error; else it is left out with a warning
    // Of arrays and tables.
    enum vv_array_layout layout;
    enum vv_normalize normalize;
    bool has_range;
    double range[2];  // low and high, which become 0 and 1
    // A file with the labels, .npy or .csv; of an .npz the name of an array in it, of a table that of a
    // column, or its number from 1; NULL: none
    const char *labels;
    // Of text.
    enum vv_tokens tokens;  // NONE: a bag of words; CHARS, WORDS
    uint32_t length;        // of a row of tokens
    uint32_t vocabulary;    // words at most; 0: 2000 of a bag, 256 of rows of words
    // Of all.
    const char *test;         // path of what to test on; NULL: a part of the set
    const char *test_labels;  // as `labels`, for `test`
    double split;             // share of a set without a test part that is trained on
    uint32_t limit;           // at most so many pictures to train on, and to test on; 0: all
    uint32_t threads;         // that decode pictures; 0: one a core
    const char *classes;      // what is taken of all that (classes.h); NULL: every class
    // For a model that was trained before. A set without a test part stays whole: all of it is in the
    // part to train on, in the file's order, and the other one is empty.
    bool whole;
    // Not NULL, of a kind: what became 0 and 1 of its own set does so here too, unless something else is
    // asked for.
    const struct vv_normalization *as;
};

// fit cover, background white, split 0.9, all else 0.
extern const struct vv_reading vv_reading_default;

#endif
