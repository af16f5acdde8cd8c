// What can be clicked and pressed in the report besides the filter: copying, sorting, keys; and printing.

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
