"use strict";
// The pages of the report. All text goes in as text nodes: nothing that an engine says is markup.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const key = (suite, name) => `${suite}/${name}`;

const TONES = {
  pass: "good", fail: "bad", "unexpected pass": "bad", "expected fail": "expected",
  unsupported: "out", "not judged": "out",
  error: "bad", crash: "bad", timeout: "bad", blocked: "expected", incomparable: "expected",
};

const backends = [...new Set(data.runs.map((run) => run.backend.name))];
const results = new Map();
for (const run of data.runs) {
  for (const file of run.files) {
    const id = key(run.suite, file.name);
    if (!results.has(id)) results.set(id, []);
    results.get(id).push({ run, file });
  }
}
const cases = data.cases.map((item) => ({ ...item, id: key(item.suite, item.name), results: results.get(key(item.suite, item.name)) || [] }));
for (const item of cases) {
  const found = item.results.flatMap(({ file }) => [file.reason || "", ...file.findings.flatMap((one) => [one.command, one.expected, one.got])]);
  item.text = [item.id, item.area, item.about, ...item.features, ...found].join("\n").toLowerCase();
}

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// -- colours --------------------------------------------------------------------------------------

const THEMES = [["", "Auto", "as the system has them"], ["light", "Light", "light"], ["dark", "Dark", "dark"]];
function setTheme(name) {
  const [theme, title, words] = THEMES.find(([one]) => one === name) || THEMES[0];
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  byId("theme").textContent = title;
  byId("theme").setAttribute("aria-label", `Colours: ${words}`);
  try { localStorage.setItem("refexec-theme", theme); } catch { /* a file may have no storage */ }
}
let stored = "";
try { stored = localStorage.getItem("refexec-theme") || ""; } catch { /* as above */ }
setTheme(stored);
byId("theme").addEventListener("click", () => {
  const now = document.documentElement.dataset.theme || "";
  const index = THEMES.findIndex(([one]) => one === now);
  setTheme(THEMES[(index + 1) % THEMES.length][0]);
});

// -- the grid -------------------------------------------------------------------------------------

for (const radio of document.querySelectorAll("input[name=group]")) {
  radio.addEventListener("change", () => {
    for (const one of document.querySelectorAll("input[name=group]")) byId(`grid-${one.value}`).hidden = !one.checked;
  });
}

// -- the list of cases ----------------------------------------------------------------------------

const filters = byId("filters");
const FIELDS = ["text", "backend", "verdict", "feature", "area", "suite"];
const MOST = { red: "red", bad: "not passed", differ: "backends disagree" };
function options(name, values) {
  for (const [value, title] of values) filters.elements[name].append(make("option", { value }, title));
}
const plain = (values) => [...new Set(values)].map((value) => [value, value]);
options("backend", plain(backends));
options("verdict", [...Object.entries(MOST), ...plain(data.runs.flatMap((run) => run.files.map((file) => file.verdict))).sort()]);
options("feature", plain(cases.flatMap((item) => item.features)));
options("area", plain(cases.map((item) => item.area)).sort());
options("suite", plain(cases.map((item) => item.suite)));
filters.elements.suite.parentElement.hidden = new Set(cases.map((item) => item.suite)).size < 2;

const isRed = ({ file }) => file.verdict === "fail" || file.verdict === "unexpected pass";
const isBad = ({ file }) => file.verdict === "expected fail" || isRed({ file });
function fitsVerdict(found, verdict) {
  if (verdict === "red") return found.some(isRed);
  if (verdict === "bad") return found.some(isBad);
  if (verdict === "differ") return new Set(found.map(({ file }) => (isBad({ file }) ? "bad" : file.verdict)).filter((one) => one === "bad" || one === "pass")).size > 1;
  return found.some(({ file }) => file.verdict === verdict);
}

