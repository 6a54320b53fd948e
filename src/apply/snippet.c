#include "snippet.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "abi.h"
#include "layers.h"
#include "likelihood.h"
#include "sigma.h"

struct printing {
    const struct vv_snippet *s;
    const struct vv_model_size *size;
    struct vv_lines *lines;
    bool ok;
};

static void put(struct printing *p, const char *text) {
    p->ok = p->ok && vv_lines_append(p->lines, text);
}

static void put_format(struct printing *p, const char *format, ...) VV_PRINTF(2, 3);
static void put_format(struct printing *p, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(p, text);
}

static void put_list(struct printing *p, const char *name, const uint32_t *list, uint32_t count) {
    put_format(p, "%s = [", name);
    for (uint32_t i = 0; i < count; i++) put_format(p, "%s%u", i ? ", " : "", list[i]);
    put(p, "]\n");
}

// Between quotation marks.
static void put_quoted(struct printing *p, const char *text) {
    put(p, "\"");
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c < ' ' || *c == 0x7f)
            put_format(p, "\\x%02x", *c);
        else if (*c == '"' || *c == '\\')
            put_format(p, "\\%c", *c);
        else
            put_format(p, "%c", *c);
    }
    put(p, "\"");
}

// ---- What all have in common ----

static const char beginning[] =
    "import json, struct, torch\n"
    "from torch import nn\n"
    "from torch.nn import functional as F\n"
    "\n"
    "\n"
    "def read(path):\n"
    "    with open(path, \"rb\") as file:\n"
    "        header = json.loads(file.read(struct.unpack(\"<Q\", file.read(8))[0]))\n"
    "        data = bytearray(file.read())\n"
    "    header.pop(\"__metadata__\", None)\n"
    "    types = {\"F32\": torch.float32, \"I64\": torch.int64}\n"
    "    return {name: torch.frombuffer(data[slice(*t[\"data_offsets\"])], dtype=types[t[\"dtype\"]])\n"
    "            .reshape(t[\"shape\"]) for name, t in header.items()}\n"
    "\n"
    "\n";

// gaussian.h
static const char bound[] = "def bound(logvar):  # softly by 30 beyond 20\n"
                            "    u = (logvar.abs() - 20).relu()\n"
                            "    return logvar.clamp(-20, 20) + logvar.sign() * u / (1 + u / 10)\n"
                            "\n"
                            "\n";

