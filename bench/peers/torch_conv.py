"""The convolutional job in PyTorch on a CPU: the model that `vkvae train --model conv` trains, on coloured IDX pictures.

Encoder: 3x3 convolutions of stride 2, each with batch normalisation and LeakyReLU; heads mu and logvar; decoder: the
mirror image with transposed convolutions, then one more of them and a 3x3 convolution to logits. BCE + KL, Adam 1e-3.

usage: torch_conv.py DATA [--epochs N] [--channels N,...] [--latent N] [--batch N] [--channels-last] [--threads N]
"""

import argparse
import json
import os
import time

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as in torch_best.py

import torch
from torch import nn
from torch.nn import functional

from common import peak_bytes, read_idx


def down(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, 2, 1), nn.BatchNorm2d(outputs), nn.LeakyReLU())


def up(inputs, outputs):
    return nn.Sequential(nn.ConvTranspose2d(inputs, outputs, 3, 2, 1, 1), nn.BatchNorm2d(outputs), nn.LeakyReLU())


class VAE(nn.Module):
    """Sides are multiples of 2^(number of stages)."""

    def __init__(self, shape, stages, latent):
        super().__init__()
        height, width, inputs = shape
        self.last = (stages[-1], height >> len(stages), width >> len(stages))
        flat = self.last[0] * self.last[1] * self.last[2]
        self.encoder = nn.Sequential(*[down(a, b) for a, b in zip([inputs] + stages, stages)])
        self.fc_mu, self.fc_var = nn.Linear(flat, latent), nn.Linear(flat, latent)
        self.decoder_input = nn.Linear(latent, flat)
        back = stages[::-1]
        self.decoder = nn.Sequential(*[up(a, b) for a, b in zip(back, back[1:])])
        self.final_layer = nn.Sequential(*up(back[-1], back[-1]), nn.Conv2d(back[-1], inputs, 3, 1, 1))

    def forward(self, x):
        h = self.encoder(x).flatten(1)
        mu, logvar = self.fc_mu(h), self.fc_var(h)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)
        return self.final_layer(self.decoder(self.decoder_input(z).view(-1, *self.last))), mu, logvar


def loss_of(model, x):
    logits, mu, logvar = model(x)
    bce = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    return bce - 0.5 * torch.sum(1 + logvar - mu * mu - logvar.exp())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="folder of IDX files, as `vkvae data shapes --channels 3` writes them")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--channels", default="32,64,128,256")
    parser.add_argument("--latent", type=int, default=128)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--channels-last", action="store_true", help="NHWC in memory")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    name = "train-images-idx4-ubyte"
    pixels = torch.from_numpy(read_idx(options.data, name).copy())  # [count, height, width, channels]
    stages = [int(c) for c in options.channels.split(",")]
    model = VAE(pixels.shape[1:], stages, options.latent)
    pixels = pixels.permute(0, 3, 1, 2)
    if options.channels_last:
        model = model.to(memory_format=torch.channels_last)
    else:
        pixels = pixels.contiguous()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3, foreach=True)
    model.train()
    epochs = []
    for _ in range(options.epochs):
        begun = time.perf_counter()
        total = torch.zeros(())
        batches = torch.randperm(len(pixels)).split(options.batch)
        for batch in batches:
            x = pixels[batch].float().div_(255)
            loss = loss_of(model, x)
            optimiser.zero_grad(set_to_none=True)
            (loss / len(batch)).backward()
            optimiser.step()
            total += loss.detach()
        train_loss = total.item() / len(pixels)
        epochs.append({"step_ms": 1e3 * (time.perf_counter() - begun) / len(batches), "train_loss": train_loss})
    print(json.dumps({"program": "torch_conv" + ("_nhwc" if options.channels_last else ""),
                      "version": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads(),
                      "parameters": sum(p.numel() for p in model.parameters()),
                      "epochs": epochs, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main()
