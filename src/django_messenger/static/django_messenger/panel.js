// The panel works without this file. It says when there are new messages, keeps what is typed
// when the page is left, and sends on Ctrl+Enter.
(() => {
  "use strict";
  const EVERY = 10_000;
  const news = document.querySelector("[data-dm-news]");
  const form = document.querySelector("#dm-composer");

  const isNews = (row) =>
    (!news.dataset.conversation || row.id === news.dataset.conversation) &&
    Date.parse(row.last_message_at) > (Date.parse(news.dataset.since) || 0);

  const announce = () => {
    if (news.childElementCount) return;
    news.append(document.querySelector("#dm-news").content.cloneNode(true));
    news.querySelector("[data-dm-show]").addEventListener("click", show);
  };

  // Only what the server marked is exchanged: the form, and what is typed in it, stays.
  const show = async () => {
    const url = location.pathname + location.search;
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok || answer.redirected) return location.assign(url);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const old of document.querySelectorAll("[data-dm-live]")) {
      const fresh = page.querySelector(`[data-dm-live="${old.dataset.dmLive}"]`);
      if (fresh) old.replaceWith(fresh);
    }
    news.dataset.since = page.querySelector("[data-dm-news]").dataset.since;
    news.replaceChildren();
    (form ?? document.querySelector("#dm-main")).scrollIntoView({ block: "nearest" });
  };

  const ask = async () => {
    if (document.hidden) return;
    const cursor = sessionStorage.getItem("dm-cursor") ?? "";
    const url = `${news.dataset.changes}?cursor=${encodeURIComponent(cursor)}`;
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    const changes = await answer.json();
    sessionStorage.setItem("dm-cursor", changes.cursor);
    if (changes.conversations.some(isNews)) announce();
  };

  if (news?.dataset.changes) setInterval(ask, EVERY);

  if (form) {
    const text = form.querySelector("textarea");
    const key = `dm-draft:${text.dataset.dmDraft}`;
    const [kind, ...kept] = (sessionStorage.getItem(key) ?? "").split("\n");
    if (!text.value && kept.length) {
      text.value = kept.join("\n");
      // What was begun as a note must never come back as an answer to the visitor.
      if (kind === "note") form.querySelector("#dm-kind-note").checked = true;
    }
    const keep = () => sessionStorage.setItem(key, `${form.elements.kind.value}\n${text.value}`);
    form.addEventListener("input", keep);
    form.addEventListener("submit", () => sessionStorage.removeItem(key));
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
  }
})();
