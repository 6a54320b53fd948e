"""vkvae's models as PyTorch modules, with the names that checkpoints have."""
import torch
from torch import nn

ACTIVATIONS = {
    "relu": nn.ReLU,
    "leaky-relu": lambda: nn.LeakyReLU(0.01),
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "softplus": nn.Softplus,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
}


class MLP(nn.Module):
    """Layers fc1, fc2, ... in the order that data pass them; the encoder's last has two heads, with 1 (mu) and 2
    (logvar) behind its number. One hidden layer gives the names of PyTorch's example."""

    def __init__(self, about):
        super().__init__()
        pixels = about["height"] * about["width"] * about["channels"]
        hidden, latent = about["hidden"], about["latent"]
        self.depth = len(hidden)
        self.activation = ACTIVATIONS[about["activation"]]()
        widths = [pixels, *hidden]
        for i in range(self.depth):
            self.add_module(f"fc{i + 1}", nn.Linear(widths[i], widths[i + 1]))
        for head in (1, 2):
            self.add_module(f"fc{self.depth + 1}{head}", nn.Linear(widths[-1], latent))
        widths = [latent, *reversed(hidden), pixels]
        for i in range(self.depth + 1):
            self.add_module(f"fc{self.depth + 2 + i}", nn.Linear(widths[i], widths[i + 1]))

    def pass_hidden(self, first, x):
        for i in range(self.depth):
            x = self.activation(getattr(self, f"fc{first + i}")(x))
        return x

    def encode(self, x):
        """x [B,H,W,C], in [0, 1]"""
        h = self.pass_hidden(1, x.flatten(1))
        return tuple(getattr(self, f"fc{self.depth + 1}{head}")(h) for head in (1, 2))

    def decode(self, z):
        """Logits [B, H W C]."""
        h = self.pass_hidden(self.depth + 2, z)
        return getattr(self, f"fc{2 * self.depth + 2}")(h)


class Pictures(nn.Module):
    """What conv and resnet share: pictures that are halved once a stage, each size rounded up."""

    def __init__(self, about):
        super().__init__()
        self.about = about
        self.sizes = [(about["height"], about["width"])]
        for _ in about["stages"]:
            height, width = self.sizes[-1]
            self.sizes.append(((height + 1) // 2, (width + 1) // 2))

    def activation(self):
        return ACTIVATIONS[self.about["activation"]]()

    def norm(self, channels):
        """As a list: there may be none."""
        if self.about["norm"] == "batch":
            return [nn.BatchNorm2d(channels)]
        if self.about["norm"] == "none":
            return []
        groups = max(1, min(32, channels // 4))
        while channels % groups:
            groups -= 1
        return [nn.GroupNorm(groups, channels)]

    def doubled(self, inputs, outputs, to):
        """To the size before `to` halvings."""
        if self.about["upsample"] == "nearest":
            return [nn.Upsample(size=self.sizes[to]), nn.Conv2d(inputs, outputs, 3, padding=1)]
        padding = tuple(self.sizes[to][i] - 2 * self.sizes[to + 1][i] + 1 for i in range(2))
        return [nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=padding)]

    def add_heads(self):
        channels, latent = self.about["stages"][-1], self.about["latent"]
        features = channels * self.sizes[-1][0] * self.sizes[-1][1]
        self.fc_mu = nn.Linear(features, latent)
        self.fc_var = nn.Linear(features, latent)
        self.decoder_input = nn.Linear(latent, features)

    def encode(self, x):
        """x [B,H,W,C], in [0, 1]"""
        h = self.encode_pictures(x.permute(0, 3, 1, 2)).flatten(1)
        return self.fc_mu(h), self.fc_var(h)

    def decode(self, z):
        """Logits [B, H W C]."""
        h = self.decoder_input(z).view(-1, self.about["stages"][-1], *self.sizes[-1])
        return self.decode_pictures(h).permute(0, 2, 3, 1).flatten(1)


class Conv(Pictures):
    """VanillaVAE of PyTorch-VAE (A. K. Subramanian, 2020), for any size, with logits in place of its tanh."""

    def __init__(self, about):
        super().__init__(about)
        stages = about["stages"]
        unit = lambda layers, channels: nn.Sequential(*layers, *self.norm(channels), self.activation())
        inputs = [about["channels"], *stages]
        self.encoder = nn.Sequential(*(unit([nn.Conv2d(inputs[i], stages[i], 3, stride=2, padding=1)], stages[i])
                                       for i in range(len(stages))))
        self.add_heads()
        self.decoder = nn.Sequential(*(unit(self.doubled(stages[i], stages[i - 1], i), stages[i - 1])
                                       for i in range(len(stages) - 1, 0, -1)))
        self.final_layer = nn.Sequential(*unit(self.doubled(stages[0], stages[0], 0), stages[0]),
                                         nn.Conv2d(stages[0], about["channels"], 3, padding=1))

    def encode_pictures(self, x):
        return self.encoder(x)

    def decode_pictures(self, h):
        return self.final_layer(self.decoder(h))


class Block(nn.Module):
    def __init__(self, model, channels):
        super().__init__()
        for i in (1, 2):
            for norm in model.norm(channels):
                self.add_module(f"norm{i}", norm)
            self.add_module(f"conv{i}", nn.Conv2d(channels, channels, 3, padding=1))
        self.activation = model.activation()
        self.normalised = bool(model.norm(channels))

    def forward(self, x):
        h = x
        for i in (1, 2):
            h = getattr(self, f"norm{i}")(h) if self.normalised else h
            h = getattr(self, f"conv{i}")(self.activation(h))
        return x + h


class ResNet(Pictures):
    def __init__(self, about):
        super().__init__(about)
        stages, blocks = about["stages"], range(about["blocks"])
        self.stem = nn.Conv2d(about["channels"], stages[0], 3, padding=1)
        inputs = [stages[0], *stages]
        self.encoder = nn.Sequential(*(
            nn.Sequential(nn.Conv2d(inputs[i], stages[i], 3, stride=2, padding=1),
                          *(Block(self, stages[i]) for _ in blocks)) for i in range(len(stages))))
        self.decoder = nn.Sequential(*(
            nn.Sequential(*(Block(self, stages[i]) for _ in blocks), *self.doubled(stages[i], inputs[i], i))
            for i in range(len(stages) - 1, -1, -1)))
        if self.norm(1):
            (self.encoder_norm,) = self.norm(stages[-1])
            (self.final_norm,) = self.norm(stages[0])
        else:
            self.encoder_norm = self.final_norm = nn.Identity()
        self.add_heads()
        self.final_conv = nn.Conv2d(stages[0], about["channels"], 3, padding=1)
        self.last = self.activation()

    def encode_pictures(self, x):
        return self.last(self.encoder_norm(self.encoder(self.stem(x))))

    def decode_pictures(self, h):
        return self.final_conv(self.last(self.final_norm(self.decoder(h))))


def make(about):
    return {"mlp": MLP, "conv": Conv, "resnet": ResNet}[about["model"]](about)


def read_about(meta):
    """A checkpoint's metadata, with numbers and lists in place of texts."""
    about = {"activation": "relu", **meta}
    for key in ("height", "width", "channels", "latent", "blocks"):
        if key in about:
            about[key] = int(about[key])
    for key in ("hidden", "stages"):
        if key in about:
            about[key] = [int(width) for width in about[key].split(",")]
    return about
