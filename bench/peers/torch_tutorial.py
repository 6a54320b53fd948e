"""The job in PyTorch as tutorials write it: torchvision's MNIST and ToTensor through a DataLoader, sigmoid and
binary_cross_entropy, .item() in each step.

usage: torch_tutorial.py DATA [--epochs N] [--threads N] [--seed N] [--since S]

torchvision wants the files uncompressed in a folder MNIST/raw: they are put there, in a temporary folder. Without
torchvision (bench/peers/setup.sh installs it) a Dataset of the same steps stands for it: a PIL image for each picture,
then a tensor in [0, 1]; "dataset" in what is printed says which it was.
"""

import gzip
import os
import tempfile
import time

import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from common import BATCH, Figures, VAE, arguments, read_idx

try:
    from torchvision import datasets, transforms
except ImportError:
    datasets = None

NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]


def uncompress(folder, target):
    raw = os.path.join(target, "MNIST", "raw")
    os.makedirs(raw)
    for name in NAMES:
        path = os.path.join(folder, name)
        opener = open if os.path.exists(path) else gzip.open
        with opener(path if opener is open else path + ".gz", "rb") as file:
            content = file.read()
        with open(os.path.join(raw, name), "wb") as file:
            file.write(content)


class Pictures(Dataset):
    """What torchvision.datasets.MNIST with ToTensor does for each picture."""

    def __init__(self, folder, name):
        self.pixels = torch.from_numpy(read_idx(folder, name).copy())

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, index):
        image = Image.fromarray(self.pixels[index].numpy(), mode="L")
        pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
        return pixels.view(1, *image.size).float().div(255), 0


def open_sets(options, folder):
    if not datasets:
        return Pictures(options.data, NAMES[0]), Pictures(options.data, NAMES[2])
    uncompress(options.data, folder)
    return [datasets.MNIST(folder, train=train, transform=transforms.ToTensor()) for train in (True, False)]


def loss_of(logits, x, mu, logvar):
    bce = functional.binary_cross_entropy(torch.sigmoid(logits), x, reduction="sum")
    return bce - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


def run_train(model, loader, optimiser, figures):
    model.train()
    total = 0
    for data, _ in loader:
        x = data.view(-1, 784)
        optimiser.zero_grad()
        logits, mu, logvar = model(x)
        loss = loss_of(logits, x, mu, logvar)
        loss.backward()
        total += loss.item()
        optimiser.step()
        figures.step()
    return total / len(loader.dataset)


def run_test(model, loader):
    model.eval()
    total = 0
    with torch.no_grad():
        for data, _ in loader:
            x = data.view(-1, 784)
            logits, mu, logvar = model(x)
            total += loss_of(logits, x, mu, logvar).item()
    return total / len(loader.dataset)


def main():
    options = arguments(__doc__)
    figures = Figures("torch_tutorial", options)
    with tempfile.TemporaryDirectory() as folder:
        train, test = open_sets(options, folder)
        train_loader = DataLoader(train, batch_size=BATCH, shuffle=True)
        test_loader = DataLoader(test, batch_size=BATCH)
        model = VAE()
        optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
        for _ in range(options.epochs):
            begun = time.perf_counter()
            train_loss = run_train(model, train_loader, optimiser, figures)
            trained = time.perf_counter()
            test_loss = run_test(model, test_loader)
            figures.epoch(trained - begun, time.perf_counter() - trained, train_loss, test_loss)
    pixels = read_idx(options.data, NAMES[0])
    figures.print(pixel_mean=float(pixels.mean()) / 255, dataset="torchvision" if datasets else "our own")


if __name__ == "__main__":
    main()
