// The page of the playground. Everything that is shown comes from `ask`; nothing leaves this machine.
import { ask } from "./ask.js";
import { makeEditor } from "./editor.js";

const $ = (id) => document.getElementById(id);
const state = { tab: "sql", dialects: {}, answer: null, number: 0, cases: [] };

function element(name, { text, className } = {}, children = []) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const say = (text) => { $("status").textContent = text; };

// --- the query ---------------------------------------------------------------------------------

let waiting;
function changed() {
  clearTimeout(waiting);
  waiting = setTimeout(compile, 25);
}

async function compile() {
  const number = ++state.number;
  const start = performance.now();
  const query = editor.text();
  if (!query.trim()) { state.answer = null; editor.mark([]); show(); say("Type an EQL query."); return; }
  try {
    const answer = await ask("compile", { query, folding: $("folding").value, dialects: state.dialects });
    if (number !== state.number) return; // a later key press has asked again
    state.answer = answer;
    editor.mark(answer.diagnostics);
    show();
    const errors = answer.diagnostics.filter((one) => one.severity === "error").length;
    const took = Math.round(performance.now() - start);
    say(errors ? `${errors} error${errors > 1 ? "s" : ""}` : `compiled in ${took} ms`);
    document.documentElement.dataset.took = took;
    document.documentElement.dataset.number = number;
  } catch (error) {
    if (number === state.number) say(error.message);
  }
}

function show() {
  const answer = state.answer;
  const said = (answer?.diagnostics ?? []).map((one) => element("pre", { text: one.text, className: one.severity }));
  $("diagnostics").replaceChildren(...(said.length ? said : [element("p", { text: "None.", className: "hint" })]));
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const chosen = tab.dataset.tab === state.tab;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
  }
  $("panel").setAttribute("aria-labelledby", `tab-${state.tab}`);
  const dialects = language.dialects[state.tab] ?? [];
  $("dialect-label").hidden = dialects.length < 2;
  $("dialect").replaceChildren(...dialects.map((name) => element("option", { text: name })));
  const target = answer?.targets?.[state.tab];
  if (target) $("dialect").value = target.dialect;
  $("output").textContent = state.tab === "ir" ? answer?.ir ?? "" : target?.text ?? "";
  $("fidelity").replaceChildren(...(target ? fidelity(target) : []));
}

function fidelity(target) {
  const parts = [element("p", {}, [element("span", { text: target.grade, className: `grade ${target.grade}` })])];
  const list = (title, lines) => lines.length && parts.push(element("h3", { text: title }), element("ul", {}, lines.map((text) => element("li", { text }))));
  list("Losses", target.losses.map((loss) => `${loss.drift}: ${loss.reason} [${loss.slug}]`));
  list("Assumptions", target.assumptions);
  for (const one of target.diagnostics) parts.push(element("pre", { text: one.text, className: `said ${one.severity}` }));
  return parts;
}

// --- events ------------------------------------------------------------------------------------

async function make() {
  say("Making events …");
  try {
    const answer = await ask("cases", { query: editor.text(), folding: $("folding").value });
    state.cases = answer.cases;
    const all = answer.all > answer.cases.length ? ` of ${answer.all}` : "";
    $("case").replaceChildren(
      element("option", { text: `${answer.cases.length}${all} cases …` }),
      ...answer.cases.map((one, at) => { const made = element("option", { text: `${one.hit ? "match" : "no match"}: ${one.name}` }); made.value = at; return made; }),
    );
    if (answer.cases.length) { $("case").value = 0; choose(); } else say("No events: the query has errors.");
  } catch (error) { say(error.message); }
}

function choose() {
  const one = state.cases[$("case").value];
  if (!one) return;
  $("events").value = one.events;
  search();
}

async function search() {
  say("Searching …");
  try {
    const answer = await ask("search", { query: editor.text(), folding: $("folding").value, events: $("events").value });
    $("found").replaceChildren(...answer.diagnostics.map((one) => element("pre", { text: one.text, className: `said ${one.severity}` })), ...(answer.explanation ? found(answer.explanation) : []));
    const count = answer.explanation?.matches;
    say(count === undefined ? "No answer." : `${count} match${count === 1 ? "" : "es"}`);
  } catch (error) { say(error.message); }
}

