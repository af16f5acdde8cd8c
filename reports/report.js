// The script of the report. The page is complete without it: this filters, links, walks, copies, changes the theme.
//
// A part of the page takes part in the filter by its attributes; a section that is added later needs nothing else:
//   data-item    what it is called when counted ("finding"); empty where it is not counted. It is hidden or shown.
//   data-status, data-level, data-rule, data-stream, data-cmd, data-launch
//                what `status:`, `level:` … are compared with: values, one a line. Where the item lacks one, that of an
//                element around it counts; where none has it, no word with that key is met.
//   data-as      the id of another item that it stands for: it is shown when that meets the filter.
//   data-cut     the keys whose list has no room for all ("stream"): there a word is taken for met that can't be decided.
//   data-group   hidden while none of the items within is shown; with the value "unfold", a `details` that a filter opens.
//   data-query   becomes a link with this filter: an `a` keeps its target, all else leads to the id in data-to.
//   class="copy" text that gets a button to copy it.
//
// The address holds all state: #ID?q=FILTER&theme=dark&folds=KEY KEY. ID is what is looked at; a fold's key is the id of a
// `details`, or ID~N for the Nth within what has that id; it stands there while it is not as the page has it.
// Text of the page is text to this script: nothing is parsed, and no global is made.
(() => {
  "use strict";
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

  // Filter: the language

  /** `-rule:STATE-* "two words"` → [{key, value, isNegated, source}] */
  const terms = (query) => {
    const found = [];
    for (const [source, minus, key, quoted, open, plain] of query.matchAll(
      /(-)?(?:([a-z]+):)?(?:"([^"]*)"|"([^"]*)$|([^\s"]+))|\S/gi,
    )) {
      const value = quoted ?? open ?? plain;
      if (!value) continue;
      const name = key && key.toLowerCase().replace(/^command$/, "cmd");
      const isKey = KEYS.includes(name);
      const text = isKey || !key ? value : `${key}:${value}`;
      found.push({ source, key: isKey ? name : "text", value: text.toLowerCase(), isNegated: Boolean(minus) });
    }
    return found;
  };

  /** `{a,b}` as the patterns that it stands for. */
  const alternatives = (pattern) => {
    const group = /\{([^{}]*)\}/.exec(pattern);
    if (!group || pattern.length > 200) return [pattern];
    const [before, after] = [pattern.slice(0, group.index), pattern.slice(group.index + group[0].length)];
    return group[1].split(",").slice(0, 20).flatMap((one) => alternatives(before + one + after)).slice(0, 100);
  };

  /** The letters of a pattern: "*", or what says whether a letter is meant. */
  const letters = (pattern) =>
    (pattern.match(/\[!?[^\]]+\]|[^]/g) || []).map((part) => {
      if (part === "*") return part;
      if (part === "?") return () => true;
      if (part.length < 3) return (letter) => letter === part;
      const isNot = part[1] === "!";
      const within = part.slice(isNot ? 2 : 1, -1);
      return (letter) => {
        for (let at = 0; at < within.length; at++) {
          const isRange = within[at + 1] === "-" && at + 2 < within.length;
          if (isRange ? letter >= within[at] && letter <= within[at + 2] : letter === within[at]) return !isNot;
          if (isRange) at += 2;
        }
        return isNot;
      };
    });

  /** Whether a pattern is met: without going back further than the last star, so that no pattern takes long. */
  const meets = (parts, text) => {
    let [at, part, star, from] = [0, 0, -1, 0];
    while (at < text.length) {
      if (parts[part] === "*") [star, from] = [part++, at];
      else if (part < parts.length && parts[part](text[at])) [at, part] = [at + 1, part + 1];
      else if (star >= 0) [part, at] = [star + 1, ++from];
      else return false;
    }
    while (parts[part] === "*") part++;
    return part === parts.length;
  };

  /** A test of an item for all terms. */
  const judge = (query) => {
    const wanted = new Map();
    for (const term of terms(query)) {
      const name = (term.isNegated ? "-" : "") + term.key;
      if (term.key === "text" || term.isNegated) wanted.set(name + wanted.size, [term]);
      else wanted.set(name, [...(wanted.get(name) || []), term]);
    }
    const tests = [...wanted.values()].map((list) => {
      const { key, isNegated } = list[0];
      if (key === "text") return (item) => textOf(item).includes(list[0].value) !== isNegated;
      const patterns = list.flatMap((term) => alternatives(term.value)).map(letters);
      const answers = new Map(); // many items share their values
      const isMet = (values) => {
        const names = key === "stream" ? values.flatMap((name) => [name, name.slice(name.indexOf(".") + 1)]) : values;
        return names.some((name) => patterns.some((parts) => meets(parts, name)));
      };
      return (item) => {
        const values = item.facets[key];
        if (!answers.has(values)) answers.set(values, values !== null && isMet(values.toLowerCase().split("\n")));
        if (item.cut.includes(key)) return !isNegated || !answers.get(values);
        return answers.get(values) !== isNegated;
      };
    });
    return (item) => tests.every((test) => test(item));
  };

  // Filter: the page

  let items; // what can be hidden; made when it is first needed
  let groups; // what is hidden with all that it holds
  const index = () => {
    const members = new Map(all("[data-group]").map((element) => [element, { element, shown: 0 }]));
    groups = [...members.values()];
    items = all("[data-item]").map((element) => {
      const subject = byId(element.dataset.as) || element;
      const facets = {};
      for (const key of KEYS) {
        const holder = subject.closest(`[data-${key}]`);
        facets[key] = holder && holder.getAttribute("data-" + key);
      }
      const around = [];
      for (let up = element.parentElement; up; up = up.parentElement) if (members.has(up)) around.push(members.get(up));
      const section = element.closest("section");
      const cut = (subject.dataset.cut || "").split("\n");
      return { element, subject, facets, cut, around, section, noun: element.dataset.item, isShown: true, text: null };
    });
  };
  const textOf = (item) => {
    item.text ??= [item.subject.textContent.slice(0, LONGEST_TEXT), ...Object.values(item.facets)].join("\n").toLowerCase();
    return item.text;
  };

  const filter = () => {
    const isActive = terms(state.q).length > 0;
    if (!items && !isActive) return;
    if (!items) index();
    const test = isActive ? judge(state.q) : () => true;
    const target = byId(state.anchor); // what an address leads to is shown in any case
    const counts = new Map();
    for (const group of groups) group.shown = isActive ? 0 : 1;
    const empty = new Map();
    for (const item of items) {
      const isMet = test(item);
      const isShown = isMet || item.element === target || Boolean(target && item.element.contains(target));
      if (item.isShown !== isShown) item.element.hidden = !isShown;
      item.isShown = isShown;
      if (isShown) for (const group of item.around) group.shown++;
      if (item.section) empty.set(item.section, !isShown && empty.get(item.section) !== false);
      if (!item.noun) continue;
      const count = counts.get(item.noun) || { shown: 0, total: 0 };
      count.total++;
      if (isMet) count.shown++;
      counts.set(item.noun, count);
    }
    for (const { element, shown } of groups) {
      const isHidden = !shown && element !== target;
      if (element.hidden !== isHidden) element.hidden = isHidden;
      if (element.dataset.group === "unfold") unfold(element, isActive && shown > 0);
    }
    headRows();
    for (const [section, isEmpty] of empty) none(section).hidden = !isEmpty;
    tell(isActive, counts);
  };

  // The first cells of a rule span its rows: they go to the first that is shown.
  const headRows = () => {
    for (const head of all("tbody > tr > th[rowspan]")) {
      const row = head.parentElement;
      const first = [...row.parentElement.rows].find((one) => !one.hidden);
      if (first && first !== row) first.prepend(...all(":scope > [rowspan]", row));
    }
  };

  const none = (section) => {
    let line = section.querySelector(":scope > .none");
    if (!line) {
      line = make("p", { className: "empty none", textContent: "Nothing here meets the filter." });
      section.append(line);
    }
    return line;
  };

  const tell = (isActive, counts) => {
    const plural = (noun) => noun + (/(s|x|ch|sh)$/.test(noun) ? "es" : "s");
    const number = (count) => count.toLocaleString("en-US");
    const parts = [...counts].map(
      ([noun, { shown, total }]) => `${number(shown)} of ${number(total)} ${total === 1 ? noun : plural(noun)}`,
    );
    ui.shown.textContent = isActive ? "Shown: " + parts.join(", ") : "";
    ui.tools.classList.toggle("active", isActive);
    ui.clear.hidden = !state.q;
    ui.chips.replaceChildren(
      ...terms(state.q).map(({ source }) => {
        const button = make("button", { type: "button", textContent: source });
        button.setAttribute("aria-label", `Filter ${source}: remove it`);
        button.addEventListener("click", () => {
          setQuery(terms(state.q).map((term) => term.source).filter((other) => other !== source).join(" "), true);
          ui.filter.focus();
        });
        const entry = make("li");
        entry.append(button);
        return entry;
      }),
    );
  };

  const setQuery = (query, isStep) => {
    state.q = query.slice(0, LONGEST_QUERY);
    if (ui.filter.value !== state.q) ui.filter.value = state.q;
    filter();
    record(isStep);
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

  // Copying

  let toasting = 0;
  const say = (text, shown) => {
    clearTimeout(toasting);
    ui.toast.replaceChildren(text, ...(shown ? [shown] : []));
    ui.toast.hidden = false;
    if (!shown) toasting = setTimeout(() => (ui.toast.hidden = true), 4000);
  };
  const copy = async (text, what) => {
    try {
      await navigator.clipboard.writeText(text);
      say(`Copied: ${what}.`);
    } catch {
      // No clipboard for this page, as it can be for a file: the text is selected, for the reader's own keys.
      const shown = make("code", { textContent: text });
      say(`The browser keeps the clipboard to itself. Here is ${what}, selected for you to copy: `, shown);
      getSelection().selectAllChildren(shown);
    }
  };
  const copyButton = (label, text) => {
    const button = make("button", { type: "button", className: "copy-button" });
    const icon = document.querySelector("svg.icon").cloneNode(true);
    icon.firstElementChild.setAttribute("href", "#i-copy");
    button.append(icon);
    button.setAttribute("aria-label", label);
    button.title = label;
    button.addEventListener("click", () => copy(text(), label.replace("Copy ", "")));
    return button;
  };
  const copyButtons = () => {
    for (const code of all(".copy")) code.after(copyButton("Copy the command", () => code.textContent));
    for (const link of all(".permalink")) link.after(copyButton("Copy the link", () => linkTo(parse(link.hash).anchor)));
  };
  const linkTo = (anchor) => location.href.split("#")[0] + address({ ...state, anchor });

  // Sorting of matrices: the worst of a column first, or as it came

  const ORDER = ["off", "skip", "pass", "warn", "fail", "error"];
  const sortable = () => {
    for (const table of all("table.matrix:not(.inner)")) {
      const body = table.tBodies[0];
      const rows = [...body.rows];
      if (rows.length < 3) continue;
      const heads = [...table.tHead.rows[0].cells].slice(1);
      heads.forEach((head, at) => {
        const button = make("button", { type: "button", className: "sort", title: "The worst first, or as it was" });
        button.append(...head.childNodes);
        head.append(button);
        button.addEventListener("click", () => {
          const isSorted = head.hasAttribute("aria-sort");
          for (const other of heads) other.removeAttribute("aria-sort");
          if (!isSorted) head.setAttribute("aria-sort", "descending");
          const weight = (row) => {
            if (row.cells[0].matches(".fold")) return -2;
            const badge = row.cells[at + 1].querySelector(".badge");
            return badge ? ORDER.findIndex((status) => badge.classList.contains(status)) : -1;
          };
          body.append(...(isSorted ? rows : [...rows].sort((one, other) => weight(other) - weight(one))));
        });
      });
    }
  };

  // Keys

  const findings = () => {
    if (!items) index();
    return items.filter((item) => item.isShown && item.noun === "finding").map((item) => item.element);
  };
  const current = () => {
    const element = byId(state.anchor);
    return element && element.closest("[data-item], details");
  };
  const walk = (step) => {
    const list = findings();
    const at = list.indexOf(current());
    const below = list.findIndex((element) => element.getBoundingClientRect().bottom > 0);
    const next = at >= 0 ? at + step : step > 0 ? below : below - 1;
    if (list[next]) look(list[next].id, false);
    else say(list.length ? "There is no further finding." : "No finding is shown.");
  };
  const expand = () => {
    const holder = current();
    const folded = holder ? [...(holder.matches("details") ? [holder] : []), ...all("details", holder)] : [];
    if (!folded.length) return say(holder ? "Nothing is folded here." : "First choose a finding: j and k walk through them.");
    const isOpen = folded.some((details) => !details.open);
    for (const details of folded) details.open = isOpen;
  };
  const KEYSTROKES = {
    "/": () => ui.filter.select(),
    j: () => walk(1),
    k: () => walk(-1),
    e: expand,
    c: () => copy(linkTo(state.anchor), current() ? `the link to ${state.anchor}` : "the link to this page"),
    "?": () => ui["help-page"].showModal(),
    Escape: () => (ui.toast.hidden ? setQuery("", true) : (ui.toast.hidden = true)),
  };
  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || ui["help-page"].open) return;
    if (event.target === ui.filter) {
      if (event.key === "Escape") ui.filter.blur();
      if (event.key === "Enter" && findings().length) look(findings()[0].id, true);
      if (["Escape", "Enter"].includes(event.key)) event.preventDefault();
      return;
    }
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (!Object.hasOwn(KEYSTROKES, event.key)) return;
    event.preventDefault();
    KEYSTROKES[event.key]();
  };

  // Print: what fails is printed whole

  let printed = [];
  const beforePrint = () => {
    printed = printed.concat(all(".card.fail details:not([open])"));
    for (const details of printed) fold(details, true);
  };
  const afterPrint = () => {
    for (const details of printed) fold(details, false);
    printed = [];
  };

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
})();
