"""PyTorch loads a run's checkpoint.safetensors and makes of pictures what the program makes of them.

usage: torch_use.py PROGRAM RUN DATA [NLL_IMAGES NLL_SAMPLES]
    PROGRAM: vkvae; RUN: a run's folder, of Bernoulli pixels; DATA: the folder of the IDX files it was trained on

On the first 1,000 test pictures: codes and decoded pixels to 1e-5, the loss given the same noise to 1e-4, and given noise
of its own, as -log p(x) by importance sampling (100 pictures, 200 draws each unless said), within three standard errors.
Exit code 0: they agree.
"""

import json
import math
import os
import subprocess
import sys
import tempfile

import numpy
import torch
from torch.nn import functional

import torch_models
from torch_checkpoint import read_images, read_safetensors

COUNT = 1000
DRAWS = 16
CODE_TOLERANCE = 1e-5
LOSS_TOLERANCE = 1e-4
STANDARD_ERRORS = 3

failures = 0


def check(what, difference, most):
    global failures
    good = abs(difference) <= most
    failures += not good
    print(f"{what:46} {difference:+.3g}, at most {most:.3g}{'' if good else '    TOO MUCH'}")


def run(*words):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE).stdout


def recon_of(model, x, z):
    """-log p(x|z) of each row, in double."""
    logits = model.decode(z)
    return functional.binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none").double().sum(1)


def log_likelihoods(model, images, samples):
    """log of the mean of p(x|z) p(z) / q(z|x), of each picture."""
    found = []
    mu, logvar = model.encode(images)
    for x, m, v in zip(images.flatten(1), mu, logvar):
        logs = []
        for first in range(0, samples, 1000):
            eps = torch.randn(min(1000, samples - first), len(m))
            z = m + torch.exp(0.5 * v) * eps
            prior = 0.5 * (eps.double() ** 2 - z.double() ** 2 + v.double()).sum(1)
            logs.append(prior - recon_of(model, x, z))
        found.append(float(torch.logsumexp(torch.cat(logs), 0)) - math.log(samples))
    return numpy.array(found)


def compare_codes(path, model, images, mu, logvar):
    codes = numpy.load(path + "/codes.npz")
    for name, own in (("mu", mu), ("logvar", logvar)):
        relative = numpy.abs(codes[name] - own.numpy()) / (1 + numpy.abs(own.numpy()))
        check(f"{name}, relative to 1 + |{name}|", relative.max(), CODE_TOLERANCE)
    pixels = numpy.load(path + "/x.npy").reshape(len(images), -1)
    check("decoded pixels", numpy.abs(pixels - torch.sigmoid(model.decode(mu)).numpy()).max(), CODE_TOLERANCE)


def compare_losses(ours, model, images, mu, logvar, eps):
    x = images.flatten(1)
    kl = (-0.5 * (1 + logvar - mu * mu - logvar.exp())).double().sum(1)
    scale = torch.exp(0.5 * logvar)
    loss = float((recon_of(model, x, mu + scale * eps) + kl).mean())
    check(f"loss {ours['loss']:.5f}, with the same noise", ours["loss"] - loss, LOSS_TOLERANCE)
    draws = [float((recon_of(model, x, mu + scale * torch.randn_like(mu)) + kl).mean()) for _ in range(DRAWS)]
    error = numpy.std(draws, ddof=1) * math.sqrt(1 + 1 / DRAWS)
    check(f"loss, with noise of its own ({DRAWS} times)", ours["loss"] - numpy.mean(draws), STANDARD_ERRORS * error)


def compare_nll(ours, model, images):
    """The pictures are the same: what differs is the draws', as each side's `draws_error` has it."""
    l = ours["likelihood"]
    own = -log_likelihoods(model, images[: l["images"]], l["samples"])
    print(f"{l['images']} pictures, {l['samples']} draws each: -log p(x) {l['nll']:.5f} +- {l['nll_error']:.5f} of the "
          f"program, {own.mean():.5f} +- {own.std(ddof=1) / math.sqrt(len(own)):.5f} of PyTorch")
    check("-log p(x)", l["nll"] - own.mean(), STANDARD_ERRORS * math.sqrt(2) * l["draws_error"])


def main():
    if len(sys.argv) not in (4, 6):
        sys.exit(__doc__)
    program, folder, data = sys.argv[1:4]
    nll = sys.argv[4:] or [100, 200]
    torch.manual_seed(1)
    tensors, about = read_safetensors(os.path.join(folder, "checkpoint.safetensors"))
    model = torch_models.make(torch_models.read_about(about)).eval()
    model.load_state_dict(tensors)
    images = read_images(data, "t10k-images-idx3-ubyte")[:COUNT]
    limit = ("--limit", len(images), "--quiet")
    with tempfile.TemporaryDirectory() as path, torch.no_grad():
        mu, logvar = model.encode(images)
        numpy.save(path + "/mu.npy", mu.numpy())
        run(program, "encode", folder, *limit, "-o", path + "/codes.npz")
        run(program, "sample", folder, "--from", path + "/mu.npy", "-o", path + "/x.npy", "--quiet")
        compare_codes(path, model, images, mu, logvar)
        ours = json.loads(run(program, "evaluate", folder, *limit, "--export-noise", path + "/eps.npy", "--nll",
                              "--nll-images", nll[0], "--nll-samples", nll[1], "--json"))
        compare_losses(ours, model, images, mu, logvar, torch.from_numpy(numpy.load(path + "/eps.npy")))
        compare_nll(ours, model, images)
    print("they agree" if not failures else "THEY DISAGREE")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
