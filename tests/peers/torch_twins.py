#!/usr/bin/env python3
"""Writes the files of tests/peers/twins: weights, pictures and noise, and what PyTorch makes of them in one training
step: the loss, its gradients, and the running statistics afterwards. tests/peers/twin_test.c compares.
    torch_twins.py FOLDER"""
import json
import os
import struct
import sys

import torch
from torch.nn import functional

import torch_models

BATCH = 3
TWINS = {
    "mlp": dict(model="mlp", height=5, width=6, channels=1, hidden="9,7", latent=3, activation="silu"),
    "conv": dict(model="conv", height=17, width=23, channels=3, stages="4,6", latent=3, activation="leaky-relu",
                 norm="batch", upsample="transpose"),
    "conv-nearest-group": dict(model="conv", height=7, width=10, channels=1, stages="8,8", latent=2,
                               activation="elu", norm="group", upsample="nearest"),
    "resnet": dict(model="resnet", height=6, width=9, channels=2, stages="5,8", latent=2, activation="silu",
                   norm="group", upsample="transpose", blocks=1),
    "resnet-nearest-batch": dict(model="resnet", height=1, width=13, channels=1, stages="4", latent=2,
                                 activation="gelu", norm="batch", upsample="nearest", blocks=2),
}


def write_safetensors(path, tensors, meta):
    header, data, offset = {"__metadata__": {key: str(value) for key, value in meta.items()}}, [], 0
    for name, tensor in tensors.items():
        numbers = tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()
        header[name] = dict(dtype="F32", shape=list(tensor.shape), data_offsets=[offset, offset + len(numbers)])
        offset += len(numbers)
        data.append(numbers)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def losses(model, x, eps):
    mu, logvar = model.encode(x)
    logits = model.decode(mu + torch.exp(0.5 * logvar) * eps)
    recon = functional.binary_cross_entropy_with_logits(logits, x.flatten(1), reduction="none").sum(1)
    kl = -0.5 * (1 + logvar - mu * mu - logvar.exp()).sum(1)
    return (recon + kl).mean()


def make_twin(about):
    torch.manual_seed(1)
    model = torch_models.make(torch_models.read_about({key: str(value) for key, value in about.items()}))
    for name, p in model.named_parameters():
        if p.dim() == 1:
            p.data += 0.2 * torch.randn_like(p)
    x = torch.randint(0, 256, (BATCH, about["height"], about["width"], about["channels"])).float() / 255
    eps = torch.randn(BATCH, about["latent"])
    before = {name: p.detach().clone() for name, p in model.state_dict().items()}
    model.double()  # the truth, of which both are an approximation
    loss = losses(model, x.double(), eps.double())
    loss.backward()
    tensors = {"x": x, "eps": eps, "loss": loss.reshape(1)}
    tensors.update({name: p for name, p in before.items() if p.is_floating_point() and "running" not in name})
    tensors.update({f"grad {name}": p.grad for name, p in model.named_parameters()})
    tensors.update({f"after {name}": p for name, p in model.state_dict().items() if "running" in name})
    # What a checkpoint of it gives once it is no longer trained.
    model.eval()
    tensors["tested"] = losses(model, x.double(), eps.double()).reshape(1)
    return tensors


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, about in TWINS.items():
        write_safetensors(os.path.join(sys.argv[1], name + ".safetensors"), make_twin(about), about)


if __name__ == "__main__":
    main()
