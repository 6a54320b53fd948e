// Runs a program, and all the while plants links to another's file where it writes: under the names of
// its files, and under those of the files in between, whose number is known.
//   plant VICTIM FOLDER PROGRAM [ARGUMENT...]   exits as the program does; the last line of standard
//                                               error tells how many links were planted
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const names[] = {"config.json",
                                    "checkpoint.safetensors",
                                    "resume.safetensors",
                                    "resume-previous.safetensors",
                                    "best.safetensors",
                                    "metrics.jsonl",
                                    "timing.jsonl",
                                    "loss.png",
                                    "report.html",
                                    "samples-001.png",
                                    "reconstruction-001.png",
                                    "samples-002.png",
                                    "reconstruction-002.png"};
enum { NAMES = sizeof names / sizeof *names, NUMBERS = 3 };

static unsigned long planted;

static void plant(const char *victim, const char *folder, long pid) {
    char path[512], beside[512];
    (void)snprintf(beside, sizeof beside, "%s/planted", folder);
    for (int i = 0; i < NAMES; i++) {
        for (int k = 0; k < NUMBERS; k++) {
            (void)snprintf(path, sizeof path, "%s/.%s.%ld-%d.tmp", folder, names[i], pid, k);
            planted += symlink(victim, path) == 0;
        }
        // In the place of what is there.
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        planted += symlink(victim, beside) == 0 && rename(beside, path) == 0;
    }
}

int main(int argc, char **argv) {
    int status;
    if (argc < 4) return 2;
    const pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
        (void)execv(argv[3], argv + 3);
        _exit(127);
    }
    while (waitpid(child, &status, WNOHANG) == 0) plant(argv[1], argv[2], (long)child);
    fprintf(stderr, "planted %lu\n", planted);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