let shown = [];
function chosen(query) {
  const get = (name) => query.get(name) || "";
  const words = get("text").toLowerCase().split(/\s+/).filter(Boolean);
  return cases.filter((item) => {
    const found = item.results.filter(({ run }) => !get("backend") || run.backend.name === get("backend"));
    return found.length
      && (!get("verdict") || fitsVerdict(found, get("verdict")))
      && (!get("feature") || item.features.includes(get("feature")))
      && (!get("area") || item.area === get("area"))
      && (!get("suite") || item.suite === get("suite"))
      && words.every((word) => item.text.includes(word));
  });
}
function chip(run, file) {
  const told = make("span", { class: `chip ${TONES[file.verdict] || "out"}`, title: `${run.backend.name}: ${file.verdict}` }, run.backend.name);
  told.append(make("span", { class: "what" }, ` ${file.verdict}`));
  return told;
}
const caseLink = (item) => `#/case/${encodeURIComponent(item.suite)}/${encodeURIComponent(item.name)}`;
let query = new URLSearchParams();
function showList() {
  for (const name of FIELDS) {
    const field = filters.elements[name];
    if (field.value !== (query.get(name) || "")) field.value = query.get(name) || "";
  }
  shown = chosen(query);
  byId("shown").textContent = `${shown.length} of ${cases.length} cases`;
  byId("list").replaceChildren(...shown.map((item) => {
    const dots = make("span", { class: "dots" });
    const told = item.results.filter(({ run, file }) => query.get("backend") ? run.backend.name === query.get("backend") : file.verdict !== "pass");
    dots.append(...told.map(({ run, file }) => chip(run, file)));
    if (!told.length) dots.append(make("span", { class: "chip good" }, "all pass"));
    return make("li", {}, make("a", { href: caseLink(item) }, make("span", { class: "title" }, item.name, " ", make("small", {}, item.area)), dots));
  }));
}
function fromForm() {
  const next = new URLSearchParams();
  for (const name of FIELDS) if (filters.elements[name].value) next.set(name, filters.elements[name].value);
  const text = next.toString();
  history.replaceState(null, "", `#/cases${text ? `?${text}` : ""}`);
  followed = location.hash;
  query = next;
  showList();
}
filters.addEventListener("input", fromForm);
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("reset", () => queueMicrotask(() => {
  for (const name of FIELDS) filters.elements[name].value = "";
  fromForm();
}));

// -- a case ---------------------------------------------------------------------------------------

function again(text) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(button.previousSibling);
    }
  });
  return make("div", { class: "again" }, make("code", { tabindex: "0" }, text), button);
}
function finding(one) {
  const place = one.line ? `line ${one.line}` : "the file";
  const told = make("div", { class: "finding" },
    make("h3", {}, make("span", {}, place), make("span", { class: `chip ${TONES[one.verdict] || "out"}` }, one.verdict), make("small", {}, one.known ? "as is known" : "")),
    make("p", {}, one.does ? `${one.does} ${one.must}` : one.command),
    make("dl", { class: "compare" },
      make("div", { class: "good" }, make("dt", {}, "expected"), make("dd", {}, one.expected)),
      make("div", { class: TONES[one.verdict] || "out" }, make("dt", {}, "got"), make("dd", {}, one.got))));
  if (one.trace.length) told.append(make("p", {}, "The oracle's last instructions:"), make("pre", { tabindex: "0" }, one.trace.join("\n")));
  told.append(again(one.reproduce));
  return told;
}
function backendSection({ run, file }) {
  const counts = Object.entries(file.commands).map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  const section = make("section", { class: "verdict", "aria-label": run.backend.name },
    make("h2", {}, run.backend.name, make("small", {}, run.backend.version), make("span", { class: `chip ${TONES[file.verdict] || "out"}` }, file.verdict),
      make("small", {}, `${counts} · ${file.seconds.toFixed(2)} s`)));
  if (file.reason) section.append(make("p", {}, `It is known to fail: ${file.reason}`));
  if (file.stale.length) section.append(make("p", {}, `Commands that are expected to fail, and pass: ${file.stale.join(", ")}`));
  section.append(...file.findings.map(finding));
  if (file.left) section.append(make("p", {}, `and ${file.left} more, which follow or are like these`));
  return section;
}
function showCase(item) {
  const position = shown.indexOf(item);
  const crumbs = make("p", { class: "crumbs" }, make("a", { href: `#/cases${query.size ? `?${query}` : ""}`, id: "back" }, "← all cases"));
  for (const [step, title] of [[-1, "previous"], [1, "next"]]) {
    const other = position < 0 ? undefined : shown[position + step];
    if (other) crumbs.append(make("a", { href: caseLink(other), id: title }, `${title}: ${other.name}`));
  }
  const bad = item.results.filter(({ file }) => file.findings.length || file.verdict === "unexpected pass");
  const rest = item.results.filter((one) => !bad.includes(one));
  const order = ["fail", "unexpected pass", "expected fail"];
  bad.sort((a, b) => order.indexOf(a.file.verdict) - order.indexOf(b.file.verdict));
  byId("case").replaceChildren(
    crumbs,
    make("header", {}, make("h1", { id: "case-title" }, item.name), make("p", { class: "about" }, item.about),
      make("p", { class: "tags" }, [item.suite, item.area, ...item.features, item.rule].filter(Boolean).join(" · "))),
    ...bad.map(backendSection));
  if (rest.length) {
    byId("case").append(make("section", { class: "verdict", "aria-label": "The others" }, make("h2", {}, bad.length ? "The others" : "Every backend"),
      make("p", { class: "dots" }, ...rest.map(({ run, file }) => chip(run, file)))));
  }
}

