// The script of the report. The page is complete without it: this filters, links, walks, copies, changes the theme.
//
// A part of the page takes part in the filter by its attributes; a section that is added later needs nothing else:
//   data-item    what it is called when counted ("finding"); empty where it is not counted. It is hidden or shown.
//   data-status, data-level, data-rule, data-stream, data-cmd, data-launch
//                what `status:`, `level:` … are compared with: values, one a line. Where the item lacks one, that of an
//                element around it counts; where none has it, no word with that key is met.
//   data-as      the id of another item that it stands for: it is shown when that meets the filter.
//   data-cut     the keys whose list has no room for all ("stream"): there a word is taken for met that can't be decided.
//   data-common  within an article of several items: a text of each of them.
//   data-group   hidden while none of the items within is shown; with the value "unfold", a `details` that a filter opens.
//   data-more    how many findings had no room on the page: the count says so.
//   data-query   becomes a link with this filter: an `a` keeps its target, all else leads to the id in data-to.
//   class="copy" text that gets a button to copy it.
//
// The address holds all state: #ID?q=FILTER&theme=dark&folds=KEY KEY. ID is what is looked at; a fold's key is the id of a
// `details`, or ID~N for the Nth within what has that id; it stands there while it is not as the page has it.
// filter.js, controls.js and this file are one function of the page (src/report/html/mod.rs puts them together).
// Text of the page is text to this script: nothing is parsed, and no global is made.
const KEYS = ["status", "level", "rule", "stream", "cmd", "launch"];
const LONGEST_QUERY = 1000;
const LONGEST_TEXT = 20000; // of an item, in which words are searched
const root = document.documentElement;
const byId = (id) => (id ? document.getElementById(id) : null);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const make = (tag, properties = {}) => Object.assign(document.createElement(tag), properties);

// State and address

