#!/usr/bin/env python3
"""Writes tests/peers/densities.csv: -log p of single pixels and its derivatives, in double, by PyTorch's distributions
(the hyperbolic secant and the discretized logistic, which it does not have, by their definitions).
tests/ops/density_test.c compares.
    torch_densities.py FILE"""
import math
import sys

import torch
from torch import distributions


def secant(x, mu, sigma):
    return torch.log(torch.cosh((x - mu) / sigma)) + torch.log(math.pi * sigma)


def discretized_logistic(x, mu, sigma):
    def share(edge):  # of the distribution on the nearer tail's side of an edge: nothing cancels there
        return torch.sigmoid(side * (edge - mu) / sigma)

    byte = round(255 * x.item())
    side = 1 if byte / 255 < mu.item() else -1
    low = share((byte - 0.5) / 255) if byte > 0 else (1 - side) // 2
    high = share((byte + 0.5) / 255) if byte < 255 else (1 + side) // 2
    return -torch.log(side * (high - low))


KINDS = [
    ("continuous-bernoulli", lambda x, l, s: -distributions.ContinuousBernoulli(logits=l).log_prob(x)),
    ("gaussian", lambda x, mu, s: -distributions.Normal(mu, s).log_prob(x)),
    ("laplace", lambda x, mu, s: -distributions.Laplace(mu, s).log_prob(x)),
    ("logcosh", secant),
    ("discretized-logistic", discretized_logistic),
]


def main():
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.write("kind,x,location,log_sigma,value,by_location,by_scale\n")
        for kind, (name, function) in enumerate(KINDS):
            locations = [-9.0, -2.5, -0.75, 1.5, 4.0, 20.0] if kind == 0 else [-0.5, 0.1015625, 0.5, 1.25]
            for number in [0, 26, 128, 255]:
                for start in locations:
                    for log_sigma in [0.0] if kind == 0 else [-3.0, -1.25, 0.5]:
                        x = torch.tensor(number / 255).double()  # as a float
                        location = torch.tensor(start, dtype=torch.double, requires_grad=True)
                        scale = torch.tensor(log_sigma, dtype=torch.double, requires_grad=True)
                        value = function(x, location, torch.exp(scale))
                        value.backward()
                        by_scale = 0.0 if scale.grad is None else scale.grad.item()
                        numbers = [x.item(), start, log_sigma, value.item(), location.grad.item(), by_scale]
                        file.write(",".join([str(kind)] + [f"{value:.17g}" for value in numbers]) + "\n")


main()
