// Ctrl-C and SIGTERM while training: the first asks for a stop, the second ends the program at once.
#ifndef VKVAE_CLI_STOP_H
#define VKVAE_CLI_STOP_H

void cli_stop_watch(void);

// The signal that asks for a stop; 0: none so far.
int cli_stop_signal(void);

#endif