const parse = (hash) => {
  const [anchor, ...rest] = hash.replace(/^#/, "").split("?");
  const given = new URLSearchParams(rest.join("?"));
  const theme = given.get("theme");
  return {
    anchor: decode(anchor),
    q: (given.get("q") || "").slice(0, LONGEST_QUERY),
    theme: theme === "dark" || theme === "light" ? theme : "",
    folds: new Set((given.get("folds") || "").split(" ").filter(Boolean)),
  };
};
const decode = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
const address = ({ anchor, q, theme, folds }) => {
  const given = new URLSearchParams();
  if (q) given.set("q", q);
  if (theme) given.set("theme", theme);
  if (folds.size) given.set("folds", [...folds].join(" "));
  const query = given.toString();
  return "#" + encodeURIComponent(anchor) + (query ? "?" + query : "");
};

const ui = {}; // the controls, by their id or class

let state = parse(location.hash);
let known = location.hash; // what of the address has been taken in
let pending = 0;

// Each entry of the history is a step that Back takes back; what happens while typing or walking is one step. Browsers
// limit how often the entry may be changed, so changes wait a little.
const record = (isStep) => {
  clearTimeout(pending);
  if (isStep) return write("pushState");
  pending = setTimeout(write, 120, "replaceState");
};
const write = (how) => {
  pending = 0;
  const target = address(state);
  if (target === (location.hash || "#")) return;
  try {
    history[how](null, "", target);
  } catch {
    // Some viewers show the page in a frame that has no history of its own.
  }
  known = location.hash;
};

// Theme. It is the style's own query that is switched, so that each colour is written once.

let schemes = [];
const setTheme = (theme) => {
  if (!schemes.length) {
    const rules = all("style").flatMap((style) => (style.sheet ? [...style.sheet.cssRules] : []));
    schemes = rules.filter((rule) => rule.media && rule.media.mediaText.includes("prefers-color-scheme: dark"));
  }
  const query = { dark: "screen", light: "not all" }[theme] || "(prefers-color-scheme: dark)";
  for (const rule of schemes) rule.media.mediaText = query;
  root.style.colorScheme = theme;
};

// Folds

const initial = new WeakMap(); // whether a `details` is open on the page as it came
const wanted = new WeakMap(); // what we did to it, to know it from what the reader did
const fold = (details, isOpen) => {
  wanted.set(details, isOpen);
  details.open = isOpen;
};
const keyOf = (details) => {
  if (details.id) return details.id;
  const holder = details.closest("[id]");
  return `${holder.id}~${all("details", holder).indexOf(details)}`;
};
const detailsOf = (key) => {
  const [id, at] = key.split("~");
  const found = at === undefined ? byId(id) : byId(id) && all("details", byId(id))[Number(at)];
  return found instanceof HTMLDetailsElement ? found : null;
};
/** Opens it for the filter, or puts it back as the reader has it. */
const unfold = (details, isForced) => {
  const own = initial.get(details) !== state.folds.has(keyOf(details));
  const isOpen = isForced || own || (details.contains(byId(state.anchor)) && details.open);
  if (details.open !== isOpen) fold(details, isOpen);
};
const setFolds = (before) => {
  for (const key of new Set([...before, ...state.folds])) {
    const details = detailsOf(key);
    if (details) unfold(details, false);
  }
};
const folded = ({ target }) => {
  if (!(target instanceof HTMLDetailsElement) || wanted.get(target) === target.open) return;
  wanted.set(target, target.open);
  const isAsItCame = initial.get(target) === target.open;
  state.folds[isAsItCame ? "delete" : "add"](keyOf(target));
  record(false);
};

// What is looked at

const show = (isFocused) => {
  for (const element of all(".target")) element.classList.remove("target");
  const target = byId(state.anchor);
  if (!target) return;
  for (let up = target; up; up = up.parentElement) if (up instanceof HTMLDetailsElement && !up.open) fold(up, true);
  target.classList.add("target");
  target.scrollIntoView({ block: target.matches("tr") ? "center" : "start" });
  if (!isFocused) return;
  if (!target.matches("a, button, summary, [tabindex]")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
};
const look = (anchor, isStep) => {
  state.anchor = anchor;
  record(isStep); // first, since the entry that is left keeps its place on the page
  filter();
  show(true);
};
/** Takes in the address. */
const arrive = () => {
  if (known === location.hash) return;
  known = location.hash;
  const before = state;
  state = parse(location.hash);
  setAll(before);
  if (state.anchor !== before.anchor) show(false);
};
const setAll = (before) => {
  setTheme(state.theme);
  ui.theme.textContent = `Theme: ${state.theme || "auto"}`;
  ui.filter.value = state.q;
  setFolds(before.folds);
  filter();
};

// Links

const queryLinks = () => {
  for (const element of all("[data-query]")) {
    let link = element;
    if (!element.matches("a")) {
      link = make("a", { className: "query" });
      link.append(...element.childNodes);
      element.append(link);
    }
    const anchor = element.dataset.to || link.hash.slice(1);
    link.href = address({ anchor, q: element.dataset.query, theme: "", folds: new Set() });
  }
};
const follow = (event) => {
  const link = event.target.closest("a");
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || !(link.getAttribute("href") || "").startsWith("#")) return;
  event.preventDefault();
  const { anchor, q } = parse(link.hash);
  if (link.hash.includes("?")) {
    state.q = q;
    ui.filter.value = q;
  }
  look(anchor, true);
};

// The beginning

const start = () => {
  for (const details of all("details")) {
    initial.set(details, details.open);
    wanted.set(details, details.open);
  }
  for (const id of ["filter", "clear", "theme", "help", "help-page", "help-close", "shown"]) ui[id] = byId(id);
  for (const name of ["tools", "chips", "toast"]) ui[name] = document.querySelector("." + name);
  queryLinks();
  copyButtons();
  sortable();
  setAll({ folds: new Set() });
  show(false);
  setTimeout(() => items || index(), 200); // so that the first letter of a filter does not wait for it

  let isTyping = false;
  ui.filter.addEventListener("input", () => {
    setQuery(ui.filter.value, !isTyping);
    isTyping = true;
  });
  for (const end of ["change", "blur"]) ui.filter.addEventListener(end, () => (isTyping = false));
  ui.clear.addEventListener("click", () => {
    setQuery("", true);
    ui.filter.focus();
  });
  ui.theme.addEventListener("click", () => {
    state.theme = { "": "light", light: "dark", dark: "" }[state.theme];
    setTheme(state.theme);
    ui.theme.textContent = `Theme: ${state.theme || "auto"}`;
    record(false);
  });
  ui.help.addEventListener("click", KEYSTROKES["?"]);
  ui["help-close"].addEventListener("click", () => ui["help-page"].close());
  document.addEventListener("toggle", folded, true);
  document.addEventListener("click", follow);
  document.addEventListener("keydown", pressed);
  addEventListener("hashchange", arrive);
  addEventListener("popstate", arrive);
  addEventListener("beforeprint", beforePrint);
  addEventListener("afterprint", afterPrint);
  const print = matchMedia("print");
  print.addEventListener("change", () => (print.matches ? beforePrint() : afterPrint()));
};

root.classList.add("scripted");
setTheme(state.theme);
document.addEventListener("DOMContentLoaded", start);
