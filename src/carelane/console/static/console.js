// What scripts add to the console's pages. Every act works without.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);
const say = (text) => { const line = one("[data-say]"); if (line) line.textContent = text; };

// The server says times in this zone from the next page on.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && !document.cookie.includes(`carelane_zone=${zone}`)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `carelane_zone=${zone}; path=/console; max-age=31536000; samesite=lax${secure}`;
}

// After a form was refused, the summary has the focus.
one("[data-focus]")?.focus();

// ---- Regions: parts that are asked for again. One that is in use is never replaced.
// What was ticked stands, also after the server showed it again.
const isTyped = (field) => field.type === "checkbox" || field.type === "radio"
  ? field.checked !== field.defaultChecked || (field.type === "checkbox" && field.checked)
  : field.tagName === "SELECT"
    ? [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0
    : field.type !== "hidden" && field.value !== field.defaultValue;
const isInUse = (region) => region.contains(document.activeElement)
  || all("input, textarea, select", region).some(isTyped)
  || one("dialog[open], :popover-open", region) !== null
  || (!getSelection().isCollapsed && region.contains(getSelection().anchorNode));

// That a minute has passed is no news.
const gist = (row) => {
  const copy = row.cloneNode(true);
  all("time", copy).forEach((time) => time.remove());
  return copy.textContent.replace(/\s+/g, " ").trim();
};
const changesBetween = (before, after) => {
  const known = new Map(all("[data-row]", before).map((row) => [row.dataset.row, gist(row)]));
  const now = all("[data-row]", after);
  if (!known.size && !now.length) return gist(before) === gist(after) ? 0 : 1;
  const gone = known.size - now.filter((row) => known.has(row.dataset.row)).length;
  return gone + now.filter((row) => known.get(row.dataset.row) !== gist(row)).length;
};
const news = (count) => {
  const words = one("[data-words]").dataset;
  return (count === 1 ? words.change : words.changes).replace("%d", count);
};

function replace(region, fresh) {
  const open = all("details[open][id]", region).map((details) => details.id);
  const sprite = one("[data-sprite]");
  for (const symbol of all("symbol", fresh)) if (sprite && !document.getElementById(symbol.id)) sprite.append(symbol);
  one("[data-sprite]", fresh)?.remove();
  region.replaceChildren(...fresh.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  begin(region);
}

function offer(region, fresh, count) {
  let note = region.previousElementSibling?.matches("[data-offer]") ? region.previousElementSibling : null;
  if (!note) {
    note = document.createElement("p");
    note.className = "note";
    note.dataset.offer = "";
    note.append(document.createElement("span"), document.createElement("button"));
    note.lastChild.type = "button";
    note.lastChild.className = "small";
    region.before(note);
  }
  const text = news(count);
  if (note.firstChild.textContent !== text) say(text);
  note.firstChild.textContent = text;
  note.lastChild.textContent = one("[data-words]").dataset.show;
  note.lastChild.onclick = () => {
    note.remove();
    replace(region, fresh);
    region.tabIndex = -1;
    region.focus();
  };
}

async function refresh(region) {
  const { src } = region.dataset;
  const headers = region.tag ? { "If-None-Match": region.tag } : {};
  let answer;
  try { answer = await fetch(src, { headers, cache: "no-store" }); } catch { return; }
  if (answer.status === 401) return signedOut();
  if (!answer.ok) return;
  region.tag = answer.headers.get("ETag");
  const html = await answer.text();
  if (html === region.last) return;
  region.last = html;
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const count = changesBetween(region, fresh);
  if (isInUse(region)) return count ? offer(region, fresh, count) : undefined;
  if (region.previousElementSibling?.matches("[data-offer]")) region.previousElementSibling.remove();
  replace(region, fresh);
  if (count) say(news(count));
}

let isOut = false;
function signedOut() {
  if (isOut) return;
  isOut = true;
  say(one("[data-words]").dataset.out);
}

function watch(region) {
  const every = Number(region.dataset.every || 5) * 1000;
  const again = async () => {
    if (!region.isConnected || isOut) return;
    if (!document.hidden) await refresh(region);
    setTimeout(again, every);
  };
  setTimeout(again, every);
}

// ---- Keys, outside of fields only.
const rows = () => all("[data-row]").filter((row) => row.offsetParent !== null);
let goes = false;
function move(step) {
  const list = rows();
  const at = list.findIndex((row) => row.contains(document.activeElement));
  const next = list[Math.min(Math.max(at + step, 0), list.length - 1)];
  one("a[href]", next ?? document.createElement("i"))?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
function press(key) {
  // What a key does to the row that has the focus.
  const row = rows().find((one) => one.contains(document.activeElement));
  const found = (row && one(`[data-row-key="${CSS.escape(key)}"]`, row)) ?? all(`[data-key="${CSS.escape(key)}"]`).find((part) => part.offsetParent !== null || part.closest("[popover]"));
  if (!found) return false;
  const sheet = found.closest("[popover]");
  if (sheet && found.offsetParent === null) sheet.showPopover();
  // A button whose form still lacks its text leads to the field.
  const lacking = found.form && found.matches("button") && all("[required]", found.form).find((field) => !field.value.trim());
  if (lacking) lacking.focus();
  else if (found.matches("input, textarea, select")) { found.focus(); found.select?.(); }
  else found.click();
  return true;
}
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches?.("input, textarea, select")) return event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]")) return;
  const { key } = event;
  let done = true;
  if (goes) { goes = false; const link = one(`[data-go="${CSS.escape(key)}"]`); if (link) link.click(); else done = false; }
  else if (key === "g") { goes = true; setTimeout(() => { goes = false; }, 1500); }
  else if (key === "?") help();
  else if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "x") one("[type=checkbox]", rows().find((row) => row.contains(document.activeElement)) ?? document.createElement("i"))?.click();
  else done = key.length === 1 && press(key);
  if (done) event.preventDefault();
});
function help() {
  const dialog = one("#keys");
  const list = one("[data-keys-here]", dialog);
  list.replaceChildren(...all("[data-key]").filter((part) => part.dataset.key !== "/").flatMap((part) => {
    const term = document.createElement("dt"), text = document.createElement("dd"), cap = document.createElement("kbd");
    cap.textContent = part.dataset.key;
    term.append(cap);
    const words = part.cloneNode(true);
    all("kbd, svg", words).forEach((more) => more.remove());
    text.textContent = part.getAttribute("aria-label") || part.labels?.[0]?.textContent || words.textContent.trim();
    return [term, text];
  }));
  dialog.showModal();
}

