#!/usr/bin/env python3
"""Ours and theirs in turn (A B C A B C ...), so that what else the machine does meets all alike: medians and ratios.

usage: compare.py DATA [--rounds N] [--epochs N] [--peers NAME,...] [--program vkvae_bench] [--python PYTHON] [--threads N]
                       [--device D] [--kernels FAMILY] [--json FILE]

DATA is a folder of the four IDX files of MNIST or Fashion-MNIST, .gz or not. An epoch is training alone; the first of
each process is left out where there are more. Each loss must lie in the window of its set. Exit code 0: all do.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = ["torch_best", "torch_tutorial"]

# Nats per picture, (train, test) by epoch, around what several seeds of PyTorch's default initialisation gave.
WINDOWS = {
    "mnist": {1: ((160, 170), (125, 130)), 2: ((120, 123), (114, 117)), 3: ((113, 116), (110.5, 113)),
              5: ((109, 110.5), (107.5, 109)), 10: ((105.5, 107), (104.5, 106.5))},
    "fashion-mnist": {1: ((281, 290), (260, 266)), 5: ((245, 247.5), (246, 249)), 10: ((241.5, 244), (243, 246))},
}
PIXEL_MEANS = {"mnist": 0.1307, "fashion-mnist": 0.2860}


def name_set(folder):
    """By the mean of the pixels to train on; None: neither."""
    import gzip
    path = os.path.join(folder, "train-images-idx3-ubyte")
    with (open(path, "rb") if os.path.exists(path) else gzip.open(path + ".gz", "rb")) as file:
        pixels = file.read()[16:]
    mean = sum(pixels[:10_000_000]) / len(pixels[:10_000_000]) / 255
    return next((name for name, wanted in PIXEL_MEANS.items() if abs(mean - wanted) < 0.002), None)


def start(words, environment=None):
    """Runs a program that prints one JSON object as its last line; --since tells it when it was started."""
    words = words + ["--since", f"{time.clock_gettime(time.CLOCK_MONOTONIC):.9f}"]
    run = subprocess.run(words, stdout=subprocess.PIPE, env={**os.environ, **(environment or {})}, check=False)
    if run.returncode != 0:
        sys.exit(f"{' '.join(words)}: exit code {run.returncode}")
    return json.loads(run.stdout.decode().splitlines()[-1])


def run_ours(options):
    ours = [options.program, "job", "--data", options.data]
    for name in ("device", "kernels"):
        if getattr(options, name):
            ours += ["--" + name, getattr(options, name)]
    with tempfile.TemporaryDirectory() as folder:
        job = start(ours + ["--epochs", str(options.epochs), "--out", os.path.join(folder, "run")])
    first = start(ours + ["--first-step"])
    job["first_step_seconds"] = first["first_step_seconds"]
    return job


def run_peer(options, name):
    threads = ["--threads", str(options.threads)] if options.threads else []
    return start([options.python, os.path.join(HERE, name + ".py"), options.data, "--epochs", str(options.epochs)] + threads)


def check(figures, windows):
    """What is out of its window, in words."""
    wrong = []
    for number, epoch in enumerate(figures["epochs"], 1):
        for key, window in zip(("train_loss", "test_loss"), windows.get(number, ())):
            if not window[0] <= epoch[key] <= window[1]:
                wrong.append(f"{figures['program']}, epoch {number}: {key} {epoch[key]:.2f} is not in {window}")
    return wrong


def summarise(runs):
    """Of one program: medians over the epochs of all rounds, and over the rounds."""
    epochs = [e["train_seconds"] for run in runs for e in (run["epochs"][1:] or run["epochs"])]
    tests = [e["test_seconds"] for run in runs for e in run["epochs"]]
    firsts = [run["first_step_seconds"] for run in runs if "first_step_seconds" in run]
    return {
        "epoch_seconds": {"min": min(epochs), "median": statistics.median(epochs), "max": max(epochs), "runs": len(epochs)},
        "test_seconds": statistics.median(tests),
        "first_step_seconds": statistics.median(firsts) if firsts else None,
        "peak_bytes": max(run["peak_bytes"] for run in runs),
    }


def print_table(result):
    print(f"{'program':16} {'epoch: min s':>12} {'median':>8} {'max':>8} {'ours / it':>9} "
          f"{'test s':>8} {'1st step s':>10} {'RSS MiB':>8}")
    for name, s in result["programs"].items():
        epoch = s["epoch_seconds"]
        print(f"{name:16} {epoch['min']:12.3f} {epoch['median']:8.3f} {epoch['max']:8.3f} {s['ratio']:9.3f} "
              f"{s['test_seconds']:8.3f} {s['first_step_seconds'] or 0:10.3f} {s['peak_bytes'] / 2**20:8.0f}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--peers", default=",".join(PEERS), help="torch_best, torch_tutorial, or both")
    parser.add_argument("--program", default=os.path.join(HERE, "../../build/release/vkvae_bench"))
    parser.add_argument("--python", default="/usr/bin/python3", help="one that has PyTorch")
    parser.add_argument("--threads", type=int, help="of theirs; one for each core")
    parser.add_argument("--device", help="of ours, as in 'vkvae devices'")
    parser.add_argument("--kernels", help="of ours, as in 'vkvae train'")
    parser.add_argument("--json", help="file to write")
    options = parser.parse_args()
    options.peers = [name for name in options.peers.split(",") if name]
    unknown = [name for name in options.peers if name not in PEERS]
    if unknown or options.rounds < 1 or options.epochs < 1:
        parser.error(f"peers are {', '.join(PEERS)}; rounds and epochs at least 1")
    options.data = os.path.abspath(options.data)
    return options


def main():
    options = arguments()
    name = name_set(options.data)
    runs = {program: [] for program in ["vkvae"] + options.peers}
    load = os.getloadavg()
    for number in range(options.rounds):
        for program, list_of_runs in runs.items():
            list_of_runs.append(run_ours(options) if program == "vkvae" else run_peer(options, program))
            seconds = [round(e["train_seconds"], 2) for e in list_of_runs[-1]["epochs"]]
            print(f"round {number + 1}, {program}: {seconds} s", file=sys.stderr)
    wrong = [line for list_of_runs in runs.values() for run in list_of_runs for line in check(run, WINDOWS.get(name, {}))]
    programs = {program: summarise(list_of_runs) for program, list_of_runs in runs.items()}
    for s in programs.values():
        s["ratio"] = programs["vkvae"]["epoch_seconds"]["median"] / s["epoch_seconds"]["median"]
    result = {"benchmark": "peers", "data": name, "rounds": options.rounds, "epochs": options.epochs,
              "load_before": load, "losses_ok": not wrong if name else None, "programs": programs, "runs": runs}
    print_table(result)
    for list_of_runs in runs.values():
        run = list_of_runs[0]
        print(", ".join([run["program"], run["version"]] + (
            [f"{run['threads']} threads", run["blas"]] if "blas" in run else [run["device"], run["kernels"]])))
    print("losses: " + ("not checked, the set is not known" if not name else "OUT OF THEIR WINDOWS" if wrong else "in their windows"))
    for line in wrong:
        print(line)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
