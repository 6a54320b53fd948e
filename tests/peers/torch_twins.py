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
    "mlp-ms-ssim": dict(model="mlp", height=23, width=21, channels=2, hidden="3", latent=2, activation="silu",
                        likelihood="ms-ssim"),
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


def bernoulli(logits, x):
    return functional.binary_cross_entropy_with_logits(logits, x.flatten(1), reduction="none").sum(1)


def ms_ssim(logits, x):
    """Wang et al. 2003 (an odd edge is repeated, a term below 0.001 counts as that), times the numbers of a picture."""
    paper = torch.tensor([0.0448, 0.2856, 0.3001, 0.2363, 0.1333], dtype=x.dtype)
    window = torch.exp(-(torch.arange(11, dtype=x.dtype) - 5) ** 2 / (2 * 1.5**2))
    window = torch.outer(window / window.sum(), window / window.sum())[None, None]
    a, b = (t.reshape(x.shape).permute(0, 3, 1, 2).flatten(0, 1)[:, None] for t in (x, torch.sigmoid(logits)))
    terms = []
    while min(a.shape[2:]) >= 11 and len(terms) < 5:
        ma, mb, aa, bb, ab = (functional.conv2d(t, window) for t in (a, b, a * a, b * b, a * b))
        cs = (2 * (ab - ma * mb) + 9e-4) / (aa - ma * ma + bb - mb * mb + 9e-4)
        l = (2 * ma * mb + 1e-4) / (ma * ma + mb * mb + 1e-4)
        a, b = (functional.avg_pool2d(t, 2, ceil_mode=True) for t in (a, b))
        terms.append(cs if min(a.shape[2:]) >= 11 and len(terms) < 4 else l * cs)
    means = torch.stack([t.mean((1, 2, 3)) for t in terms], 1).clamp(min=1e-3)
    weights = paper[:len(terms)] / paper[:len(terms)].sum()
    return x[0].numel() * (1 - (means**weights).prod(1).reshape(len(x), -1).mean(1))


LIKELIHOODS = {"bernoulli": bernoulli, "ms-ssim": ms_ssim}


def losses(model, x, eps, likelihood):
    mu, logvar = model.encode(x)
    recon = likelihood(model.decode(mu + torch.exp(0.5 * logvar) * eps), x)
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
    likelihood = LIKELIHOODS[about.get("likelihood", "bernoulli")]
    loss = losses(model, x.double(), eps.double(), likelihood)
    loss.backward()
    tensors = {"x": x, "eps": eps, "loss": loss.reshape(1)}
    tensors.update({name: p for name, p in before.items() if p.is_floating_point() and "running" not in name})
    tensors.update({f"grad {name}": p.grad for name, p in model.named_parameters()})
    tensors.update({f"after {name}": p for name, p in model.state_dict().items() if "running" in name})
    # What a checkpoint of it gives once it is no longer trained.
    model.eval()
    tensors["tested"] = losses(model, x.double(), eps.double(), likelihood).reshape(1)
    return tensors


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, about in TWINS.items():
        write_safetensors(os.path.join(sys.argv[1], name + ".safetensors"), make_twin(about), about)


if __name__ == "__main__":
    main()