// -- routes ---------------------------------------------------------------------------------------

let searching = false;
let followed;  // the address of what is shown

function route() {
  if (followed === location.hash) return;
  followed = location.hash;
  const hash = location.hash || "#/";
  const parts = /^#\/case\/([^/]+)\/(.+)$/.exec(hash);
  let item;
  try {
    item = parts && cases.find((one) => one.suite === decodeURIComponent(parts[1]) && one.name === decodeURIComponent(parts[2]));
  } catch { item = undefined; }
  const page = item ? "case" : hash.startsWith("#/case") ? "cases" : "overview";
  if (page === "cases") {
    query = new URLSearchParams(hash.split("?")[1] || "");
    showList();
  }
  if (page === "case") {
    if (!shown.length) shown = chosen(query);
    showCase(item);
  }
  for (const id of ["overview", "cases", "case"]) byId(id).hidden = id !== page;
  for (const link of document.querySelectorAll(".top nav a")) {
    const here = link.getAttribute("href") === (page === "overview" ? "#/" : "#/cases");
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  scrollTo({ top: 0, behavior: "instant" });
  if (searching) filters.elements.text.focus();
  else if (hash !== "#/") byId("main").focus({ preventScroll: true });
  searching = false;
}
addEventListener("hashchange", route);
route();
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();  // the fragment names the page that is shown
  byId("main").focus();
});

// -- keys -----------------------------------------------------------------------------------------

addEventListener("keydown", (event) => {
  route();  // a key may come before the event that tells of a new address
  const typing = event.target.matches("input[type=search], select");
  if (event.key === "Escape") {
    if (typing) event.target.blur();
    else if (!byId("case").hidden) location.hash = byId("back").getAttribute("href");
    else location.hash = "#/";
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    if (byId("cases").hidden) {
      searching = true;  // the page is shown when the event comes
      location.hash = `#/cases${query.size ? `?${query}` : ""}`;
    } else {
      filters.elements.text.focus();
    }
  } else if (event.key === "j" || event.key === "k") {
    const step = event.key === "j" ? 1 : -1;
    if (!byId("case").hidden) {
      const link = byId(step > 0 ? "next" : "previous");
      if (link) location.hash = link.getAttribute("href");
    } else if (!byId("cases").hidden) {
      const links = [...byId("list").querySelectorAll("a")];
      const now = links.indexOf(document.activeElement);
      const next = links[now < 0 ? (step > 0 ? 0 : links.length - 1) : now + step];
      if (next) next.focus();
    }
  }
});
