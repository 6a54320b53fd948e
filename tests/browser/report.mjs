// A browser opens a page that `vkvae report` wrote: no error, no request, and what is there moves.
//   node --experimental-websocket report.mjs CHROMIUM PAGE.html SCREENSHOT-PREFIX
// Speaks the DevTools protocol itself; nothing is installed for it.
import {spawn} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {pathToFileURL} from "node:url";

const [chromium, page, prefix] = process.argv.slice(2);
const url = pathToFileURL(resolve(page)).href;
const profile = mkdtempSync(join(tmpdir(), "vkvae-browser-"));
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank"];
const browser = spawn(chromium, flags, {stdio: ["ignore", "ignore", "pipe"]});
let failed = 0;
let passed = 0;
const check = (what, ok) => {
    console.log((ok ? "[       OK ] " : "[  FAILED  ] ") + what);
    if (ok) passed++; else failed++;
};

const address = await new Promise((found, lost) => {
    let text = "";
    browser.stderr.on("data", (bytes) => {
        text += bytes;
        const match = text.match(/DevTools listening on (ws:\S+)/);
        if (match) found(match[1]);
    });
    browser.on("exit", () => lost(new Error("the browser ended: " + text)));
});

const socket = new WebSocket(address);
await new Promise((open) => socket.addEventListener("open", open));
let number = 0;
const waiting = new Map();
const events = [];
socket.addEventListener("message", ({data}) => {
    const message = JSON.parse(data);
    if (message.id) waiting.get(message.id)(message);
    else events.push(message);
});
const call = (method, params = {}, sessionId = undefined) => new Promise((done, lost) => {
    const id = ++number;
    waiting.set(id, (m) => (m.error ? lost(new Error(method + ": " + m.error.message)) : done(m.result)));
    socket.send(JSON.stringify({id, method, params, sessionId}));
});
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const {targetId} = await call("Target.createTarget", {url: "about:blank"});
const {sessionId} = await call("Target.attachToTarget", {targetId, flatten: true});
const tab = (method, params) => call(method, params, sessionId);
const evaluate = async (expression) => {
    const {result, exceptionDetails} = await tab("Runtime.evaluate", {expression, returnByValue: true});
    if (exceptionDetails) throw new Error(expression + ": " + exceptionDetails.text);
    return result.value;
};
const key = async (name, code) => {
    for (const type of ["keyDown", "keyUp"])
        await tab("Input.dispatchKeyEvent", {type, key: name, code: name, windowsVirtualKeyCode: code});
};
const shoot = async (name) => {
    const {data} = await tab("Page.captureScreenshot", {captureBeyondViewport: true});
    writeFileSync(prefix + name + ".png", Buffer.from(data, "base64"));
};
const size = (width, height, mobile) => tab("Emulation.setDeviceMetricsOverride",
    {width, height, deviceScaleFactor: mobile ? 2 : 1, mobile});

