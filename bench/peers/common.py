"""What both PyTorch peers share: the job, its data, and how its figures are printed.

The job: 784-400(ReLU)-[20 mu, 20 logvar]-400(ReLU)-784, Bernoulli, BCE + KL, Adam 1e-3, batch 128 with the smaller last
batch kept, f32, 60,000 pictures in [0, 1]; after each epoch the test set with one z sampled for each picture.
"""

import argparse
import gzip
import json
import os
import struct
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

BATCH = 128
LATENT = 20


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc21 = nn.Linear(400, LATENT)
        self.fc22 = nn.Linear(400, LATENT)
        self.fc3 = nn.Linear(LATENT, 400)
        self.fc4 = nn.Linear(400, 784)

    def encode(self, x):
        h = functional.relu(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def decode(self, z):
        return self.fc4(functional.relu(self.fc3(z)))  # logits

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        return self.decode(z), mu, logvar


def read_idx(folder, name):
    """The bytes behind the header of an IDX file of images, compressed or not: uint8 [count, height, width], and where
    they are coloured [, channels]."""
    path = os.path.join(folder, name)
    opener = open
    if not os.path.exists(path):
        path, opener = path + ".gz", gzip.open
    with opener(path, "rb") as file:
        content = file.read()
    magic, = struct.unpack(">I", content[:4])
    if magic not in (0x803, 0x804):
        sys.exit(f"{path}: not an IDX file of images")
    rank = magic & 0xff
    shape = struct.unpack(f">{rank}I", content[4:4 + 4 * rank])
    return numpy.frombuffer(content[4 + 4 * rank:], dtype=numpy.uint8).reshape(shape)


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", help="folder of the four IDX files, .gz or not")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--since", type=float, default=None, help="when the process was started, by CLOCK_MONOTONIC")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    return options


def peak_bytes():
    """Not ru_maxrss, in which Linux counts what the parent had before exec."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    return 0


def blas():
    """The library that PyTorch's matrix products are done by: a slow one would make us look good."""
    with open("/proc/self/maps", encoding="ascii", errors="replace") as maps:
        for line in maps:
            path = line.split(maxsplit=5)[-1].strip()
            if path.startswith("/") and any(name in path for name in ("blas", "libmkl", "libblis")):
                return path
    return "PyTorch's own"


class Figures:
    """Collects what is printed at the end, as `vkvae_bench job` prints it."""

    def __init__(self, program, options):
        self.since = options.since
        self.json = {
            "program": program,
            "version": f"PyTorch {torch.__version__}",
            "threads": torch.get_num_threads(),
            "blas": blas(),
            "epochs": [],
        }

    def step(self):
        """After each step; the first one counts."""
        if "first_step_seconds" not in self.json and self.since is not None:
            self.json["first_step_seconds"] = time.monotonic() - self.since

    def epoch(self, train_seconds, test_seconds, train_loss, test_loss):
        self.json["epochs"].append({
            "train_seconds": train_seconds,
            "test_seconds": test_seconds,
            "train_loss": train_loss,
            "test_loss": test_loss,
        })

    def print(self, **more):
        self.json.update(more)
        self.json["peak_bytes"] = peak_bytes()
        print(json.dumps(self.json))
