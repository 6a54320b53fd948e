"""vkvae imports what PyTorch saved, and decodes what PyTorch does.

usage: torch_import.py PROGRAM FOLDER    the program vkvae, and a new folder for its runs

Exit code 0: every pixel agrees to 1e-5.
"""

import os
import subprocess
import sys

import numpy
import torch

import torch_models
from torch_twins import write_safetensors

TOLERANCE = 1e-5
MODELS = {
    "mlp": dict(model="mlp", height=9, width=7, channels=3, hidden=[11, 6], latent=4, activation="gelu"),
    "conv": dict(model="conv", height=13, width=10, channels=1, stages=[8, 12], latent=3, activation="leaky-relu",
                 norm="batch", upsample="transpose"),
    "conv-nearest": dict(model="conv", height=8, width=8, channels=3, stages=[8], latent=3, activation="elu",
                         norm="none", upsample="nearest"),
    "resnet": dict(model="resnet", height=13, width=10, channels=1, stages=[8, 12], latent=3, activation="silu",
                   norm="group", upsample="nearest", blocks=2),
    "resnet-batch": dict(model="resnet", height=8, width=8, channels=1, stages=[8], latent=3, activation="silu",
                         norm="batch", upsample="transpose", blocks=1),
}


def make(about):
    """With running statistics that are not those of a new module."""
    model = torch_models.make(about)
    model.train()
    for _ in range(3):
        x = torch.rand(16, about["height"], about["width"], about["channels"])
        model.decode(model.encode(x)[0])
    return model.eval()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, folder = sys.argv[1:]
    agree = True
    torch.manual_seed(1)
    for name, about in MODELS.items():
        weights, run, z, out = (os.path.join(folder, f"{name}{end}") for end in (".safetensors", "", ".z.npy", ".x.npy"))
        model, codes = make(about), torch.randn(32, about["latent"])
        # As PyTorch's own writer has them; a count of batches is no float, and not needed.
        state = {key: value for key, value in model.state_dict().items() if "num_batches" not in key}
        write_safetensors(weights, state, {"format": "pt"})
        numpy.save(z, codes.numpy())
        size = f"{about['height']}x{about['width']}"
        subprocess.run([program, "import", weights, "--size", size, "--activation", about["activation"], "--out", run,
                        "--quiet"], check=True)
        subprocess.run([program, "sample", run, "--from", z, "-o", out, "--quiet"], check=True)
        with torch.no_grad():
            want = torch.sigmoid(model.decode(codes)).view(-1, about["height"], about["width"], about["channels"])
        off = float(numpy.abs(numpy.load(out) - want.numpy()).max())
        agree = agree and off <= TOLERANCE
        print(f"{name:24} imported: largest difference of a pixel {off:.1e}")
    print("they agree" if agree else "THEY DISAGREE")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
