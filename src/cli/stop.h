// Ctrl-C, SIGTERM and SIGHUP while training: the first asks for a stop, and a Ctrl-C or SIGTERM behind
// it ends the program at once. SIGPIPE asks, too. It and SIGHUP only ask, however often they come: what
// says that it stops may raise the one again, and a terminal that goes away brings two of the other.
// Any other command ends at the first, and leaves nothing half-written.
#ifndef VKVAE_CLI_STOP_H
#define VKVAE_CLI_STOP_H

// Call first. A signal that was ignored when the program began still is.
void cli_stop_clean(void);

// A SIGHUP or SIGPIPE that was ignored when the program began, as nohup(1) has it, still is.
void cli_stop_watch(void);

// The signal that asks for a stop; 0: none so far.
int cli_stop_signal(void);

#endif
