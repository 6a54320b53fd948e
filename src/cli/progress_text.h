// Numbers and the progress line as text.
#ifndef VKVAE_CLI_PROGRESS_TEXT_H
#define VKVAE_CLI_PROGRESS_TEXT_H

#include <stddef.h>
#include <vkvae/vkvae.h>

// "epoch 3/10  [=====>    ]  61%  12034 images/s  loss 112.31  left 0:42" in at most `width` columns:
// with less room the bar shrinks, then goes, then the rest from the least missed on, down to "61%" and
// to nothing. ASCII; returns its length.
size_t cli_progress_line(const vkvae_progress *progress, size_t width, char *text, size_t size);

// The same for a log file: steps instead of a bar.
void cli_progress_plain(const vkvae_progress *progress, char *text, size_t size);

// "0:42", "1:02:03"; "?" for what is no time.
void cli_duration(double seconds, char *text, size_t size);

// "870", "9.8k", "123k", "1.2M".
void cli_count(double count, char *text, size_t size);

#endif