try {
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await tab(domain + ".enable");
    await size(1200, 1500, false);
    await tab("Page.navigate", {url});
    for (let i = 0; i < 300 && !events.some((e) => e.method === "Page.loadEventFired"); i++) await pause(100);
    await pause(500);

    const requests = events.filter((e) => e.method === "Network.requestWillBeSent")
        .map((e) => e.params.request.url).filter((u) => u !== url && !u.startsWith("data:"));
    check("no request but for the page itself: " + requests.join(" "), requests.length === 0);
    const errors = () => events.filter((e) => e.method === "Runtime.exceptionThrown" ||
        (e.method === "Log.entryAdded" && e.params.entry.level === "error") ||
        (e.method === "Runtime.consoleAPICalled" && e.params.type === "error"));
    check("no error in the console: " + JSON.stringify(errors()), errors().length === 0);
    check("charts are drawn", await evaluate("document.querySelectorAll('#charts canvas').length") >= 3);
    check("pictures are whole", await evaluate(
        "[...document.images].every((i) => i.complete && i.naturalWidth > 0)"));

    const seen = () => evaluate("[...document.querySelectorAll('figure:not([hidden])')].map((f) => f.dataset.epoch).join()");
    const text = () => evaluate("document.getElementById('epoch-text').textContent");
    const before = [await seen(), await text(), await evaluate("document.getElementById('bars')?.textContent")];
    await evaluate("document.getElementById('epoch').focus()");
    await key("Home", 36);
    const after = [await seen(), await text(), await evaluate("document.getElementById('bars')?.textContent")];
    check(`the slider moves by keys: ${before[1]} to ${after[1]}`, before.every((b, i) => b !== after[i] || b === undefined));
    await key("End", 35);
    check("and back", (await text()) === before[1]);

    const ticks = () => evaluate("document.querySelector('#charts canvas').toDataURL()");
    const whole = await ticks();
    await evaluate("document.getElementById('zoom-in').focus()");
    await key("Enter", 13);
    await evaluate("document.getElementById('zoom-in').click()");
    await pause(300);
    check("a button zooms", (await ticks()) !== whole);
    await evaluate("document.getElementById('all').click()");
    await pause(300);
    check("and shows all again", (await ticks()) === whole);
    const box = await evaluate("(() => { const b = document.querySelector('.u-over').getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()");
    const at = (part) => ({x: box[0] + box[2] * part, y: box[1] + box[3] / 2});
    await tab("Input.dispatchMouseEvent", {type: "mouseMoved", ...at(0.3)});
    await tab("Input.dispatchMouseEvent", {type: "mousePressed", button: "left", clickCount: 1, ...at(0.3)});
    await tab("Input.dispatchMouseEvent", {type: "mouseMoved", button: "left", buttons: 1, ...at(0.5)});
    await tab("Input.dispatchMouseEvent", {type: "mouseMoved", button: "left", buttons: 1, ...at(0.7)});
    await tab("Input.dispatchMouseEvent", {type: "mouseReleased", button: "left", clickCount: 1, ...at(0.7)});
    await pause(300);
    check("so does dragging", (await ticks()) !== whole);
    await evaluate("document.getElementById('all').click()");
    await tab("Input.dispatchMouseEvent", {type: "mouseMoved", x: 1, y: 1});
    await pause(300);
    await shoot("");

    if (await evaluate("document.getElementById('map') !== null")) {
        const told = () => evaluate("document.getElementById('map-text').textContent");
        check("the map has a legend", await evaluate("document.getElementById('map-legend').children.length") > 0);
        await evaluate("document.getElementById('map').focus()");
        await key("ArrowRight", 39);
        const first = await told();
        await key("ArrowRight", 39);
        check(`the map tells of points by keys: ${first}`, first !== "" && (await told()) !== first);
        await evaluate("document.getElementById('map').dispatchEvent(new PointerEvent('pointermove', {clientX: -999, clientY: -999}))");
        check("and of none beside them", (await told()) === "");
        check("a traversal is seen whole", await evaluate(
            "[...document.querySelectorAll('.wide > img')].every((i) => i.parentElement.scrollHeight <= i.parentElement.clientHeight + 1)"));
    }

    await tab("Emulation.setEmulatedMedia", {features: [{name: "prefers-color-scheme", value: "dark"}]});
    await pause(300);
    const [back, front] = await evaluate("(() => { const s = getComputedStyle(document.body); return [s.backgroundColor, s.color]; })()");
    const light = (c) => c.match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0);
    check(`dark where that is wanted: ${front} on ${back}`, light(back) < 150 && light(front) > 500);
    await shoot("-dark");

    await size(390, 844, true);
    await pause(500);
    check("fits a phone", await evaluate("document.documentElement.scrollWidth <= innerWidth"));
    await shoot("-phone");
    check("no error until the end: " + JSON.stringify(errors()), errors().length === 0);
} catch (error) {
    check(error.stack, false);
} finally {
    await call("Browser.close").catch(() => {});
    socket.close();
    await new Promise((done) => (browser.exitCode === null ? browser.on("exit", done) : done()));
    rmSync(profile, {recursive: true, force: true});
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
