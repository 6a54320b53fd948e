// Ctrl-C, SIGTERM and SIGHUP while training: the first asks for a stop, the second ends the program at
// once. SIGPIPE asks, too, however often it comes: what says that it stops may raise it again.
#ifndef VKVAE_CLI_STOP_H
#define VKVAE_CLI_STOP_H

// A SIGHUP or SIGPIPE that was ignored when the program began, as nohup(1) has it, still is.
void cli_stop_watch(void);

// The signal that asks for a stop; 0: none so far.
int cli_stop_signal(void);

#endif