// ---- Drafts: saved on a pause and on leaving, to POST /console/drafts.
const drafts = [];
function keep(form) {
  let timer, saving, sent = "";
  const body = () => {
    const data = new FormData(form);
    const fields = new URLSearchParams([...data].filter(([name, value]) => typeof value === "string" && name !== "request_key"));
    fields.set("draft", form.dataset.draft);
    return fields;
  };
  const save = () => (saving = send().finally(() => { saving = undefined; }));
  const send = async () => {
    clearTimeout(timer);
    timer = undefined;
    const now = body();
    if (now.toString() === sent) return;
    const before = sent;
    sent = now.toString();
    try {
      const answer = await fetch("/console/drafts", { method: "POST", body: now, keepalive: true });
      if (!answer.ok) throw new Error(answer.status);
      const line = one("[data-saved]", form);
      if (line) line.textContent = line.dataset.saved.replace("%s", new Date().toTimeString().slice(0, 5));
    } catch { sent = before; }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 1200); });
  // Not on the way to the form's own buttons: what is sent next would be saved after it.
  form.addEventListener("focusout", (event) => { if (timer && event.relatedTarget?.form !== form) save(); });
  form.addEventListener("submit", () => { clearTimeout(timer); timer = undefined; });
  addEventListener("pagehide", () => { if (timer) save(); });
  drafts.push({ form, begun: () => (timer ? save() : saving) });
}
// Another form of the page waits for them: its answer is a page that shows what was typed.
addEventListener("submit", async (event) => {
  const begun = drafts.filter(({ form }) => form !== event.target && form.isConnected).map((draft) => draft.begun()).filter(Boolean);
  if (!begun.length || event.defaultPrevented) return;
  event.preventDefault();
  await Promise.all(begun);
  event.target.requestSubmit(event.submitter);
});

// ---- What cannot be undone waits until its words were typed.
function guardTyped(field) {
  const button = one("button.danger, button.main", field.form);
  const judge = () => { if (button) button.disabled = field.value.trim() !== field.dataset.typed; };
  field.addEventListener("input", judge);
  judge();
}

// ---- Files dropped on their form are chosen in it.
function takeDrops(place) {
  const target = place.closest("form") ?? place, input = one("[type=file]", place);
  const mark = (is) => place.toggleAttribute("data-over", is);
  target.addEventListener("dragover", (event) => { event.preventDefault(); mark(true); });
  target.addEventListener("dragleave", () => mark(false));
  target.addEventListener("drop", (event) => { event.preventDefault(); mark(false); input.files = event.dataTransfer.files; });
}

// ---- What is dragged by its handle the server moves, as for its buttons, to the place of what it is dropped on.
function takeDrags(grip) {
  const item = grip.closest("[data-place]"), here = item.dataset.place, move = one("[data-move]", item.closest("form"));
  let at, timer, over;
  const aim = (to) => { over?.removeAttribute("data-over"); over = to; over?.setAttribute("data-over", ""); };
  const look = () => {
    if (timer) scrollBy(0, at.clientY < 60 ? -12 : at.clientY > innerHeight - 60 ? 12 : 0);
    if (timer) aim(document.elementFromPoint(at.clientX, at.clientY)?.closest(`[data-place]:not([data-place="${here}"])`));
  };
  grip.onpointerdown = (event) => { at = event; grip.setPointerCapture(event.pointerId); timer ??= setInterval(look, 16); };
  grip.onpointermove = (event) => { at = event; item.toggleAttribute("data-dragged", Boolean(timer)); };
  grip.onpointerup = () => { look(); if (over) { move.value = `to-${here}-${over.dataset.place}`; move.form.requestSubmit(move); } };
  grip.onlostpointercapture = () => { timer = clearInterval(timer); item.removeAttribute("data-dragged"); aim(); };
}

function begin(within) {
  all("[data-src]", within).forEach(watch);
  all("form[data-draft]", within).forEach(keep);
  all("[data-typed]", within).forEach(guardTyped);
  all("[data-drop]", within).forEach(takeDrops);
  all("[data-grip]", within).forEach((grip) => { grip.hidden = false; takeDrags(grip); });
  all("select[data-send]", within).forEach((field) => field.addEventListener("change", () => field.form.requestSubmit()));
}
begin(document);
