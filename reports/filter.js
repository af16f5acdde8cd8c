// The filter of the report: its language, and what it does to the page. report.js says what attributes it looks at.

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
  if (item.text === null) {
    const card = item.subject.closest("article");
    const common = card && card !== item.subject ? all("[data-common]", card) : [];
    const texts = [item.subject, ...common].map((element) => element.textContent.slice(0, LONGEST_TEXT));
    item.text = [...texts, ...Object.values(item.facets)].join("\n").toLowerCase();
  }
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
  const left = all("[data-more]").map((section) => `; ${number(Number(section.dataset.more))} more are not on this page`);
  ui.shown.textContent = isActive ? "Shown: " + parts.join(", ") + left.join("") : "";
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
