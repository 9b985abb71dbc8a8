// Renews the first screen every half minute. Whatever somebody types or has marked stays as it is, and the page works
// without this. Nothing but our own page is asked, and nothing is stored.
"use strict";
(() => {
  const EVERY = 30000;
  const status = document.getElementById("live-status");
  if (!status) return;
  let timer = 0;
  let over = false;

  const say = words => { if (status.textContent !== words) status.textContent = words; };
  const changed = field => field.type === "hidden" ? false
    : field.matches("select") ? [...field.options].some(one => one.selected !== one.defaultSelected)
    : field.matches("[type=checkbox], [type=radio]") ? field.checked !== field.defaultChecked
    : field.value !== field.defaultValue;
  const busy = region => {
    const here = document.activeElement;
    const marked = document.getSelection();
    return (region.contains(here) && here.matches("input, select, textarea"))
      || (marked && !marked.isCollapsed && region.contains(marked.anchorNode))
      || [...region.querySelectorAll("input, select, textarea")].some(changed);
  };
  // What an element is, so that the focus finds its like again.
  const likeness = element => [element.tagName, element.id, element.getAttribute("href"),
    element.form && element.form.getAttribute("action")].join(" ");
  const put = (region, fresh) => {
    const held = region.contains(document.activeElement) ? likeness(document.activeElement) : "";
    const open = [...region.querySelectorAll("details[open][id]")].map(one => one.id);
    region.replaceChildren(...fresh.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (held) {
      const like = [...region.querySelectorAll("a, button, summary")].find(one => likeness(one) === held);
      (like || document.getElementById("main")).focus({ preventScroll: true });
    }
  };
  const ringing = () => Number(document.getElementById("live-first")?.dataset.ringing || 0);

  const renew = async () => {
    if (over || document.hidden) return;
    try {
      const answer = await fetch(status.dataset.from, { redirect: "manual", credentials: "same-origin" });
      if (answer.type === "opaqueredirect") {
        over = true;
        say(status.dataset.gone);
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const before = ringing();
      for (const fresh of page.querySelectorAll("[data-live]")) {
        const region = document.getElementById(fresh.id);
        if (!region || busy(region) || region.innerHTML === fresh.innerHTML) continue;
        if (fresh.dataset.ringing) region.dataset.ringing = fresh.dataset.ringing;
        put(region, fresh);
      }
      const now = ringing();
      say(now > before ? status.dataset.more.replace("{now}", now).replace("{before}", before) : "");
    } catch {
      say(status.dataset.stale);
    }
  };
  const next = () => { clearTimeout(timer); timer = setTimeout(async () => { await renew(); next(); }, EVERY); };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
  next();
})();
