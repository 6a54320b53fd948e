"""The job in PyTorch as fast as we can make it on a CPU: the set in one tensor, BCE from logits, Adam over all tensors
at once (foreach), and no number read back before the epoch ends.

usage: torch_best.py DATA [--epochs N] [--threads N] [--seed N] [--since S]
"""

import os
import time

# Threads of OpenMP that wait by spinning take the cores from OpenBLAS's: on a virtual machine of two cores an epoch then
# takes three times as long. Read when torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch.nn import functional

from common import BATCH, Figures, VAE, arguments, read_idx


def load(folder, name):
    """[count, 784] in [0, 1]."""
    pixels = torch.from_numpy(read_idx(folder, name).copy())
    return pixels.reshape(len(pixels), -1).float().div_(255)


def loss_of(model, x):
    logits, mu, logvar = model(x)
    bce = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    return bce - 0.5 * torch.sum(1 + logvar - mu * mu - logvar.exp())


def adam(model):
    try:
        return torch.optim.Adam(model.parameters(), lr=1e-3, foreach=True)
    except TypeError:  # before 1.12
        return torch.optim.Adam(model.parameters(), lr=1e-3)


def main():
    options = arguments(__doc__)
    figures = Figures("torch_best", options)
    train, test = load(options.data, "train-images-idx3-ubyte"), load(options.data, "t10k-images-idx3-ubyte")
    model = VAE()
    optimiser = adam(model)
    for _ in range(options.epochs):
        begun = time.perf_counter()
        order = torch.randperm(len(train))
        total = torch.zeros(())
        for batch in order.split(BATCH):
            loss = loss_of(model, train[batch])
            optimiser.zero_grad(set_to_none=True)
            (loss / len(batch)).backward()
            optimiser.step()
            total += loss.detach()
            figures.step()
        train_loss = total.item() / len(train)
        trained = time.perf_counter()
        with torch.no_grad():
            test_loss = sum(loss_of(model, x).item() for x in test.split(1000)) / len(test)
        figures.epoch(trained - begun, time.perf_counter() - trained, train_loss, test_loss)
    figures.print(pixel_mean=float(train.mean()))


if __name__ == "__main__":
    main()
