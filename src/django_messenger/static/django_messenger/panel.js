// The panel works without this file. It announces new messages, keeps what is typed when the page
// is left, and sends on Ctrl+Enter.
(() => {
  "use strict";
  const news = document.querySelector("[data-dm-news]");
  const form = document.querySelector("#dm-composer");

  const isNews = (row) =>
    (!news.dataset.conversation || row.id === news.dataset.conversation) &&
    Date.parse(row.last_message_at) > (Date.parse(news.dataset.since) || 0);

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
  };

  const ask = async () => {
    if (document.hidden) return;
    const cursor = sessionStorage.getItem("dm-cursor") ?? "";
    const answer = await fetch(`${news.dataset.changes}?cursor=${encodeURIComponent(cursor)}`).catch(() => null);
    if (!answer?.ok) return;
    const changes = await answer.json();
    sessionStorage.setItem("dm-cursor", changes.cursor);
    if (news.childElementCount || !changes.conversations.some(isNews)) return;
    news.append(document.querySelector("#dm-news").content.cloneNode(true));
    news.querySelector("[data-dm-show]").addEventListener("click", show);
  };
  if (news?.dataset.changes) setInterval(ask, 10_000);

  if (!form) return;
  const { body, kind, client_id: id } = form.elements;
  const key = `dm-draft:${form.dataset.dmDraft}`;
  const draft = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (draft && document.querySelector(`[data-dm-sent="${CSS.escape(draft.id)}"]`)) {
    sessionStorage.removeItem(key);
  } else if (draft && !body.value) {
    // With its old id it cannot be sent twice, and a note never comes back as an answer.
    [body.value, id.value] = [draft.text, draft.id];
    if (draft.note) form.querySelector("#dm-kind-note").checked = true;
  }
  const keep = () => ({ id: id.value, text: body.value, note: kind.value === "note" });
  form.addEventListener("input", () => sessionStorage.setItem(key, JSON.stringify(keep())));
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
})();
