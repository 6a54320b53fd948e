"""PyTorch loads a run's checkpoint.safetensors and computes the same test loss.

usage: torch_checkpoint.py RUN DATA    a run's folder, and the folder of the IDX files that it was trained on

The KL needs no noise and must agree to rounding. The reconstruction is a mean over z ~ q(z|x): vkvae drew it once,
PyTorch draws it several times, which gives its standard error. Exit code 0: they agree.
"""

import gzip
import json
import os
import struct
import sys

import numpy
import torch
from torch.nn import functional

import torch_models

TYPES = {"F32": "<f4", "I64": "<i8"}
DRAWS = 16
KL_TOLERANCE = 1e-4  # relative
LOSS_TOLERANCE = 0.3  # nats
STANDARD_ERRORS = 5


def read_safetensors(path):
    """{name: tensor} and the metadata: a header's length in 8 bytes, the header in JSON, then the numbers."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        if entry["dtype"] not in TYPES:
            sys.exit(f"{path}: {name} is of type {entry['dtype']}")
        begin, end = entry["data_offsets"]
        numbers = numpy.frombuffer(data[begin:end], dtype=TYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(numpy.array(numbers))
    return tensors, header.get("__metadata__", {})


def read_images(folder, name):
    """[count, height, width, 1] in [0, 1], of an IDX file, compressed or not."""
    path = os.path.join(folder, name)
    opener = open
    if not os.path.exists(path):
        path, opener = path + ".gz", gzip.open
    with opener(path, "rb") as file:
        content = file.read()
    magic, count, height, width = struct.unpack(">IIII", content[:16])
    if magic != 0x803:
        sys.exit(f"{path}: not an IDX file of images")
    pixels = numpy.frombuffer(content[16:], dtype=numpy.uint8).reshape(count, height, width, 1)
    return torch.from_numpy(pixels.astype(numpy.float32) / 255)


def mean_losses(model, images):
    """The KL, and for each of DRAWS draws of z the reconstruction: nats per image."""
    kl, recon = 0.0, numpy.zeros(DRAWS)
    for x in images.split(1000):
        mu, logvar = model.encode(x)
        kl += float((-0.5 * (1 + logvar - mu * mu - logvar.exp())).double().sum())
        for draw in range(DRAWS):
            z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
            bce = functional.binary_cross_entropy_with_logits(model.decode(z), x.flatten(1), reduction="none")
            recon[draw] += float(bce.double().sum())
    return kl / len(images), recon / len(images)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    run, data = sys.argv[1:]
    torch.manual_seed(1)
    with open(os.path.join(run, "metrics.jsonl"), encoding="utf-8") as file:
        ours = json.loads(file.readlines()[-1])
    with open(os.path.join(run, "config.json"), encoding="utf-8") as file:
        count = json.load(file)["record"]["test_count"]  # fewer with --limit
    tensors, about = read_safetensors(os.path.join(run, "checkpoint.safetensors"))
    about = torch_models.read_about(about)
    model = torch_models.make(about).eval()
    model.load_state_dict(tensors)  # strict: every name and every shape
    with torch.no_grad():
        kl, recon = mean_losses(model, read_images(data, "t10k-images-idx3-ubyte")[:count])

    loss, deviation = kl + recon.mean(), recon.std(ddof=1)
    error = deviation * (1 + 1 / DRAWS) ** 0.5  # of one draw's difference to the mean of DRAWS
    difference = ours["test_loss"] - loss
    print(f"{about['model']} {about.get('hidden') or about['stages']}, {about['activation']}; epoch {ours['epoch']}, test set, nats per image; "
          f"PyTorch {torch.__version__}")
    print(f"          vkvae        PyTorch      difference")
    print(f"KL     {ours['test_kl']:10.5f}   {kl:10.5f}   {ours['test_kl'] - kl:+10.5f}")
    print(f"recon  {ours['test_recon']:10.5f}   {recon.mean():10.5f}   {ours['test_recon'] - recon.mean():+10.5f}")
    print(f"loss   {ours['test_loss']:10.5f}   {loss:10.5f}   {difference:+10.5f}")
    print(f"one draw of z deviates by {deviation:.5f} ({DRAWS} draws): the difference is {difference / error:+.1f} "
          f"standard errors")

    agrees = (abs(ours["test_kl"] - kl) <= KL_TOLERANCE * kl and abs(difference) < LOSS_TOLERANCE
              and abs(difference) < STANDARD_ERRORS * error)
    print("they agree" if agrees else "THEY DISAGREE")
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
