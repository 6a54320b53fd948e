#!/usr/bin/env python3
"""The convolutional VAE, ours and PyTorch's in turn: milliseconds a step, and the ratio of the medians.

usage: compare_conv.py [--rounds N] [--epochs N] [--images N] [--size HxW] [--channels N,...] [--latent N] [--batch N]
                       [--program vkvae] [--python PYTHON] [--json FILE]

Draws coloured shapes into a folder and trains on them with both. The first epoch of each process, in which kernels are
compiled, is left out.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def run(words):
    return subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout.decode()


def run_ours(options, data, folder):
    out = os.path.join(folder, "run")
    words = [options.program, "train", "--data", data, "--model", "conv", "--channels-list", options.channels,
             "--latent", str(options.latent), "--batch", str(options.batch), "--epochs", str(options.epochs),
             "--out", out, "--force", "--json"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    lines = [json.loads(line) for line in process.stdout]
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(words)}: failed")
    steps = -(-options.images // options.batch)
    return {"program": "vkvae", "epochs": [{"step_ms": 1e3 * e["train_seconds"] / steps, "train_loss": e["train"]["loss"]}
                                           for e in lines if e.get("event") == "epoch"],
            "peak_bytes": 1024 * usage.ru_maxrss}


def run_peer(options, data, *more):
    return json.loads(run([options.python, os.path.join(HERE, "torch_conv.py"), data, "--epochs", str(options.epochs),
                           "--channels", options.channels, "--latent", str(options.latent), "--batch",
                           str(options.batch), *more]).splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--images", type=int, default=1280)
    parser.add_argument("--size", default="64x64")
    parser.add_argument("--channels", default="32,64,128,256")
    parser.add_argument("--latent", type=int, default=128)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--program", default=os.path.join(HERE, "../../build/release/vkvae"))
    parser.add_argument("--python", default="/usr/bin/python3", help="one that has PyTorch")
    parser.add_argument("--json", help="file to write")
    options = parser.parse_args()
    if options.epochs < 2 or options.rounds < 1:
        parser.error("at least 2 epochs and 1 round")
    runs = {"vkvae": [], "torch_conv": [], "torch_conv_nhwc": []}
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "set")
        run([options.program, "data", "shapes", "-n", str(options.images), "--size", options.size, "--channels", "3",
             "-o", data])
        for number in range(options.rounds):
            runs["vkvae"].append(run_ours(options, data, folder))
            runs["torch_conv"].append(run_peer(options, data))
            runs["torch_conv_nhwc"].append(run_peer(options, data, "--channels-last"))
            print(f"round {number + 1}: " + ", ".join(
                f"{name} {[round(e['step_ms']) for e in list_of_runs[-1]['epochs']]} ms"
                for name, list_of_runs in runs.items()), file=sys.stderr)
    medians = {name: statistics.median(e["step_ms"] for r in list_of_runs for e in r["epochs"][1:])
               for name, list_of_runs in runs.items()}
    print(f"{'program':16} {'ms a step':>9} {'images/s':>9} {'ours / it':>9} {'RSS MiB':>8} {'last loss':>10}")
    for name, list_of_runs in runs.items():
        print(f"{name:16} {medians[name]:9.1f} {1e3 * options.batch / medians[name]:9.1f} "
              f"{medians['vkvae'] / medians[name]:9.3f} {max(r['peak_bytes'] for r in list_of_runs) / 2**20:8.0f} "
              f"{list_of_runs[-1]['epochs'][-1]['train_loss']:10.2f}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"benchmark": "peers_conv", "options": {k: v for k, v in vars(options).items() if k != "json"},
                       "medians_ms": medians, "runs": runs}, file, indent=1)


if __name__ == "__main__":
    sys.exit(main())
