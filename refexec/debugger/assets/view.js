"use strict";
const run = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const KEYFRAME = 512;
const MAX_ROWS = 400;

// Control characters and what changes the direction of text are made visible.
const visible = (text) => String(text).replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
  (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
const hex = (number, width) => "0x" + number.toString(16).padStart(width || 1, "0");
const value = (number) => run.values[number];

function element(tag, text, kind) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = visible(text);
  if (kind) made.className = kind;
  return made;
}
const replace = (parent, children) => parent.replaceChildren(...children);

// -- the state at a moment: what stands in steps 0..t, put together -------------------------------

const blocks = Object.keys(run.memory).map(Number).sort((a, b) => a - b);
const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (byte) => parseInt(byte, 16));

function start() {
  return {
    locals: [], callers: [], globals: run.globals.map((item) => item[1]), packets: run.earlier,
    memory: new Map(blocks.map((begin) => [begin, fromHex(run.memory[begin])])),
    local: -1, global: -1, written: [], read: null,
  };
}

function copy(state) {
  return {
    ...state, locals: [...state.locals], globals: [...state.globals],
    memory: new Map([...state.memory].map(([begin, data]) => [begin, data.slice()])),
  };
}

function apply(state, step) {
  const news = step[4] || {};
  state.local = -1; state.global = -1; state.written = []; state.read = news.r || null;
  if (news.L) { state.locals = [...news.L]; state.callers = news.F; }
  if (news.l) { state.locals[news.l[0]] = news.l[1]; state.local = news.l[0]; }
  if (news.g) { state.globals[news.g[0]] = news.g[1]; state.global = news.g[0]; }
  if (news.k !== undefined) state.packets = run.earlier + news.k;
  for (const [address, text] of news.w || []) {
    const data = fromHex(text);
    state.written.push([address, data.length]);
    data.forEach((byte, at) => {
      const begin = Math.floor((address + at) / 64) * 64;
      const block = state.memory.get(begin);
      if (block) block[address + at - begin] = byte;
    });
  }
}

const keyframes = [];
function prepare() {
  const state = start();
  run.steps.forEach((step, number) => {
    apply(state, step);
    if (number % KEYFRAME === 0) keyframes.push(copy(state));
  });
}

function stateAt(number) {
  const frame = Math.floor(number / KEYFRAME);
  const state = copy(keyframes[frame]);
  for (let at = frame * KEYFRAME + 1; at <= number; at += 1) apply(state, run.steps[at]);
  return state;
}

// -- panes ----------------------------------------------------------------------------------------

const title = (index) => {
  const name = run.functions[index].name;
  return `function ${index}` + (name === null ? "" : ` ${name}`);
};

function row(cells, here) {
  const made = element("div", undefined, here ? "row here" : "row");
  made.append(...cells.map((cell) => (cell instanceof Node ? cell : element("span", cell))));
  return made;
}

let shownFunction = null;
function showCode(place) {
  const [index, step, , rule] = place;
  $("function").textContent = visible(title(index));
  $("rule").textContent = visible("rule " + rule);
  if (shownFunction !== index) {
    shownFunction = index;
    replace($("code"), run.functions[index].code.map(([offset, depth, text]) =>
      row([hex(offset, 6), "  ".repeat(depth) + text])));
  }
  mark($("code"), step);
}

let shownFile = null;
function showSource(place) {
  const line = run.lines[place[4]];
  const text = line && run.sources[line[0]];
  $("source-pane").hidden = run.lines.length === 0;
  $("file").textContent = line ? visible(`${line[0]}:${line[1]}`) : "";
  if (!text) {
    shownFile = null;
    replace($("source"), [element("p", line ? "the file was not found" : "no line is told for this instruction", "soft")]);
    return;
  }
  if (shownFile !== line[0]) {
    shownFile = line[0];
    replace($("source"), text.map((code, at) => row([String(at + 1).padStart(4), code])));
  }
  mark($("source"), line[1] - 1);
}

function mark(pane, number) {
  for (const before of pane.querySelectorAll(".here")) before.classList.remove("here");
  const here = pane.children[number];
  if (!here) return;
  here.classList.add("here");
  here.setAttribute("aria-current", "true");
  pane.scrollTop = here.offsetTop - pane.offsetTop - pane.clientHeight / 2;
}

function cell(name, text, fresh) {
  const made = element("div", undefined, fresh ? "cell new" : "cell");
  made.append(element("span", name), element("span", text));
  return made;
}

const nothing = (text) => [element("p", text, "soft")];

function showValues(step, before, state) {
  const stack = step[2];
  const same = before && before[3] === step[3] ? before[2] : [];
  replace($("stack"), stack.length ? stack.map((number, at) =>
    cell(at === stack.length - 1 ? "top" : String(stack.length - 1 - at), value(number), number !== same[at])).reverse()
    : nothing("none"));
  const names = run.functions[run.places[step[0]][0]].locals;
  const entered = Boolean(step[4] && step[4].L);
  replace($("locals"), state.locals.length ? state.locals.map((number, at) =>
    cell(names[at], value(number), at === state.local || (entered && before && before[3] < step[3]))) : nothing("none"));
  $("globals-pane").hidden = run.globals.length === 0;
  replace($("globals"), state.globals.map((number, at) => cell(run.globals[at][0], value(number), at === state.global)));
}

