#!/usr/bin/env python3
"""Writes what PyTorch's optimisers, its clipping and its schedules make of given numbers, for
tests/peers/optimisers_test.c: tests/peers/twins/optimisers.txt.
    torch_optimisers.py FILE"""
import sys

import torch
from torch.optim import SGD, Adagrad, Adam, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, StepLR

START = [0.5, -1.25, 2.0, -0.003, 0.75, 1.5, -2.5]
GRADIENTS = [[0.3, -1.5, 1e-4, 0.02, -7.0, 0.0, 12.5], [-0.1, -2.0, 3e-4, 0.05, 4.0, 0.5, -0.25],
             [0.7, 0.25, -2e-4, -0.01, 1.0, -0.125, 3.0]]
OPTIMISERS = {
    "adam": lambda p: Adam(p, lr=0.01),
    "adamw": lambda p: AdamW(p, lr=0.01, weight_decay=0.1),
    "sgd": lambda p: SGD(p, lr=0.01),
    "momentum": lambda p: SGD(p, lr=0.01, momentum=0.9),
    "adagrad": lambda p: Adagrad(p, lr=0.01),
}
# An epoch has 4 steps; 3 epochs.
SCHEDULES = {
    "cosine": (lambda o: CosineAnnealingLR(o, T_max=12, eta_min=1e-5), 1),
    "step": (lambda o: StepLR(o, step_size=2, gamma=0.3), 4),
    "exponential": (lambda o: ExponentialLR(o, gamma=0.3), 4),
}


def line(name, numbers):
    return " ".join([name, *(f"{float(number):.9g}" for number in numbers)])


def optimiser(name):
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    steps = OPTIMISERS[name]([p])
    for gradient in GRADIENTS:
        p.grad = torch.tensor(gradient, dtype=torch.float64)
        steps.step()
        yield line(name, p.detach())


def clipped(most):
    """One norm over all tensors."""
    parts = [torch.zeros(3, requires_grad=True), torch.zeros(4, requires_grad=True)]
    for part, gradient in zip(parts, (GRADIENTS[0][:3], GRADIENTS[0][3:])):
        part.grad = torch.tensor(gradient)
    torch.nn.utils.clip_grad_norm_(parts, most)
    return line(f"clip {most}", torch.cat([part.grad for part in parts]))


def schedule(name):
    """The rate of each step; of those by epochs at the epochs' beginnings alone, since ours goes on within them."""
    make, every = SCHEDULES[name]
    steps = SGD([torch.zeros(1, requires_grad=True)], lr=0.01)
    rates = make(steps)
    for step in range(0, 12, every):
        yield line(f"{name} {step}", [rates.get_last_lr()[0]])
        steps.step()
        rates.step()


def main():
    lines = [line("start", START), *(line("gradient", g) for g in GRADIENTS)]
    for name in OPTIMISERS:
        lines += optimiser(name)
    lines += [clipped(2.0), clipped(100.0)]
    for name in SCHEDULES:
        lines += schedule(name)
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


main()
