"""PyTorch computes with exported weights, and the Python that vkvae prints for them, what vkvae does; NumPy reads the
same weights from .npz.

usage: torch_exports.py FOLDER    that peers_exports wrote: NAME.expected, NAME.py, NAME.safetensors, NAME.npz

Exit code 0: every number agrees to 1e-5, of its size where that is above 1.
"""

import glob
import os
import sys

import numpy
import torch

from torch_checkpoint import read_safetensors

TOLERANCE = 1e-5


def furthest(got, want):
    if got.shape != want.shape:
        return float("inf")
    off = (got - want).abs() / want.abs().clamp(min=1)
    return float("inf") if off.isnan().any() else float(off.max())


def same_arrays(path, state):
    arrays = numpy.load(path)
    return all(name in arrays and numpy.array_equal(arrays[name], tensor.numpy()) for name, tensor in state.items())


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    names = sorted(os.path.basename(path)[:-9] for path in glob.glob(os.path.join(sys.argv[1], "*.expected")))
    agree = bool(names)
    print(f"PyTorch {torch.__version__}, NumPy {numpy.__version__}: largest difference, of 1 or of the number")
    for name in names:
        path = os.path.join(sys.argv[1], name)
        expected, _ = read_safetensors(path + ".expected")
        module = {}
        with open(path + ".py", encoding="utf-8") as file:
            exec(compile(file.read(), path + ".py", "exec"), module)
        with torch.no_grad():
            mu, logvar = module["encoder"](expected["x"])
            mean = module["decoder"](expected["z"])
        off = {"mu": furthest(mu, expected["mu"]), "logvar": furthest(logvar, expected["logvar"]),
               "x": furthest(mean, expected["mean"])}
        arrays = same_arrays(path + ".npz", module["state"])
        good = arrays and all(value <= TOLERANCE for value in off.values())
        agree = agree and good
        numbers = "  ".join(f"{key} {value:.1e}" for key, value in off.items())
        print(f"{name:24} {numbers}{'' if arrays else '  ARRAYS DIFFER'}{'' if good else '  DISAGREES'}")
    print("they agree" if agree else "THEY DISAGREE")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