static const char *activation_of(const struct vv_model_size *size) {
    static const char *const names[][2] = {
        {"relu", "ReLU"},       {"leaky-relu", "LeakyReLU"}, {"elu", "ELU"},   {"tanh", "Tanh"},
        {"sigmoid", "Sigmoid"}, {"softplus", "Softplus"},    {"silu", "SiLU"}, {"gelu", "GELU"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(size->activation, names[i][0]) == 0) return names[i][1];
    return "Identity";
}

static void put_sizes(struct printing *p) {
    const struct vv_model_size *size = p->size;
    put_format(p, "height, width, channels, latent = %u, %u, %u, %u\n", size->height, size->width,
               size->channels, size->latent);
    if (size->stages)
        put_list(p, "stages", size->stage, size->stages);
    else
        put_list(p, "hidden", size->hidden, size->layers);
    if (size->blocks) put_format(p, "blocks = %u\n", size->blocks);
    put_format(p, "outputs = %u  # of the decoder, for each value\nactivation = nn.%s\n", size->outputs,
               activation_of(size));
}

// ---- The mean of p(x|z), of `numbers` [N,C,outputs,H,W], or [N,C,H,W] where outputs is 1 ----

static void put_sigma(struct printing *p) {
    if (vv_sigma_scale(p->s->model) != VV_SCALE_PIXEL) {
        put_format(p, "        sigma = %.9g\n", vv_sigma_value(p->s->model, p->s->log_sigma));
        return;
    }
    put(p, "        most = 6.90775527898213705  # log 1000, of either sign\n"
           "        log_sigma = most - F.softplus(2 * (most - numbers[:, :, 1])) / 2\n"
           "        sigma = (F.softplus(2 * (log_sigma + most)) / 2 - most).exp()\n");
}

static void put_mean(struct printing *p) {
    const struct vv_likelihood *likelihood = vv_likelihood_of(p->s->model);
    const char *name = likelihood->name, *location = p->size->outputs == 2 ? "[:, :, 0]" : "";
    if (strcmp(name, "bernoulli") == 0 || strcmp(name, "ms-ssim") == 0) {
        put(p, "        return numbers.sigmoid()\n");
    } else if (strcmp(name, "categorical-256") == 0) {
        put(p,
            "        return (numbers.softmax(2) * torch.linspace(0, 1, 256).view(256, 1, 1)).sum(2)\n");
    } else if (strcmp(name, "continuous-bernoulli") == 0) {
        put(p, "        l = numbers.double()\n"
               "        far = 1 / -torch.expm1(-l) - 1 / l\n"
               "        return torch.where(l.abs() < 0.01, 0.5 + l / 12, far).float()\n");
    } else if (strcmp(name, "discretized-logistic") == 0) {
        put_sigma(p);
        put_format(p, "        mu = numbers%s\n", location);
        put(p, "        return sigma * (F.softplus(mu / sigma) - F.softplus((mu - 1) / sigma))\n");
    } else if (likelihood->of != VV_OF_PICTURES) {
        put(p, "        return numbers.softmax(-1)\n");
    } else {
        put_format(p, "        return numbers%s\n", location);
    }
}

// ---- mlp: pictures lie as [H,W,C] in its vectors ----

static void put_mlp_encoder(struct printing *p) {
    const enum vv_likelihood_of of = vv_likelihood_of(p->s->model)->of;
    put_format(p,
               "class Encoder(nn.Module):\n"
               "    def __init__(self):\n"
               "        super().__init__()\n"
               "        widths = [height * width * channels * %u] + hidden\n",
               p->size->inputs);
    put(p, "        for i in range(len(hidden)):\n"
           "            self.add_module(f\"fc{i + 1}\", nn.Linear(widths[i], widths[i + 1]))\n"
           "        for head in (1, 2):\n"
           "            self.add_module(f\"fc{len(hidden) + 1}{head}\", nn.Linear(widths[-1], latent))\n"
           "\n");
    if (of == VV_OF_ROWS)
        put_format(p,
                   "    def forward(self, x):  # [N, width], numbers of tokens\n"
                   "        h = F.one_hot(x.clamp(max=%u), %u).float().flatten(1)\n",
                   p->size->inputs - 1, p->size->inputs);
    else if (of == VV_OF_BAGS)
        put(p, "    def forward(self, x):  # [N, width], how often each word is there\n"
               "        h = torch.log1p(x)\n");
    else
        put(p, "    def forward(self, x):  # [N, channels, height, width], from 0 to 1\n"
               "        h = x.permute(0, 2, 3, 1).flatten(1)\n");
    put(p, "        for i in range(len(hidden)):\n"
           "            h = activation()(getattr(self, f\"fc{i + 1}\")(h))\n"
           "        mu, logvar = (getattr(self, f\"fc{len(hidden) + 1}{head}\")(h) for head in (1, 2))\n"
           "        return mu, bound(logvar)\n"
           "\n\n");
}

static void put_mlp_decoder(struct printing *p) {
    const enum vv_likelihood_of of = vv_likelihood_of(p->s->model)->of;
    put(p, "class Decoder(nn.Module):\n"
           "    def __init__(self):\n"
           "        super().__init__()\n"
           "        widths = [latent] + hidden[::-1] + [height * width * channels * outputs]\n"
           "        for i in range(len(hidden) + 1):\n"
           "            self.add_module(f\"fc{len(hidden) + 2 + i}\", nn.Linear(widths[i], widths[i + "
           "1]))\n"
           "\n"
           "    def forward(self, z):\n"
           "        for i in range(len(hidden)):\n"
           "            z = activation()(getattr(self, f\"fc{len(hidden) + 2 + i}\")(z))\n"
           "        numbers = getattr(self, f\"fc{2 * len(hidden) + 2}\")(z)\n");
    if (of == VV_OF_ROWS)
        put(p, "        numbers = numbers.view(-1, width, outputs)\n");
    else if (of == VV_OF_PICTURES && p->size->outputs > 1)
        put(p,
            "        numbers = numbers.view(-1, height, width, channels, outputs).permute(0, 3, 4, 1, "
            "2)\n");
    else if (of == VV_OF_PICTURES)
        put(p, "        numbers = numbers.view(-1, height, width, channels).permute(0, 3, 1, 2)\n");
    put_mean(p);
    put(p, "\n\n");
}

// ---- conv and resnet ----

static void put_parts(struct printing *p) {
    const struct vv_model_size *size = p->size;
    put(p, "sizes = [(height, width)]\n"
           "for _ in stages:\n"
           "    sizes.append(tuple((n + 1) // 2 for n in sizes[-1]))\n"
           "features = stages[-1] * sizes[-1][0] * sizes[-1][1]\n"
           "\n\n"
           "def norm(channels):\n");
    if (strcmp(size->norm, "batch") == 0)
        put(p, "    return [nn.BatchNorm2d(channels)]\n");
    else if (strcmp(size->norm, "group") == 0)
        put(p, "    groups = max(1, min(32, channels // 4))\n"
               "    while channels % groups:\n"
               "        groups -= 1\n"
               "    return [nn.GroupNorm(groups, channels)]\n");
    else
        put(p, "    return []\n");
    put(p, "\n\n"
           "def doubled(inputs, outputs, to):  # to the size before `to` halvings\n");
    if (vv_is_nearest(size))
        put(p,
            "    return [nn.Upsample(size=sizes[to]), nn.Conv2d(inputs, outputs, 3, padding=1)]\n\n\n");
    else
        put(p, "    more = tuple(a - 2 * b + 1 for a, b in zip(sizes[to], sizes[to + 1]))\n"
               "    return [nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, "
               "output_padding=more)]\n\n\n");
}

static void put_heads(struct printing *p, const char *pictures) {
    put_format(
        p,
        "        self.fc_mu, self.fc_var = nn.Linear(features, latent), nn.Linear(features, latent)\n"
        "\n"
        "    def forward(self, x):  # [N, channels, height, width], from 0 to 1\n"
        "        h = %s.flatten(1)\n"
        "        return self.fc_mu(h), bound(self.fc_var(h))\n"
        "\n\n",
        pictures);
}

static void put_decoding(struct printing *p, const char *pictures) {
    put_format(p,
               "        self.decoder_input = nn.Linear(latent, features)\n"
               "\n"
               "    def forward(self, z):\n"
               "        h = self.decoder_input(z).view(-1, stages[-1], *sizes[-1])\n"
               "        numbers = %s\n",
               pictures);
    if (p->size->outputs > 1)
        put(p, "        numbers = numbers.view(-1, channels, outputs, height, width)\n");
    put_mean(p);
    put(p, "\n\n");
}

static const char unit[] = "def unit(layers, channels):\n"
                           "    return nn.Sequential(*layers, *norm(channels), activation())\n"
                           "\n\n";

static void put_conv_encoder(struct printing *p) {
    put(p, "class Encoder(nn.Module):\n"
           "    def __init__(self):\n"
           "        super().__init__()\n"
           "        self.encoder = nn.Sequential(*(unit([nn.Conv2d(a, b, 3, stride=2, padding=1)], b)\n"
           "                                       for a, b in zip([channels] + stages, stages)))\n");
    put_heads(p, "self.encoder(x)");
}

static void put_conv_decoder(struct printing *p) {
    put(p,
        "class Decoder(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.decoder = nn.Sequential(*(unit(doubled(stages[i], stages[i - 1], i), stages[i - "
        "1])\n"
        "                                       for i in range(len(stages) - 1, 0, -1)))\n"
        "        self.final_layer = nn.Sequential(*unit(doubled(stages[0], stages[0], 0), stages[0]),\n"
        "                                         nn.Conv2d(stages[0], channels * outputs, 3, "
        "padding=1))\n");
    put_decoding(p, "self.final_layer(self.decoder(h))");
}

static const char block[] =
    "class Block(nn.Module):\n"
    "    def __init__(self, channels):\n"
    "        super().__init__()\n"
    "        for i in (1, 2):\n"
    "            self.add_module(f\"norm{i}\", nn.Sequential() if not norm(1) else norm(channels)[0])\n"
    "            self.add_module(f\"conv{i}\", nn.Conv2d(channels, channels, 3, padding=1))\n"
    "\n"
    "    def forward(self, x):\n"
    "        h = self.conv1(activation()(self.norm1(x)))\n"
    "        return x + self.conv2(activation()(self.norm2(h)))\n"
    "\n\n";

static void put_resnet_encoder(struct printing *p) {
    put(p, "class Encoder(nn.Module):\n"
           "    def __init__(self):\n"
           "        super().__init__()\n"
           "        self.stem = nn.Conv2d(channels, stages[0], 3, padding=1)\n"
           "        self.encoder = nn.Sequential(*(\n"
           "            nn.Sequential(nn.Conv2d(a, b, 3, stride=2, padding=1), *(Block(b) for _ in "
           "range(blocks)))\n"
           "            for a, b in zip(stages[:1] + stages, stages)))\n"
           "        self.encoder_norm = nn.Sequential() if not norm(1) else norm(stages[-1])[0]\n");
    put_heads(p, "activation()(self.encoder_norm(self.encoder(self.stem(x))))");
}

static void put_resnet_decoder(struct printing *p) {
    put(p, "class Decoder(nn.Module):\n"
           "    def __init__(self):\n"
           "        super().__init__()\n"
           "        inner = stages[:1] + stages\n"
           "        self.decoder = nn.Sequential(*(\n"
           "            nn.Sequential(*(Block(stages[i]) for _ in range(blocks)), *doubled(stages[i], "
           "inner[i], i))\n"
           "            for i in range(len(stages) - 1, -1, -1)))\n"
           "        self.final_norm = nn.Sequential() if not norm(1) else norm(stages[0])[0]\n"
           "        self.final_conv = nn.Conv2d(stages[0], channels * outputs, 3, padding=1)\n");
    put_decoding(p, "self.final_conv(activation()(self.final_norm(self.decoder(h))))");
}

static const struct {
    const char *kind, *parts;
    void (*encoder)(struct printing *p);
    void (*decoder)(struct printing *p);
} models[] = {{"mlp", NULL, put_mlp_encoder, put_mlp_decoder},
              {"conv", unit, put_conv_encoder, put_conv_decoder},
              {"resnet", block, put_resnet_encoder, put_resnet_decoder}};

static void put_end(struct printing *p, const char *name, const char *module) {
    put_format(p, "%s = %s().eval()\n", name, module);
    put_format(p, "%s.load_state_dict({name: state[name] for name in %s.state_dict()})\n", name, name);
}

bool vv_snippet_print(const struct vv_snippet *snippet, struct vv_lines *lines) {
    struct printing p = {.s = snippet, .size = &snippet->model->size, .lines = lines, .ok = true};
    size_t i = 0;
    while (strcmp(models[i].kind, snippet->model->kind) != 0) i++;
    put(&p, beginning);
    put_sizes(&p);
    if (p.size->stages)
        put_parts(&p);
    else
        put(&p, "\n\n");
    if (models[i].parts) put(&p, models[i].parts);
    if (snippet->encoder) put(&p, bound);
    if (snippet->encoder) models[i].encoder(&p);
    if (snippet->decoder) models[i].decoder(&p);
    put(&p, "state = read(");
    put_quoted(&p, snippet->name);
    put(&p, ")\n");
    if (snippet->encoder) put_end(&p, "encoder", "Encoder");
    if (snippet->decoder) put_end(&p, "decoder", "Decoder");
    return p.ok;
}
