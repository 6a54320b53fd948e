"use strict";
(() => {
    const data = JSON.parse(document.getElementById("data").textContent);
    const epochs = data.epochs;
    const byId = (id) => document.getElementById(id);
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
    const column = (key) => epochs.map((e) => (typeof e[key] === "number" ? e[key] : null));
    const xs = column("epoch");

    // ---- Curves ----

    const first = xs.length ? xs[0] : 0;
    const last = xs.length ? xs[xs.length - 1] : 1;
    const all = first === last ? [first - 1, last + 1] : [first, last];
    const named = [["loss", "Loss"], ["recon", "Reconstruction"], ["kl", "KL"]];
    const kinds = epochs.some((e) => "train_objective" in e) ? named.concat([["objective", "Objective"]]) : named;
    let charts = [];
    let range = all.slice();

    const setRange = (low, high) => {
        const least = Math.min(1, all[1] - all[0]);
        let size = Math.min(Math.max(high - low, least), all[1] - all[0]);
        low = Math.min(Math.max(low, all[0]), all[1] - size);
        range = [low, low + size];
        charts.forEach((c) => c.setScale("x", {min: range[0], max: range[1]}));
    };

    const axis = (extra) => Object.assign({
        stroke: colour("soft"),
        grid: {stroke: colour("line"), width: 1},
        ticks: {stroke: colour("line"), width: 1},
    }, extra);

    const digits = (value) => (value === null || value === undefined ? "-" : value.toFixed(2));

    const makeChart = ([key, title], width) => {
        const place = document.createElement("div");
        place.className = "chart";
        byId("charts").append(place);
        const markers = {show: xs.length <= 40, size: 5};
        const line = (label, name, extra) => Object.assign(
            {label, stroke: colour(name), width: 2, points: markers, value: (u, v) => digits(v), spanGaps: true}, extra);
        const options = {
            title,
            width: place.clientWidth || width,
            height: 260,
            cursor: {sync: {key: "epochs"}, drag: {x: true, y: false}},
            scales: {x: {time: false, range: () => range.slice()}},
            axes: [axis({incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]}), axis({size: 60})],
            series: [
                {label: "epoch"},
                line("test", "test"),
                line("train", "train", {dash: [6, 4]}),
            ],
            hooks: {
                setSelect: [(u) => {
                    if (u.select.width > 4)
                        setRange(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
                    u.setSelect({left: 0, top: 0, width: 0, height: 0}, false);
                }],
                ready: [(u) => u.over.addEventListener("dblclick", () => setRange(all[0], all[1]))],
            },
        };
        options.cursor.drag.setScale = false;
        return new uPlot(options, [xs, column("test_" + key), column("train_" + key)], place);
    };

    const draw = () => {
        charts.forEach((c) => c.destroy());
        byId("charts").replaceChildren();
        charts = kinds.filter(([key]) => column("test_" + key).some((v) => v !== null))
            .map((kind) => makeChart(kind, byId("charts").clientWidth));
    };

    const fit = () => charts.forEach((c) => {
        const width = c.root.parentElement.clientWidth;
        if (width && width !== c.width) c.setSize({width, height: c.height});
    });

    if (xs.length) {
        draw();
        document.querySelector(".buttons").hidden = false;
        const zoom = (factor) => {
            const middle = (range[0] + range[1]) / 2, half = (range[1] - range[0]) / 2 * factor;
            setRange(middle - half, middle + half);
        };
        const move = (part) => {
            const by = (range[1] - range[0]) * part;
            setRange(range[0] + by, range[1] + by);
        };
        byId("zoom-in").addEventListener("click", () => zoom(0.5));
        byId("zoom-out").addEventListener("click", () => zoom(2));
        byId("earlier").addEventListener("click", () => move(-0.5));
        byId("later").addEventListener("click", () => move(0.5));
        byId("all").addEventListener("click", () => setRange(all[0], all[1]));
        new ResizeObserver(fit).observe(byId("charts"));
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    }

    // ---- Epochs: pictures and latents ----

    const slider = byId("epoch");
    const bars = byId("bars");
    const figures = [...document.querySelectorAll("figure[data-epoch]")];
    const shownEpochs = [...new Set(figures.map((f) => Number(f.dataset.epoch))
        .concat(bars ? epochs.filter((e) => e.kl_per_latent).map((e) => e.epoch) : []))].sort((a, b) => a - b);

    // Of each kind the newest that is no later than the epoch.
    const showPictures = (epoch) => {
        const best = {};
        figures.forEach((f) => {
            const at = Number(f.dataset.epoch);
            if (at <= epoch && !(f.dataset.kind in best && best[f.dataset.kind] > at)) best[f.dataset.kind] = at;
        });
        figures.forEach((f) => {
            f.hidden = Number(f.dataset.epoch) !== best[f.dataset.kind];
        });
    };

    const showLatents = (epoch) => {
        const row = epochs.filter((e) => e.kl_per_latent && e.epoch <= epoch).pop();
        if (!bars || !row) return;
        const list = row.kl_per_latent.map((kl, i) => ({i, kl: kl === null ? NaN : kl}))
            .sort((a, b) => (b.kl || 0) - (a.kl || 0));
        const most = Math.max(...list.map((l) => l.kl || 0), 1e-9);
        const parts = [];
        list.slice(0, 100).forEach(({i, kl}) => {
            const name = document.createElement("span"), bar = document.createElement("i"), value = document.createElement("span");
            name.textContent = "z" + i;
            bar.style.width = 100 * Math.max(kl || 0, 0) / most + "%";
            value.textContent = kl.toFixed(3);
            parts.push(name, bar, value);
        });
        bars.replaceChildren(...parts);
        const more = list.length > 100 ? "; the " + (list.length - 100) + " lowest are not shown" : "";
        byId("latents-of").textContent = "Epoch " + row.epoch + ", in nats, averaged over the test pictures" + more + ".";
    };

    const show = () => {
        const epoch = shownEpochs[slider.value];
        const text = "epoch " + epoch;
        byId("epoch-text").textContent = text;
        slider.setAttribute("aria-valuetext", text);
        showPictures(epoch);
        showLatents(epoch);
    };

    if (slider && shownEpochs.length) {
        slider.max = shownEpochs.length - 1;
        slider.value = shownEpochs.length - 1;
        slider.addEventListener("input", show);
        slider.closest(".slider").hidden = false;
        show();
    }

    // ---- The map: points of a table with columns x and y ----

    const canvas = byId("map");
    const points = canvas ? readMap(data.map || "") : null;
    if (canvas && points) drawMap(canvas, points);
    else if (canvas) canvas.hidden = true;

    function readMap(text) {
        const lines = text.split(/\r?\n/).filter((l) => l.trim());
        if (lines.length < 2) return null;
        const names = lines[0].split(",").map((n) => n.trim());
        const x = names.indexOf("x"), y = names.indexOf("y");
        if (x < 0 || y < 0) return null;
        const label = names.indexOf("label");
        const rows = lines.slice(1).map((l) => l.split(","))
            .map((c) => ({x: Number(c[x]), y: Number(c[y]), label: label < 0 ? "" : c[label], cells: c}))
            .filter((p) => isFinite(p.x) && isFinite(p.y));
        return rows.length ? {rows, names} : null;
    }

    function drawMap(canvas, {rows, names}) {
        // The colours of map.png (scatter.c), in the same order; from the eleventh label on, their own hues.
        const palette = ["#332288", "#cc6677", "#117733", "#ddcc77", "#88ccee", "#882255", "#44aa99", "#aa4499", "#999933", "#282828"];
        const labels = [...new Set(rows.map((p) => p.label))].sort((a, b) => a - b || (a < b ? -1 : a > b ? 1 : 0));
        const ofLabel = new Map(labels.map((label, i) => [label, palette[i] || "hsl(" + 137 * i % 360 + " 70% 50%)"]));
        const legend = byId("map-legend");
        if (names.includes("label"))
            labels.slice(0, 20).forEach((label) => {
                const item = document.createElement("li"), mark = document.createElement("i");
                mark.style.background = ofLabel.get(label);
                item.append(mark, label);
                legend.append(item);
            });
        const span = (key) => rows.reduce(([a, b], p) => [Math.min(a, p[key]), Math.max(b, p[key])], [Infinity, -Infinity]);
        const [x0, x1] = span("x"), [y0, y1] = span("y");
        const size = () => canvas.clientWidth || 480;
        const at = (p, n) => [
            8 + (n - 16) * (x1 > x0 ? (p.x - x0) / (x1 - x0) : 0.5),
            8 + (n - 16) * (y1 > y0 ? (y1 - p.y) / (y1 - y0) : 0.5)];
        const paint = (chosen) => {
            const n = size(), ratio = window.devicePixelRatio || 1;
            canvas.width = canvas.height = Math.round(n * ratio);
            const g = canvas.getContext("2d");
            g.scale(ratio, ratio);
            rows.forEach((p) => {
                const [px, py] = at(p, n);
                g.fillStyle = ofLabel.get(p.label);
                g.beginPath();
                g.arc(px, py, p === chosen ? 6 : 2.5, 0, 2 * Math.PI);
                g.fill();
            });
        };
        let chosen = -1;
        const tell = (i) => {
            chosen = i;
            byId("map-text").textContent = i < 0 ? "" : names.map((n, k) => n + " " + (rows[i].cells[k] || "")).join(", ");
            paint(rows[i]);
        };
        canvas.addEventListener("pointermove", (e) => {
            const box = canvas.getBoundingClientRect(), n = size();
            let best = -1, least = 400;
            rows.forEach((p, i) => {
                const [px, py] = at(p, n);
                const d = (px - (e.clientX - box.left)) ** 2 + (py - (e.clientY - box.top)) ** 2;
                if (d < least) [best, least] = [i, d];
            });
            tell(best);
        });
        canvas.addEventListener("keydown", (e) => {
            const by = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[e.key];
            if (!by) return;
            e.preventDefault();
            tell((chosen + by + rows.length) % rows.length);
        });
        new ResizeObserver(() => paint(rows[chosen])).observe(canvas);
        paint();
    }
})();
