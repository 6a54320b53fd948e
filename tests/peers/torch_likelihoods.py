#!/usr/bin/env python3
"""Prints what PyTorch says of categorical and multinomial probabilities and their gradients, in double:
tests/ops/categorical_values.h.
    torch_likelihoods.py > tests/ops/categorical_values.h"""
import torch
from torch import distributions


def show(name, tensor):
    numbers = tensor.detach().flatten().tolist()
    lines, line = [], "   "
    for number in numbers:
        text = " %.17g," % number
        if len(line) + len(text) > 100:
            lines.append(line)
            line = "   "
        line += text
    print("static const double torch_%s[] = {\n%s\n};" % (name, "\n".join(lines + [line])))


def made(name, logits, x, values):
    gradient, = torch.autograd.grad(values.sum(), logits)
    for key, tensor in (("logits", logits), ("x", x), ("gradient", gradient), ("values", values)):
        show(name + "_" + key, tensor)


def main():
    torch.manual_seed(1)
    print("// Made by tests/peers/torch_likelihoods.py with PyTorch %s.\n// clang-format off" % torch.__version__)
    logits = (3 * torch.randn(2, 3, 5)).double().requires_grad_()
    x = torch.randint(0, 5, (2, 3))
    made("categorical", logits, x, -distributions.Categorical(logits=logits).log_prob(x).sum(1))
    logits = (2 * torch.randn(3, 6)).double().requires_grad_()
    x = torch.tensor([[0, 0, 0, 0, 0, 0], [1, 0, 2, 0, 0, 9], [255, 3, 0, 17, 80, 1]]).double()
    rows = [-distributions.Multinomial(int(c.sum()), logits=l).log_prob(c) for c, l in zip(x, logits)]
    made("multinomial", logits, x, torch.stack(rows))
    print("// clang-format on")


main()