function showFrames(place, state, depth) {
  const frames = [place, ...state.callers.map((caller) => run.places[caller[0]])];
  const items = frames.map(([index, step, offset, , line], number) => {
    const at = run.lines[line];
    const text = `#${number} ${title(index)} ${hex(offset)}` + (at ? `  ${at[0]}:${at[1]}` : "");
    return element("li", text, number ? "" : "seen");
  });
  if (depth > frames.length) items.push(element("li", `… and ${depth - frames.length} more`, "soft"));
  replace($("frames"), items);
}

function showMemory(state) {
  $("memory-pane").hidden = blocks.length === 0;
  const touched = (address, ranges) => ranges.some(([begin, size]) => begin <= address && address < begin + size);
  const read = state.read ? [state.read] : [];
  const wanted = [...state.written, ...read][0];
  const rows = [];
  let here = null;
  const near = wanted ? blocks.findIndex((begin) => begin + 64 > wanted[0]) : 0;
  const first = Math.max(0, Math.min(near - MAX_ROWS / 8, blocks.length - MAX_ROWS / 4));
  for (const begin of blocks.slice(first, first + MAX_ROWS / 4)) {
    const data = state.memory.get(begin);
    for (let at = 0; at < data.length; at += 16) {
      const bytes = element("span");
      let text = "";
      for (let i = at; i < Math.min(at + 16, data.length); i += 1) {
        const address = begin + i;
        const kind = touched(address, state.written) ? "new" : touched(address, read) ? "seen" : "";
        const byte = data[i].toString(16).padStart(2, "0");
        bytes.append(kind ? element("span", byte, kind) : byte, " ");
        text += data[i] >= 32 && data[i] < 127 ? String.fromCharCode(data[i]) : ".";
      }
      const made = row([hex(begin + at, 8), bytes, text]);
      if (wanted && begin + at <= wanted[0] && wanted[0] < begin + at + 16) here = made;
      rows.push(made);
    }
  }
  const pane = $("memory");
  const kept = pane.scrollTop;
  replace(pane, rows);
  pane.scrollTop = here ? here.offsetTop - pane.offsetTop - pane.clientHeight / 2 : kept;
}

function showPackets(state) {
  $("packets-pane").hidden = run.packets.length === 0;
  $("packet-count").textContent = `${state.packets} of ${run.packets.length} until now`;
  replace($("packets"), run.packets.slice(0, state.packets).map(([way, data], at) =>
    element("li", `${way} ${data.length / 2} bytes  ${data.slice(0, 64).replace(/../g, "$& ")}${data.length > 64 ? "…" : ""}`,
      at === state.packets - 1 ? "seen" : "")));
}

// -- time -----------------------------------------------------------------------------------------

let now = 0;
let timer = null;
const last = run.steps.length - 1;

function show(number) {
  now = Math.max(0, Math.min(last, number));
  const step = run.steps[now];
  const place = run.places[step[0]];
  const state = stateAt(now);
  const text = run.functions[place[0]].code[place[1]][2];
  $("slider").value = now;
  $("moment").textContent = `${now + 1} / ${last + 1} · fuel ${step[1]}`;
  const line = run.lines[place[4]];
  $("now").textContent = visible(`next: ${text}  in ${title(place[0])} at ${hex(place[2])}` + (line ? `  ${line[0]}:${line[1]}` : ""));
  showCode(place);
  showSource(place);
  showValues(step, run.steps[now - 1], state);
  showFrames(place, state, step[3]);
  showMemory(state);
  showPackets(state);
  history.replaceState(null, "", "#" + (now + 1));
}

function over(direction) {
  const depth = run.steps[now][3];
  let at = now + direction;
  while (at > 0 && at < last && run.steps[at][3] > depth) at += direction;
  show(at);
}

function stop() {
  clearInterval(timer);
  timer = null;
  $("play").textContent = "play";
}

function play() {
  if (timer !== null) { stop(); return; }
  if (now === last) show(0);
  $("play").textContent = "stop";
  timer = setInterval(() => (now === last ? stop() : show(now + 1)), 150);
}

function theme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

const actions = {
  first: () => show(0), last: () => show(last), back: () => show(now - 1), forward: () => show(now + 1),
  "over-back": () => over(-1), over: () => over(1), play, theme,
};
for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
$("slider").addEventListener("input", (event) => show(Number(event.target.value)));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || last < 0) return;
  const keys = {
    ArrowLeft: () => (event.shiftKey ? over(-1) : show(now - 1)),
    ArrowRight: () => (event.shiftKey ? over(1) : show(now + 1)),
    PageUp: () => show(now - 100), PageDown: () => show(now + 100),
    Home: () => show(0), End: () => show(last), t: theme,
    " ": event.target instanceof HTMLButtonElement ? null : play,
  };
  const action = keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

$("ending").textContent = visible(run.complete ? `${run.ending}, after ${run.end} fuel` : `an excerpt; ${run.ending}, after ${run.end} fuel`);
$("slider").max = Math.max(0, last);
if (last < 0) {
  $("now").textContent = "no instruction was executed";
  for (const button of document.querySelectorAll("button:not(#theme)")) button.disabled = true;
} else {
  prepare();
  const wanted = Number(location.hash.slice(1));
  show(wanted >= 1 ? wanted - 1 : run.complete && last > 0 && /^trap/.test(run.ending) ? last : 0);
}
