// onnxruntime computes with exported ONNX graphs what vkvae does.
//
// usage: node onnx_exports.js FOLDER    that peers_exports wrote: NAME.expected, NAME-encoder.onnx, NAME-decoder.onnx
//
// Inputs and outputs are those of NAME.expected (safetensors). Exit code 0: every number agrees to 1e-5, of its size
// where that is above 1.
"use strict";
const fs = require("fs");
const path = require("path");
const ort = require("onnxruntime-node");

const TOLERANCE = 1e-5;

function readSafetensors(file) {
    const bytes = fs.readFileSync(file);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    const tensors = {};
    for (const [name, entry] of Object.entries(header)) {
        if (name === "__metadata__") continue;
        const [begin, end] = entry.data_offsets.map((at) => at + 8 + length);
        const data = new Uint8Array(bytes.subarray(begin, end)).buffer;
        tensors[name] = entry.dtype === "I64" ? new ort.Tensor("int64", new BigInt64Array(data), entry.shape)
                                              : new ort.Tensor("float32", new Float32Array(data), entry.shape);
    }
    return tensors;
}

function furthest(got, want) {
    if (got.dims.join() !== want.dims.join()) return Infinity;
    let most = 0;
    for (let i = 0; i < want.data.length; i++) {
        const off = Math.abs(got.data[i] - want.data[i]) / Math.max(1, Math.abs(want.data[i]));
        if (!(off <= most)) most = Number.isNaN(off) ? Infinity : off;
    }
    return most;
}

async function compare(folder, name) {
    const expected = readSafetensors(path.join(folder, `${name}.expected`));
    const encoder = await ort.InferenceSession.create(path.join(folder, `${name}-encoder.onnx`));
    const decoder = await ort.InferenceSession.create(path.join(folder, `${name}-decoder.onnx`));
    const { mu, logvar } = await encoder.run({ x: expected.x });
    const { x } = await decoder.run({ z: expected.z });
    const off = { mu: furthest(mu, expected.mu), logvar: furthest(logvar, expected.logvar), x: furthest(x, expected.mean) };
    const agrees = Object.values(off).every((value) => value <= TOLERANCE);
    const numbers = Object.entries(off).map(([key, value]) => `${key} ${value.toExponential(1)}`).join("  ");
    console.log(`${name.padEnd(24)} ${numbers}${agrees ? "" : "  DISAGREES"}`);
    return agrees;
}

async function main() {
    if (process.argv.length !== 3) throw new Error("usage: node onnx_exports.js FOLDER");
    const folder = process.argv[2];
    const names = fs.readdirSync(folder).filter((file) => file.endsWith(".expected")).map((file) => file.slice(0, -9)).sort();
    let agree = names.length > 0;
    console.log(`onnxruntime ${ort.env.versions ? ort.env.versions.node : ""}: largest difference, of 1 or of the number`);
    for (const name of names) agree = (await compare(folder, name)) && agree;
    console.log(agree ? "they agree" : "THEY DISAGREE");
    process.exit(agree ? 0 : 1);
}

main();