function found(explanation) {
  const rows = explanation.events.map((event) => element("div", { className: "event" }, [
    element("span", { text: event.matched ? "matches" : "no match", className: event.matched ? "yes" : "no" }),
    document.createTextNode(` event ${event.row}${event.timestamp ? ` at ${event.timestamp}` : ""}`),
    ...(event.clause ? [clause(event.clause)] : []),
  ]));
  const keys = explanation.keys.map((key) => element("div", { className: "event" }, [
    element("span", { text: key.matches.length ? "matches" : "no match", className: key.matches.length ? "yes" : "no" }),
    document.createTextNode(` ${explanation.key_fields.map((name, at) => `${name} = ${JSON.stringify(key.keys[at])}`).join(", ") || "all events"}`
      + (key.matches.length ? `: events ${key.matches.map((rows) => rows.join(", ")).join("; ")}`
        : `: stopped at stage ${key.stage}, ${key.reason}${key.detail ? `: ${key.detail}` : ""}`)),
    ...(key.nearest ? [clause(key.nearest.clause)] : []),
  ]));
  const stages = explanation.stages.map((stage) => element("div", { className: "event" }, [
    document.createTextNode(`stage ${stage.stage}: ${stage.text} is met by ${stage.rows.length ? `events ${stage.rows.join(", ")}` : "no event"}`),
  ]));
  return [...rows, ...stages, ...keys];
}

function clause(one) {
  const values = Object.entries(one.values ?? {}).map(([name, list]) => `${name} is ${list.length ? list.map((v) => JSON.stringify(v)).join(", ") : "without a value"}`).join("; ");
  const item = element("li", {}, [
    element("span", { text: one.truth ? "true" : "false", className: one.truth ? "yes" : "no" }),
    document.createTextNode(` ${one.text || one.kind}`),
    ...(values ? [element("span", { text: ` (${values})`, className: "values" })] : []),
    ...(one.parts ?? []).map(clause),
  ]);
  return element("ul", {}, [item]);
}

// --- links -------------------------------------------------------------------------------------

const encode = (value) => btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value)))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
function decode(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const value = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value?.query === "string" ? value : null;
  } catch { return null; }
}

async function share() {
  const value = { query: editor.text(), folding: $("folding").value, tab: state.tab };
  location.hash = encode(value);
  try { await navigator.clipboard.writeText(location.href); say("The link is in the clipboard."); } catch { say("The address of the page is the link."); }
}

async function copy() {
  try { await navigator.clipboard.writeText($("output").textContent); say("Copied."); } catch { say("The browser does not allow copying."); }
}

// --- the page ----------------------------------------------------------------------------------

const [language, examples] = await Promise.all([ask("language", {}), fetch("examples.json").then((r) => r.json())]);
$("folding").append(...language.foldings.map((name) => element("option", { text: name })));
$("example").append(...examples.map((one, at) => { const made = element("option", { text: one.name }); made.value = at; return made; }));
const given = decode(location.hash.slice(1));
if (given?.tab && document.getElementById(`tab-${given.tab}`)) state.tab = given.tab;
if (language.foldings.includes(given?.folding)) $("folding").value = given.folding;

const options = [
  ...language.keywords.map((label) => ({ label, type: "keyword" })),
  ...language.functions.map((label) => ({ label, type: "function", detail: "function" })),
  ...language.fields.map(([label, detail]) => ({ label, type: "property", detail })),
];
const editor = makeEditor($("editor"), { text: given?.query ?? examples[0].query, words: language, label: "EQL query", changed, complete: () => options, run: search, nonce: document.querySelector("meta[name=nonce]").content });

$("example").addEventListener("change", (event) => { const one = examples[event.target.value]; if (one) editor.replace(one.query); });
$("folding").addEventListener("change", compile);
$("dialect").addEventListener("change", (event) => { state.dialects[state.tab] = event.target.value; compile(); });
$("share").addEventListener("click", share);
$("copy").addEventListener("click", copy);
$("make").addEventListener("click", make);
$("case").addEventListener("change", choose);
$("search").addEventListener("click", search);
const tabs = [...document.querySelectorAll("[role=tab]")];
tabs.forEach((tab, at) => {
  tab.addEventListener("click", () => { state.tab = tab.dataset.tab; show(); });
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(at + step + tabs.length) % tabs.length];
    state.tab = next.dataset.tab; show(); next.focus();
  });
});
addEventListener("hashchange", () => { const value = decode(location.hash.slice(1)); if (value && value.query !== editor.text()) editor.replace(value.query); });
show();
compile();
