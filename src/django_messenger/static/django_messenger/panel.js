"use strict";
(() => {
  // src/panel/page.js
  var text = document.querySelector("#dm-config")?.textContent, config = text ? JSON.parse(text) : null, word = (name, value = "") => config.words[name].replace("{}", String(value)), one = (selector, root = document) => root.querySelector(selector), all = (selector, root = document) => [...root.querySelectorAll(selector)], talk = () => one("#dm-talk[data-dm-key]"), openId = () => talk()?.dataset.dmKey || "", urlOf = (name, id) => config[name] && config[name].replace(config.any, id), listQuery = () => new URL(one("#dm-list")?.dataset.dmQuery || config.list, location.href).search, isSeen = () => !document.hidden, parse = (html) => {
    let template = document.createElement("template");
    return template.innerHTML = html, template.content;
  }, ask = async (url, { part = "", ...options } = {}) => {
    let headers = { "X-Requested-With": "fetch", ...part && { "Dm-Part": part } };
    try {
      let answer = await fetch(url, { headers, credentials: "same-origin", ...options }), asked2 = new URL(url, location.href).pathname, left = answer.redirected && !new URL(answer.url).pathname.startsWith(config.list);
      return left && asked2 && lost("login"), {
        status: answer.status,
        ok: answer.ok && !left,
        url: answer.url,
        left,
        html: parse(await answer.text())
      };
    } catch {
      return { status: 0, ok: !1, url, left: !1, html: parse("") };
    }
  }, csrf = () => one("[name=csrfmiddlewaretoken]")?.value || "", call = async (url, body, last = !1) => {
    if (!url) return null;
    let post = body && {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() },
      keepalive: last
    };
    try {
      let answer = await fetch(url, { credentials: "same-origin", ...post });
      return (answer.status === 401 || answer.status === 403) && lost("login"), answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }, lost = () => {
  }, onLost = (tell) => {
    lost = tell;
  }, say = (why) => lost(why), kept = {
    /** @param {string} name @returns {any} */
    get: (name) => {
      try {
        return JSON.parse(localStorage.getItem(`dm:${config.user}:${name}`) ?? "null");
      } catch {
        return null;
      }
    },
    /** @param {string} name @param {any} value null forgets it */
    set: (name, value) => {
      try {
        value === null ? localStorage.removeItem(`dm:${config.user}:${name}`) : localStorage.setItem(`dm:${config.user}:${name}`, JSON.stringify(value));
      } catch {
      }
    }
  };

  // src/panel/forms.js
  var UNDO = 8e3, SHORT = 4e3, show = (toast, life = SHORT) => {
    let box = one("#dm-toasts");
    for (; box.children.length > 2; ) box.firstElementChild.remove();
    box.append(toast), life && setTimeout(() => toast.remove(), life);
  }, announce = (words, isProblem = !1, life = SHORT) => {
    let toast = one("#dm-tpl-toast").content.firstElementChild.cloneNode(!0);
    return one("[data-dm-words]", toast).textContent = words, toast.classList.toggle("dm-toast--problem", isProblem), show(toast, life), toast;
  }, send = (form2, submitter, more = {}) => {
    let data = new FormData(form2), button = (
      /** @type {?HTMLButtonElement} */
      submitter ?? null
    );
    button?.name && data.append(button.name, button.value);
    for (let [name, value] of Object.entries(more)) data.set(name, value);
    let body = new URLSearchParams(
      /** @type {any} */
      data
    );
    return ask(form2.getAttribute("action") || "", { method: "POST", body });
  }, act = async (form2, submitter) => {
    form2.closest("details")?.removeAttribute("open");
    let { status, html, left } = await send(form2, submitter), toast = one("[data-dm-toast]", html);
    if (!toast)
      return left || announce(word(status ? "refused" : "lost"), !0), "";
    let isProblem = toast.getAttribute("role") === "alert";
    return show(toast, one("form", toast) ? UNDO : SHORT), isProblem ? "top" : toast.dataset.dmGoto || "top";
  };

  // src/shared/backoff.js
  var retryDelay = (failures2, chance) => Math.min(6e4, 1e3 * 2 ** (failures2 - 1)) * (1 + chance) / 2;

  // src/shared/message.js
  var MOVES = {
    queued: { start: "sending", discard: "removed" },
    sending: { ok: "sent", again: "queued", session: "queued", fatal: "failed" },
    sent: { seen: "seen" },
    seen: {},
    failed: { retry: "queued", discard: "removed" },
    removed: {}
  }, move = (state, event) => MOVES[state][event] || state, verdict = (status) => status >= 200 && status < 300 ? "ok" : status === 401 ? "session" : status >= 400 && status < 500 && ![408, 425, 429].includes(status) ? "fatal" : "again";

  // ../../../../work/main/frontend/node_modules/idiomorph/dist/idiomorph.esm.js
  var L = (function() {
    "use strict";
    let A = () => {
    }, y = { morphStyle: "outerHTML", callbacks: { beforeNodeAdded: A, afterNodeAdded: A, beforeNodeMorphed: A, afterNodeMorphed: A, beforeNodeRemoved: A, afterNodeRemoved: A, beforeAttributeUpdated: A }, head: { style: "merge", shouldPreserve: (f) => f.getAttribute("im-preserve") === "true", shouldReAppend: (f) => f.getAttribute("im-re-append") === "true", shouldRemove: A, afterHeadMorphed: A }, restoreFocus: !0 };
    function I(f, m, s = {}) {
      let c = V(f), h = N(m), d = H(c, h, s);
      return R(d, c, h, (r) => {
        let o = B(r, () => r.morphStyle === "innerHTML" ? (S(r, c, h), Array.from(c.childNodes)) : T(r, c, h));
        return r.pantry.remove(), o;
      });
    }
    function T(f, m, s) {
      let c = N(m);
      return S(f, c, s, m, m.nextSibling), Array.from(c.childNodes);
    }
    function B(f, m) {
      if (!f.config.restoreFocus) return m();
      let s = f.doc.activeElement;
      if (!(g.inputElement(s) || g.textAreaElement(s))) return m();
      let { id: c, selectionStart: h, selectionEnd: d } = s, r = m();
      if (c && c !== f.doc.activeElement?.getAttribute("id") && (s = f.target.querySelector(`[id="${CSS.escape(c)}"]`), s?.focus()), s && !s.selectionEnd && d) try {
        s.setSelectionRange(h, d);
      } catch {
      }
      return r;
    }
    let S = /* @__PURE__ */ (function() {
      function f(t, e, i, n = null, a = null) {
        g.templateElement(e) && g.templateElement(i) && (e = e.content, i = i.content), n ||= e.firstChild;
        for (let l of i.childNodes) {
          if (n && n != a) {
            let p = s(t, l, n, a);
            if (p) {
              p !== n && h(t, n, p), M(p, l, t), n = p.nextSibling;
              continue;
            }
          }
          if (g.element(l)) {
            let p = l.getAttribute("id");
            if (t.persistentIds.has(p)) {
              let b = d(e, p, n, t);
              M(b, l, t), n = b.nextSibling;
              continue;
            }
          }
          let u = m(e, l, n, t);
          u && (n = u.nextSibling);
        }
        for (; n && n != a; ) {
          let l = n;
          n = n.nextSibling, c(t, l);
        }
      }
      function m(t, e, i, n) {
        if (n.callbacks.beforeNodeAdded(e) === !1) return null;
        if (n.idMap.has(e)) {
          let a = n.doc.createElementNS(e.namespaceURI, e.localName);
          return t.insertBefore(a, i), M(a, e, n), n.callbacks.afterNodeAdded(a), a;
        } else {
          let a = n.doc.importNode(e, !0);
          return t.insertBefore(a, i), n.callbacks.afterNodeAdded(a), a;
        }
      }
      let s = /* @__PURE__ */ (function() {
        function t(n, a, l, u) {
          let p = null, b = a.nextSibling, k = 0, v = l;
          for (; v && v != u; ) {
            if (i(v, a)) {
              if (e(n, v, a)) return v;
              p === null && (n.idMap.has(v) || (p = v));
            }
            if (p === null && b && i(v, b) && (k++, b = b.nextSibling, k >= 2 && (p = void 0)), n.activeElementAndParents.includes(v)) break;
            v = v.nextSibling;
          }
          return p || null;
        }
        function e(n, a, l) {
          let u = n.idMap.get(a), p = n.idMap.get(l);
          if (!p || !u) return !1;
          for (let b of u) if (p.has(b)) return !0;
          return !1;
        }
        function i(n, a) {
          let l = n, u = a;
          return l.nodeType === u.nodeType && l.tagName === u.tagName && (!l.getAttribute?.("id") || l.getAttribute?.("id") === u.getAttribute?.("id"));
        }
        return t;
      })();
      function c(t, e) {
        if (e !== t.pantry) if (t.idMap.has(e)) o(t.pantry, e, null);
        else {
          if (t.callbacks.beforeNodeRemoved(e) === !1) return;
          e.parentNode?.removeChild(e), t.callbacks.afterNodeRemoved(e);
        }
      }
      function h(t, e, i) {
        let n = e;
        for (; n && n !== i; ) {
          let a = n;
          n = n.nextSibling, c(t, a);
        }
        return n;
      }
      function d(t, e, i, n) {
        let a = `[id="${CSS.escape(e)}"]`, l = n.target.getAttribute?.("id") === e && n.target || n.target.querySelector(a) || n.pantry.querySelector(a);
        return r(l, n), o(t, l, i), l;
      }
      function r(t, e) {
        let i = t.getAttribute("id");
        for (; t = t.parentNode; ) {
          let n = e.idMap.get(t);
          n && (n.delete(i), n.size || e.idMap.delete(t));
        }
      }
      function o(t, e, i) {
        if (t.moveBefore) try {
          t.moveBefore(e, i);
        } catch {
          t.insertBefore(e, i);
        }
        else t.insertBefore(e, i);
      }
      return f;
    })(), M = /* @__PURE__ */ (function() {
      function f(r, o, t) {
        return t.ignoreActive && r === t.doc.activeElement ? null : (t.callbacks.beforeNodeMorphed(r, o) === !1 || (g.headElement(r) && t.head.style === "none" || (g.headElement(r) && t.head.style !== "morph" ? E(r, o, t) : (m(r, o, t), d(r, t) || S(t, r, o))), t.callbacks.afterNodeMorphed(r, o)), r);
      }
      function m(r, o, t) {
        let e = o.nodeType;
        if (e === 1) {
          let i = r, n = o, a = i.attributes, l = n.attributes;
          for (let u of l) i.getAttribute(u.name) !== u.value && (h(u.name, i, "update", t) || i.setAttributeNode(u.cloneNode()));
          for (let u = a.length - 1; 0 <= u; u--) {
            let p = a[u];
            if (p && !n.hasAttribute(p.name)) {
              if (h(p.name, i, "remove", t)) continue;
              i.removeAttribute(p.name);
            }
          }
          d(i, t) || s(i, n, t);
        }
        (e === 8 || e === 3) && r.nodeValue !== o.nodeValue && (r.nodeValue = o.nodeValue);
      }
      function s(r, o, t) {
        if (g.inputElement(r) && g.inputElement(o) && o.type !== "file") {
          let e = o.value, i = r.value;
          c(r, o, "checked", t), c(r, o, "disabled", t), o.hasAttribute("value") ? i !== e && (h("value", r, "update", t) || (r.setAttribute("value", e), r.value = e)) : h("value", r, "remove", t) || (r.value = "", r.removeAttribute("value"));
        } else if (g.optionElement(r) && g.optionElement(o)) c(r, o, "selected", t);
        else if (g.textAreaElement(r) && g.textAreaElement(o)) {
          let e = o.value, i = r.value;
          if (h("value", r, "update", t)) return;
          e !== i && (r.value = e), r.firstChild && r.firstChild.nodeValue !== e && (r.firstChild.nodeValue = e);
        }
      }
      function c(r, o, t, e) {
        let i = o[t], n = r[t];
        if (i !== n) {
          let a = h(t, r, "update", e);
          a || (r[t] = o[t]), i ? a || r.setAttribute(t, "") : h(t, r, "remove", e) || r.removeAttribute(t);
        }
      }
      function h(r, o, t, e) {
        return r === "value" && e.ignoreActiveValue && o === e.doc.activeElement ? !0 : e.callbacks.beforeAttributeUpdated(r, o, t) === !1;
      }
      function d(r, o) {
        return !!o.ignoreActiveValue && r === o.doc.activeElement && r !== o.doc.body;
      }
      return f;
    })();
    function R(f, m, s, c) {
      if (f.head.block && f.head.style !== "none") {
        let h = m.querySelector("head"), d = s.querySelector("head");
        if (h && d) {
          let r = E(h, d, f);
          return Promise.all(r).then(() => {
            let o = Object.assign(f, { head: { block: !1, style: "none" } });
            return c(o);
          });
        }
      }
      return c(f);
    }
    function E(f, m, s) {
      let c = [], h = [], d = [], r = [], o = /* @__PURE__ */ new Map();
      for (let e of m.children) o.set(e.outerHTML, e);
      for (let e of f.children) {
        let i = o.has(e.outerHTML), n = s.head.shouldReAppend(e), a = s.head.shouldPreserve(e);
        i || a ? n ? h.push(e) : (o.delete(e.outerHTML), d.push(e)) : s.head.style === "append" ? n && (h.push(e), r.push(e)) : s.head.shouldRemove(e) !== !1 && h.push(e);
      }
      r.push(...o.values());
      let t = [];
      for (let e of r) {
        let i = s.doc.createRange().createContextualFragment(e.outerHTML).firstChild;
        if (s.callbacks.beforeNodeAdded(i) !== !1) {
          if ("href" in i && i.href || "src" in i && i.src) {
            let n, a = new Promise(function(l) {
              n = l;
            });
            i.addEventListener("load", function() {
              n();
            }), t.push(a);
          }
          f.appendChild(i), s.callbacks.afterNodeAdded(i), c.push(i);
        }
      }
      for (let e of h) s.callbacks.beforeNodeRemoved(e) !== !1 && (f.removeChild(e), s.callbacks.afterNodeRemoved(e));
      return s.head.afterHeadMorphed(f, { added: c, kept: d, removed: h }), t;
    }
    let H = /* @__PURE__ */ (function() {
      function f(t, e, i) {
        let { persistentIds: n, idMap: a } = r(t, e), l = m(i), u = l.morphStyle || "outerHTML";
        if (!["innerHTML", "outerHTML"].includes(u)) throw `Do not understand how to morph style ${u}`;
        if (u === "innerHTML" && !t.append) throw `Cannot morph the innerHTML of a ${t.nodeName} node, as it cannot have children`;
        let p = l.head.style || "merge";
        if (!["merge", "append", "morph", "none"].includes(p)) throw `Do not understand how to morph head style ${p}`;
        let b = t.ownerDocument;
        return { target: t, newContent: e, doc: b, config: l, morphStyle: u, ignoreActive: l.ignoreActive, ignoreActiveValue: l.ignoreActiveValue, restoreFocus: l.restoreFocus, idMap: a, persistentIds: n, pantry: s(b), activeElementAndParents: c(t, b), callbacks: l.callbacks, head: l.head };
      }
      function m(t) {
        let e = Object.assign({}, y);
        return Object.assign(e, t), e.callbacks = Object.assign({}, y.callbacks, t.callbacks), e.head = Object.assign({}, y.head, t.head), e;
      }
      function s(t) {
        let e = t.createElement("div");
        return e.hidden = !0, t.documentElement.append(e), e;
      }
      function c(t, e) {
        let i = [], n = e.activeElement;
        if (n?.tagName !== "BODY" && t.contains(n)) for (; n && (i.push(n), n !== t); ) n = n.parentElement;
        return i;
      }
      function h(t) {
        let e = [], i = t;
        for (let a of i.querySelectorAll?.("[id]") ?? []) {
          let l = a.getAttribute("id");
          l && e.push({ elt: a, id: l });
        }
        let n = i.getAttribute?.("id");
        return n && e.push({ elt: t, id: n }), e;
      }
      function d(t, e, i, n) {
        for (let { elt: a, id: l } of n) if (e.has(l)) {
          let u = a;
          for (; u; ) {
            let p = t.get(u);
            if (p == null && (p = /* @__PURE__ */ new Set(), t.set(u, p)), p.add(l), u === i) break;
            u = u.parentElement;
          }
        }
      }
      function r(t, e) {
        let i = h(t), n = h(e), a = o(i, n), l = /* @__PURE__ */ new Map();
        d(l, a, t, i);
        let u = e.__idiomorphRoot || e;
        return d(l, a, u, n), { persistentIds: a, idMap: l };
      }
      function o(t, e) {
        let i = /* @__PURE__ */ new Set(), n = /* @__PURE__ */ new Map();
        for (let { elt: l, id: u } of t) n.has(u) ? i.add(u) : n.set(u, l.tagName);
        let a = /* @__PURE__ */ new Set();
        for (let { elt: l, id: u } of e) a.has(u) ? i.add(u) : n.get(u) === l.tagName && a.add(u);
        for (let l of i) a.delete(l);
        return i.size && console.warn("[Warning] duplicate ids found during morph, state loss within these elements is possible:", Array.from(i)), a;
      }
      return f;
    })(), { normalizeElement: V, normalizeParent: N } = /* @__PURE__ */ (function() {
      let f = /* @__PURE__ */ new WeakSet();
      function m(d) {
        return g.document(d) ? d.documentElement : d;
      }
      function s(d) {
        if (d == null) return document.createElement("div");
        if (typeof d == "string") return s(h(d));
        if (f.has(d)) return d;
        if (g.node(d)) {
          if (d.parentNode) return new c(d);
          {
            let r = document.createElement("div");
            return r.append(d), r;
          }
        } else {
          let r = document.createElement("div");
          for (let o of [...d]) r.append(o);
          return r;
        }
      }
      class c {
        constructor(r) {
          this.originalNode = r, this.realParentNode = r.parentNode, this.previousSibling = r.previousSibling, this.nextSibling = r.nextSibling;
        }
        get childNodes() {
          let r = [], o = this.previousSibling ? this.previousSibling.nextSibling : this.realParentNode.firstChild;
          for (; o && o != this.nextSibling; ) r.push(o), o = o.nextSibling;
          return r;
        }
        querySelectorAll(r) {
          return this.childNodes.reduce((o, t) => {
            if (g.element(t)) {
              t.matches(r) && o.push(t);
              let e = t.querySelectorAll(r);
              for (let i = 0; i < e.length; i++) o.push(e[i]);
            }
            return o;
          }, []);
        }
        insertBefore(r, o) {
          return this.realParentNode.insertBefore(r, o);
        }
        moveBefore(r, o) {
          return this.realParentNode.moveBefore(r, o);
        }
        get __idiomorphRoot() {
          return this.originalNode;
        }
      }
      function h(d) {
        let r = new DOMParser(), o = d.replace(/<svg(\s[^>]*>|>)([\s\S]*?)<\/svg>/gim, "");
        if (o.match(/<\/html>/) || o.match(/<\/head>/) || o.match(/<\/body>/)) {
          let t = r.parseFromString(d, "text/html");
          if (t.doctype?.remove(), o.match(/<\/html>/)) return f.add(t), t;
          {
            let e = t.firstChild;
            return e && f.add(e), e;
          }
        } else {
          let e = r.parseFromString("<body><template>" + d + "</template></body>", "text/html").body.querySelector("template").content;
          return f.add(e), e;
        }
      }
      return { normalizeElement: m, normalizeParent: s };
    })(), g = /* @__PURE__ */ (function() {
      let f = (s) => s instanceof Element || s?.nodeType === Node.ELEMENT_NODE, m = (s, c) => f(s) && s.localName === c && s.namespaceURI === "http://www.w3.org/1999/xhtml";
      return { element: f, node: (s) => s instanceof Node || typeof s?.nodeType == "number", document: (s) => s instanceof Document || s?.nodeType === Node.DOCUMENT_NODE, templateElement: (s) => m(s, "template"), headElement: (s) => m(s, "head"), inputElement: (s) => m(s, "input"), optionElement: (s) => m(s, "option"), textAreaElement: (s) => m(s, "textarea") };
    })();
    return { morph: I, defaults: y };
  })();

  // src/panel/patch.js
  var morph = (old, fresh) => {
    let typed = old.contains(document.activeElement) ? document.activeElement : null;
    L.morph(old, fresh, {
      morphStyle: "outerHTML",
      ignoreActiveValue: !0,
      callbacks: {
        // A menu that stands open, and the fields in it, are in use.
        beforeNodeMorphed: (node) => !(node instanceof HTMLDetailsElement && node.open) && !(node instanceof HTMLSelectElement && node === typed)
      }
    });
  }, number = (node, name) => Number(node.getAttribute(name) ?? 0), isOlder = (old, fresh) => number(fresh, "data-dm-rev") < number(old, "data-dm-rev"), byKey = (root) => new Map(
    [...root.children].flatMap((node) => {
      let key = node.getAttribute("data-dm-key");
      return key ? [
        /** @type {[string, any]} */
        [key, node]
      ] : [];
    })
  ), insert = (root, node, name) => {
    let place2 = number(node, name), next = [...root.children].find(
      (other) => other !== node && other.hasAttribute(name) && number(other, name) > place2
    );
    (next ? node.nextElementSibling !== next : root.lastElementChild !== node) && root.insertBefore(node, next ?? null);
  };

  // src/panel/thread.js
  var NEAR = 40, asking = !1, again = !1, forget, scroller = () => one("#dm-scroll"), isAtEnd = () => Math.abs(scroller().scrollTop) < NEAR, refreshThread = async () => {
    let box = talk();
    if (!box || !("dmNewest" in box.dataset)) return;
    if (asking) {
      again = !0;
      return;
    }
    asking = !0;
    let id = openId(), read2 = isSeen() && isAtEnd() ? "&read=1" : "", query = listQuery(), after = `after=${box.dataset.dmCursor}${read2}`, { ok, status, html } = await ask(`${urlOf("tail", id)}${query ? `${query}&` : "?"}${after}`);
    asking = !1, id === openId() && (ok ? takeTail(html) : status === 404 && location.reload(), again && (again = !1, refreshThread()));
  }, takeTail = (html) => {
    let tail = one("[data-dm-tail]", html);
    if (!tail) return;
    let box = talk(), wasAtEnd = isAtEnd(), nodes = [...one("[data-dm-lines]", tail).children];
    for (let id of ["dm-people", "dm-head", "dm-side"]) {
      let piece = one(`#${id}`, tail);
      piece && one(`#${id}`) && morph(one(`#${id}`), piece);
    }
    box.dataset.dmCursor = String(Math.max(Number(tail.dataset.dmTail), Number(box.dataset.dmCursor)));
    let isHeld = !!one("#dm-text")?.value && !!one(".dm-line--operator:not([data-dm-own])", tail);
    for (let field2 of all("[data-dm-seen-seq]"))
      !field2.form || field2.form.id !== "dm-composer" ? field2.value = box.dataset.dmCursor : isHeld ? field2.dataset.dmHeld = "" : "dmHeld" in field2.dataset || (field2.value = box.dataset.dmCursor);
    let fresh = mergeLines(nodes);
    markSeen(Number(tail.dataset.dmSeen)), wasAtEnd ? scroller().scrollTop = 0 : fresh && (one("#dm-below").hidden = !1), clearTimeout(forget), "dmTyping" in (one("#dm-people")?.dataset ?? {}) && (forget = window.setTimeout(refreshThread, 6500)), "dmMore" in tail.dataset && (again = !0);
  }, mergeLines = (nodes) => {
    let list = one("#dm-lines"), known = byKey(list), scroll = scroller(), before = scroll.scrollHeight, fresh = !1;
    for (let node of nodes) {
      let key = node.getAttribute("data-dm-key");
      if (!key) {
        let day = node.getAttribute("data-dm-day");
        one(`[data-dm-day="${day}"]`, list) || list.append(node);
        continue;
      }
      let old = known.get(key);
      if (!(old && isOlder(old, node))) {
        if (old) {
          morph(old, node);
          continue;
        }
        dropSent(node), divide(list, node), list.append(node), insert(list, node, "data-dm-seq"), fresh ||= node.classList.contains("dm-line--visitor");
      }
    }
    return scroll.scrollTop < -NEAR && (scroll.scrollTop -= scroll.scrollHeight - before), all(".dm-line--out", list).forEach((line) => list.append(line)), fresh;
  }, dropSent = (node) => {
    let sent = node.getAttribute("data-dm-sent");
    sent && (one(`.dm-line--out[data-dm-cid="${CSS.escape(sent)}"]`)?.remove(), arrived(sent));
  }, arrived = (_) => {
  }, onSent = (job) => {
    arrived = job;
  }, divide = (list, node) => {
    !node.classList.contains("dm-line--visitor") || one(".dm-new", list) || isSeen() && isAtEnd() || list.append(one("#dm-tpl-new").content.cloneNode(!0));
  }, markSeen = (seq) => {
    let last = all("#dm-lines .dm-line--operator[data-dm-seq]").filter((line) => Number(line.dataset.dmSeq) <= seq).pop();
    !last || one(".dm-line__seen", last) || (all("#dm-lines .dm-line__seen").forEach((mark2) => mark2.remove()), last.append(one("#dm-tpl-seen").content.cloneNode(!0)));
  }, loadOlder = async () => {
    let link = one("#dm-older a");
    if (!link || link.dataset.dmBusy) return;
    link.dataset.dmBusy = "1";
    let id = openId(), { ok, html } = await ask(link.href, { part: "lines" });
    if (delete link.dataset.dmBusy, !ok || id !== openId()) return;
    let list = one("#dm-lines"), older = one("#dm-lines", html), days = new Set(all("[data-dm-day]", older).map((node) => node.dataset.dmDay));
    all("[data-dm-day]", list).forEach((node) => days.has(node.dataset.dmDay) && node.remove()), one("#dm-older").remove(), list.prepend(...older.children);
  }, onScroll = () => {
    let box = scroller();
    isAtEnd() && !one("#dm-below").hidden && (one("#dm-below").hidden = !0, refreshThread()), box.scrollHeight + box.scrollTop - box.clientHeight < 200 && loadOlder();
  }, toEnd = () => {
    scroller().scrollTop = 0, onScroll();
  };

  // src/panel/composer.js
  var EMOJI = "😀 😊 😉 😍 🤔 😅 😢 😮 👍 👎 👌 🙏 👏 💪 🤝 👋 ❤️ 🔥 ✨ 🎉 ✅ ❌ ⚠️ ⏳ 📦 🚚 📞 📧 📎 💳 🏠 🛠️", SHARE = 2e3, STILL = 3e3, drafts = {}, sharing, typedAt = 0, viewedAt = 0, warned = "", form = () => one("#dm-composer"), field = () => one("#dm-text"), isNote = () => !!one("#dm-kind-note")?.checked, keyOf = (id) => `draft:${id}`, arrive = () => {
    picker()?.setAttribute("hidden", ""), look();
    let own = form();
    if (!own) return;
    one("[data-dm-emoji]", own)?.append(...EMOJI.split(" ").map(makeEmoji));
    let id = openId(), draft = drafts[id] ?? kept.get(keyOf(id));
    draft && !field().value ? restore(draft) : !draft && !field().value && fetchDraft(id);
  }, restore = ({ text: text2, note, cid }) => {
    if (one(`[data-dm-sent="${CSS.escape(cid || "-")}"]`)) return forget2(openId());
    field().value = text2, cid && (form().elements.client_id.value = cid);
    let kind = one(note ? "#dm-kind-note" : "#dm-kind-reply");
    kind && (kind.checked = !0);
  }, fetchDraft = async (id) => {
    if (!one(`[data-dm-key="${id}"] .dm-chip--draft`)) return;
    let found2 = await call(urlOf("draft", id)), mode = found2?.reply ? "reply" : "note";
    !found2?.[mode] || id !== openId() || field()?.value || restore({ text: found2[mode].body, note: mode === "note", cid: "" });
  }, forget2 = (id) => {
    delete drafts[id], kept.set(keyOf(id), null);
  }, onInput = () => {
    let id = openId(), draft = { text: field().value, note: isNote(), cid: form().elements.client_id.value };
    draft.text.trim() ? (drafts[id] = draft, kept.set(keyOf(id), draft)) : forget2(id), clearTimeout(sharing), sharing = window.setTimeout(() => share(id, draft), SHARE), Date.now() - typedAt > STILL && !draft.note && (typedAt = viewedAt = Date.now(), call(urlOf("typing", id), { typing: !!draft.text, viewing: !0 })), suggest();
  }, share = (id, { text: text2, note }) => call(urlOf("draft", id), { mode: note ? "note" : "reply", body: text2 }), look = () => {
    viewedAt = Date.now(), openId() && isSeen() && call(urlOf("typing", openId()), { typing: !1, viewing: !0 });
  }, keepLooking = (activeAt2) => {
    isSeen() && Date.now() - activeAt2 < 12e4 && Date.now() - viewedAt > 2e4 && look();
  }, leave = (id) => {
    id && call(urlOf("typing", id), { typing: !1, viewing: !1 }, !0);
  };
  onSent((cid) => {
    let id = openId();
    kept.get(keyOf(id))?.cid === cid && forget2(id), form()?.elements.client_id.value === cid && (field().value = "", form().elements.client_id.value = makeId());
  });
  var makeId = () => crypto.randomUUID?.() || [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join("-"), submit = async (submitter) => {
    let own = form(), id = openId(), text2 = field().value;
    if (!text2.trim()) return field().focus();
    if (/\{\{.*\}\}/.test(text2) && warned !== text2)
      return warned = text2, announce(word("unfilled"), !0, 8e3), "";
    let cid = own.elements.client_id.value, more = { after: one("#dm-talk").dataset.dmCursor }, body = { own, submitter, more, cid, id, note: isNote(), text: text2 }, request = send(own, submitter, more), line = stand(body);
    return own.querySelector(".dm-problem")?.remove(), field().value = "", own.elements.client_id.value = makeId(), delete drafts[id], kept.set(keyOf(id), { text: text2, note: body.note, cid }), clearTimeout(sharing), typedAt = 0, look(), one(".dm-composer__then")?.removeAttribute("open"), settle(body, line, request, 1);
  }, stand = ({ text: text2, cid, note }) => {
    let line = one("#dm-tpl-out").content.firstElementChild.cloneNode(!0);
    return line.dataset.dmCid = cid, line.dataset.dmState = "sending", line.classList.toggle("dm-line--note", note), line.classList.toggle("dm-line--operator", !note), one("[data-dm-body]", line).textContent = text2, one("[data-dm-state]", line).textContent = word("sending"), one("#dm-lines").append(line), one("#dm-scroll").scrollTop = 0, line;
  }, settle = async (body, line, request, tries) => {
    let { status, html, left } = await request;
    if (left)
      return kept.set(keyOf(body.id), { text: body.text, note: body.note, cid: body.cid }), location.reload(), "";
    let event = verdict(status);
    if (line.dataset.dmState = move(line.dataset.dmState, event === "session" ? "again" : event), event === "ok") {
      line.remove(), kept.get(keyOf(body.id))?.cid === body.cid && kept.set(keyOf(body.id), null);
      let toast = one("[data-dm-toast]", html);
      return toast ? show(toast, 8e3) : body.id === openId() && takeTail(html), toast?.dataset.dmGoto || "top";
    }
    let problem = one("#dm-composer", html);
    if (event === "fatal" && problem && body.id === openId() && !field().value)
      return line.remove(), form().replaceWith(problem), arrive(), onInput(), field().focus(), "";
    if (event === "fatal")
      return fail(body, line), "";
    let again3 = { ...body, frozen: body.frozen ?? freeze(body) };
    return kept.set(keyOf(body.id), { text: body.text, note: body.note, cid: body.cid }), await new Promise((resolve) => setTimeout(resolve, retryDelay(tries, Math.random()))), !line.isConnected && body.id === openId() ? "" : (line.dataset.dmState = "sending", settle(again3, line, resend(again3), tries + 1));
  }, freeze = ({ own, cid, note, text: text2, submitter }) => {
    let data = new FormData(own);
    return data.set("client_id", cid), data.set("kind", note ? "note" : "operator"), data.set("body", text2), submitter?.name && data.set(submitter.name, submitter.value), { url: own.getAttribute("action"), data };
  }, resend = ({ frozen, more, id }) => (frozen.data.set("after", id === openId() ? one("#dm-talk").dataset.dmCursor : more.after), ask(frozen.url, { method: "POST", body: new URLSearchParams(frozen.data) })), fail = (body, line) => {
    line.classList.add("dm-line--failed"), one("[data-dm-state]", line).textContent = word("failed"), one("[data-dm-ways]", line).hidden = !1, one("[data-dm-discard]", line).onclick = () => line.remove(), one("[data-dm-retry]", line).onclick = () => {
      let again3 = { ...body, frozen: body.frozen ?? freeze(body) };
      line.classList.remove("dm-line--failed"), line.dataset.dmState = move(move("failed", "retry"), "start"), one("[data-dm-state]", line).textContent = word("sending"), one("[data-dm-ways]", line).hidden = !0, settle(again3, line, resend(again3), 1);
    };
  }, put = (text2, back = 0) => {
    let area = field();
    area.focus(), area.setRangeText(text2, area.selectionStart - back, area.selectionEnd, "end"), onInput();
  }, makeEmoji = (sign) => {
    let button = document.createElement("button");
    return button.type = "button", button.className = "dm-emoji__one", button.textContent = sign, button.onclick = () => put(sign), button;
  }, picker = () => one("#dm-picker"), asked = "", answers = [], wordBefore = () => {
    let area = field(), found2 = /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u.exec(area.value.slice(0, area.selectionStart));
    return found2 && found2[1];
  }, suggest = async () => {
    if (wordBefore() === null) return closePicker();
    let id = openId();
    if (asked !== id) {
      asked = id;
      let { ok, html } = await ask(`${urlOf("canned", id)}${listQuery()}`);
      answers = ok ? all("[role=option]", html) : [];
    }
    if (id !== openId() || wordBefore() === null) return;
    let low = (wordBefore() || "").toLowerCase(), fits = (node) => node.textContent.toLowerCase().includes(low), starts = (node) => +!node.textContent.toLowerCase().startsWith(`/${low}`), found2 = answers.filter(fits).sort((a, b) => starts(a) - starts(b));
    picker().replaceChildren(...found2.map((node) => node.cloneNode(!0))), picker().hidden = !found2.length, point(0);
  }, point = (place2) => {
    let options = all("[role=option]", picker());
    options.forEach((node, at2) => node.setAttribute("aria-selected", String(at2 === place2))), options[place2]?.scrollIntoView({ block: "nearest" });
    let area = field();
    options[place2] && !picker().hidden ? area.setAttribute("aria-activedescendant", options[place2].id) : area.removeAttribute("aria-activedescendant");
  }, closePicker = () => !picker() || picker().hidden ? !1 : (picker().hidden = !0, field().removeAttribute("aria-activedescendant"), !0), choose = (option) => {
    let text2 = option?.dataset.dmText, back = (wordBefore() ?? "").length + 1;
    closePicker(), text2 !== void 0 && put(text2, wordBefore() === null ? 0 : back);
  }, openPicker = () => {
    field().focus(), wordBefore() === null ? put(/\S$/.test(field().value.slice(0, field().selectionStart)) ? " /" : "/") : suggest();
  }, onPick = (event) => {
    event.preventDefault(), choose(event.target.closest("[role=option]"));
  }, onKey = (event) => {
    let { key } = event, enter = key === "Enter" && !event.isComposing;
    if (!picker().hidden) {
      let options = all("[role=option]", picker()), at2 = options.findIndex((node) => node.getAttribute("aria-selected") === "true"), step2 = { ArrowDown: 1, ArrowUp: -1 }[
        /** @type {'ArrowUp'} */
        key
      ];
      if (step2) point((at2 + step2 + options.length) % options.length);
      else if (enter && !event.ctrlKey || key === "Tab") choose(options[at2]);
      else return !1;
      return event.preventDefault(), !0;
    }
    let sends = event.ctrlKey || event.metaKey || kept.get("enter") && !event.shiftKey;
    return !enter || !sends ? !1 : (event.preventDefault(), form().requestSubmit(), !0);
  }, write = (note) => {
    let kind = one(note ? "#dm-kind-note" : "#dm-kind-reply");
    kind && (kind.checked = !0), field()?.focus();
  }, toggleNote = () => write(!isNote());

  // src/panel/cards.js
  var PATIENCE = 5e3, insides = /* @__PURE__ */ new Map(), shownFor = "", fill = async (slot) => {
    let url = slot.dataset.dmCard || "", inside = one("[data-dm-inside]", slot);
    slot.dataset.dmLoaded = "";
    let known = insides.get(url);
    if (known) return inside.replaceChildren(known.cloneNode(!0));
    inside.setAttribute("aria-busy", "true");
    let { ok, html } = await ask(url, { signal: AbortSignal.timeout(PATIENCE) });
    if (inside.removeAttribute("aria-busy"), ok)
      insides.set(url, html), inside.replaceChildren(html.cloneNode(!0));
    else if (!one("[data-dm-lost]", inside)) {
      let sorry = Object.assign(document.createElement("p"), { textContent: slot.dataset.dmSorry });
      sorry.dataset.dmLost = "", inside.prepend(sorry);
    }
  }, look2 = () => {
    shownFor !== openId() && (shownFor = openId(), insides.clear());
    for (let slot of all("[data-dm-card]:not([data-dm-met])"))
      slot.dataset.dmMet = "", kept.get(`closed:${slot.id}`) ? slot.open = !1 : fill(slot);
  }, onToggle = ({ target }) => {
    let slot = (
      /** @type {HTMLDetailsElement} */
      target
    );
    slot.dataset?.dmCard && (kept.set(`closed:${slot.id}`, slot.open ? null : !0), slot.open && !("dmLoaded" in slot.dataset) && fill(slot));
  }, onToast = (changes) => {
    if (changes.flatMap(({ addedNodes }) => [...addedNodes]).some((node) => node instanceof HTMLElement && "dmRenews" in node.dataset)) {
      insides.clear();
      for (let slot of all("[data-dm-card][data-dm-loaded]")) fill(slot);
    }
  }, startCards = () => {
    new MutationObserver(look2).observe(one("#dm-panes"), { childList: !0, subtree: !0, attributeFilter: ["data-dm-met"] }), new MutationObserver(onToast).observe(one("#dm-toasts"), { childList: !0 }), document.addEventListener("toggle", onToggle, !0), look2();
  };

  // src/panel/rows.js
  var MOST_ASKED = 100, MOST_SHOWN = 300, BREATH = 250, wanted = /* @__PURE__ */ new Set(), held = /* @__PURE__ */ new Map(), asking2 = !1, timer, scroller2 = () => one("#dm-list-scroll"), refreshRows = (ids) => {
    for (let id of ids) wanted.add(id);
    wanted.size && !asking2 && !timer && run();
  }, run = async () => {
    if (timer = void 0, !one("#dm-rows") || !wanted.size) return;
    let ids = [...wanted].slice(0, MOST_ASKED), query = listQuery();
    ids.forEach((id) => wanted.delete(id)), asking2 = !0;
    let { ok, html } = await ask(`${config.rows}${query || "?"}&ids=${ids.join(",")}`);
    asking2 = !1, ok && query === listQuery() && merge(all("[data-dm-key]", html)), wanted.size && (timer = window.setTimeout(run, BREATH));
  }, merge = (fresh) => {
    let list = one("#dm-rows"), known = byKey(list), isPage = list.hasAttribute("data-dm-page");
    for (let row of fresh) {
      let key = row.getAttribute("data-dm-key") || "", old = known.get(key);
      if (row.hasAttribute("data-dm-gone"))
        held.delete(key), old && key !== openId() && old.remove();
      else if (old) {
        if (isOlder(old, row)) continue;
        mark(row), one(".dm-row__check", old)?.checked && one(".dm-row__check", row).setAttribute("checked", ""), morph(old, row), insert(list, byKey(list).get(key), "data-dm-sort");
      } else !isPage && isWithin(list, row) && (scroller2().scrollTop > 8 ? held.set(key, row) : add(list, row));
    }
    settle2();
  }, isWithin = (list, row) => {
    let hasMore = !!one(".dm-pages a[rel=next]"), last = list.querySelector("[data-dm-sort]:last-child"), place2 = (node) => Number(node.getAttribute("data-dm-sort"));
    return !hasMore || !last || place2(row) < place2(last);
  }, add = (list, row) => {
    for (mark(row), insert(list, row, "data-dm-sort"); list.children.length > MOST_SHOWN; ) list.lastElementChild?.remove();
  }, mark = (row) => {
    let link = row.querySelector(".dm-row__link");
    !(row instanceof Element) || !link || (row.getAttribute("data-dm-key") === openId() ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
  }, settle2 = () => {
    let news = one("#dm-news");
    news.hidden = !held.size, news.textContent = held.size ? word("news", held.size) : "", one("#dm-empty").hidden = !!one("#dm-rows").children.length, clearTimeout(forget3);
    let typing = all("#dm-rows [data-dm-typing]").map((row) => row.dataset.dmKey);
    typing.length && (forget3 = window.setTimeout(() => refreshRows(typing), 6500));
  }, forget3, showHeld = () => {
    let list = one("#dm-rows");
    for (let row of held.values()) add(list, row);
    held.clear(), scroller2().scrollTop = 0, settle2();
  }, markRows = () => {
    all("#dm-rows > li").forEach(mark), one("#dm-news") && settle2();
  }, isNews = ({ id, revision, last_message_at: at2 }) => {
    if (id === openId() && revision > Number(one("#dm-talk").dataset.dmCursor)) return !0;
    let known = one(`#dm-rows [data-dm-key="${id}"]`);
    if (known || id === openId()) return revision > Number(known?.dataset.dmRev);
    let times = all("#dm-rows .dm-row__time time").map((node) => Date.parse(node.dateTime));
    return Date.parse(at2) >= Math.max(0, ...times);
  }, resetRows = () => {
    held.clear(), wanted.clear();
  }, count = (counters) => {
    for (let node of all("[data-dm-count]"))
      node.textContent = counters[node.dataset.dmCount] ?? node.textContent;
  }, span = (minutes) => {
    if (minutes < 1) return word("now");
    if (minutes < 60) return word("min", minutes);
    let hours = Math.floor(minutes / 60);
    return hours < 48 ? word("hour", hours) : word("day", Math.floor(hours / 24));
  }, tickClocks = () => {
    for (let node of all("[data-dm-since]")) {
      let minutes = Math.max(0, Math.floor((Date.now() - Date.parse(node.dataset.dmSince)) / 6e4)), level = minutes >= config.late ? "late" : minutes >= config.soon ? "soon" : "ok";
      one("[data-dm-time]", node).textContent = span(minutes), one("[data-dm-level]", node).textContent = word(level), node.className = `dm-wait dm-wait--${level}`;
    }
  };

  // src/panel/nav.js
  var arrivals = [], turn = 0, onArrival = (job) => arrivals.push(job), isOurs = (url) => url.origin === location.origin && url.pathname.startsWith(config.list) && /^([\da-f-]{36}\/)?$/.test(url.pathname.slice(config.list.length)), go = async (href, { push = !0, focus = "#dm-name" } = {}) => {
    let url = new URL(href, location.href), own = ++turn, sameList = url.pathname !== config.list && one("#dm-rows") && queryOf(url) === queryOf(new URL(listQuery(), location.href)), answer = await ask(url.href, { part: sameList ? "talk" : "" });
    if (own !== turn) return;
    if (!answer.ok || !one("#dm-panes", answer.html)) return location.assign(url);
    push && history.pushState(null, "", answer.url), place(answer.html, !!sameList), one(":target") && location.replace("#dm-talk"), (one(focus) || one("#dm-name") || one("#dm-list-scroll"))?.focus({ preventScroll: !0 });
  }, queryOf = ({ searchParams }) => {
    let [view, status, q] = ["view", "status", "q"].map((name) => searchParams.get(name) || "");
    return JSON.stringify([view || "all", status, q]);
  }, place = (html, keepsList) => {
    document.title = one("title", html)?.textContent || document.title;
    let panes = one("#dm-panes"), fresh = one("#dm-panes", html);
    panes.className = fresh.className, keepsList || (one("#dm-list").replaceWith(one("#dm-list", fresh)), resetRows()), all("#dm-talk, #dm-side", panes).forEach((node) => node.remove()), panes.append(...all("#dm-talk, #dm-side", fresh)), markRows(), arrivals.forEach((job) => job());
  }, renew = () => go(location.href, { push: !1, focus: document.activeElement?.id ? `#${document.activeElement.id}` : "" }), neighbour = (step2) => {
    let links = all("#dm-rows .dm-row__link"), at2 = links.findIndex((link) => link.hasAttribute("aria-current"));
    return (at2 < 0 ? links[step2 > 0 ? 0 : links.length - 1] : links[at2 + step2])?.href || "";
  };

  // src/panel/keys.js
  var letterOf = ({ key, code }) => key.length === 1 && /[^\0-\x7f]/.test(key) && /^Key[A-Z]$/.test(code) ? code[3].toLowerCase() : key, isWriting = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) && !["radio", "checkbox"].includes(
    /** @type {any} */
    target.type
  ), press = (key) => {
    let button = one(`[data-dm-cmd="${key}"]`);
    if (!button) return;
    button.click();
    let menu = button.closest("details");
    button.tagName === "SUMMARY" && menu.open && one("button, input, select", menu)?.focus();
  }, toView = (view) => go(`${config.list}?view=${view}`, { focus: "#dm-rows .dm-row__link" }), toField = (selector) => {
    let field2 = one(selector);
    field2 && getComputedStyle(field2).visibility === "hidden" && one(".dm-head__details").click(), field2?.focus();
  }, unread = async () => {
    let id = openId();
    if (!id) return;
    let { ok } = await send(one("#dm-bulk"), null, { bulk: "unread", ids: id });
    ok && go(`${config.list}${listQuery()}`, { focus: `[data-dm-key="${id}"] .dm-row__link` });
  }, COMMANDS = {
    j: () => step(1),
    k: () => step(-1),
    r: () => write(!1),
    n: () => write(!0),
    e: () => press("e"),
    o: () => press("o"),
    m: () => press("m"),
    s: () => press("s"),
    a: () => toField("#dm-assignee"),
    l: () => toField("#dm-side [name=labels]"),
    x: () => one("#dm-rows li:has([aria-current]) .dm-row__check")?.click(),
    u: unread,
    "/": () => one("#dm-q")?.focus(),
    "?": () => open("dm-keys")
  }, PLACES = {
    i: () => toView("all"),
    m: () => toView("mine"),
    u: () => toView("unassigned"),
    w: () => toView("waiting")
  }, step = (by) => {
    let href = neighbour(by);
    href && go(href);
  }, gAt = 0, onKey2 = (event) => {
    let letter = letterOf(event), command = event.ctrlKey || event.metaKey;
    if (command && !event.altKey && letter.toLowerCase() === "k") return done(event, () => open("dm-palette"));
    if (command && event.shiftKey && letter.toLowerCase() === "n") return done(event, toggleNote);
    if (event.key === "Escape" && isWriting(event.target))
      return event.target.blur(), !0;
    if (!(!command && !event.altKey && !event.isComposing) || isWriting(event.target) || one("dialog[open]") || kept.get("keys") === !1 || !(event.target instanceof Element && event.target.closest(".dm-app, .dm-rail, body") !== null)) return !1;
    let after = Date.now() - gAt < 1500;
    gAt = letter === "g" ? Date.now() : 0;
    let job = after ? PLACES[letter] : COMMANDS[letter];
    return job ? done(event, job) : !1;
  }, done = (event, job) => (event.preventDefault(), job(), !0), open = (id) => {
    let dialog = one(`#${id}`);
    if (dialog.open) return dialog.close();
    id === "dm-palette" && fill2(""), dialog.showModal();
  }, found = [], at = 0, commands = () => [
    ...all("[data-dm-cmd]").map((node) => ({
      name: node.textContent.trim(),
      key: node.dataset.dmCmd,
      run: () => press(node.dataset.dmCmd)
    })),
    ...all(".dm-menu__item").filter((node) => node.closest("#dm-talk") && node.textContent.trim()).map((node) => ({
      name: [one("summary", node.closest("details")).textContent.trim(), node.textContent.trim()].filter(Boolean).join(": "),
      key: "",
      run: () => node.click()
    })),
    ...all(".dm-kind__name").map((node, place2) => ({
      name: node.textContent.trim(),
      key: "rn"[place2],
      run: () => {
        node.click(), one("#dm-text")?.focus();
      }
    })),
    ...all(".dm-view").map((node) => ({
      name: node.textContent.trim().replace(/\s+/g, " "),
      key: "",
      run: () => go(node.href)
    })),
    ...all("#dm-rows .dm-row__link").map((node) => ({
      name: node.textContent.trim(),
      key: "",
      run: () => go(node.href)
    }))
  ], fill2 = (typed) => {
    let input = one("#dm-palette-q");
    input.value = typed, found = commands().filter(({ name }) => name.toLowerCase().includes(typed.trim().toLowerCase())).slice(0, 12), at = 0, draw();
  }, draw = () => {
    let list = one("#dm-palette-list");
    if (list.replaceChildren(
      ...found.map(({ name, key }, place2) => {
        let item = document.createElement("li");
        return item.className = "dm-option", item.id = `dm-command-${place2}`, item.setAttribute("role", "option"), item.setAttribute("aria-selected", String(place2 === at)), item.textContent = name, key && item.append(Object.assign(document.createElement("kbd"), { textContent: key })), item.onclick = () => run2(place2), item;
      })
    ), !found.length) {
      let none = document.createElement("li");
      none.className = "dm-option", none.setAttribute("role", "option"), none.setAttribute("aria-disabled", "true"), none.textContent = word("empty"), list.append(none);
    }
    let input = one("#dm-palette-q");
    found.length ? input.setAttribute("aria-activedescendant", `dm-command-${at}`) : input.removeAttribute("aria-activedescendant"), one(`#dm-command-${at}`)?.scrollIntoView({ block: "nearest" });
  }, run2 = (place2) => {
    one("#dm-palette").close(), found[place2]?.run();
  }, startPalette = () => {
    let input = one("#dm-palette-q");
    input.addEventListener("input", () => fill2(input.value)), input.addEventListener("keydown", (event) => {
      let by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by && found.length)
        at = (at + by + found.length) % found.length, draw();
      else if (event.key === "Enter" && !event.isComposing) run2(at);
      else return;
      event.preventDefault();
    });
  };

  // src/shared/sse.js
  var makeReader = (tell) => {
    let rest = "", event = "", data = [], read2 = (line) => {
      let [, field2, value] = /^([^:]*):? ?(.*)$/s.exec(line) || [];
      field2 === "data" && data.push(value), field2 === "event" && (event = value), !line && (data.length && tell(event || "message", data.join(`
`)), event = "", data = []);
    };
    return (piece) => {
      rest += piece;
      let lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() || "", lines.forEach(read2);
    };
  };

  // src/panel/live.js
  var SHOWN = 3e3, HIDDEN = 15e3, BREATH2 = 250, TEN_MINUTES = 6e5, SILENCE = 6e4, channel = null, stream = null, isOpen = !1, heardAt = 0, leading = !1, cursor = "", asking3 = !1, again2 = !1, failures = 0, refusals = 0, streamAt = 0, timer2, missed = /* @__PURE__ */ new Set(), renew2 = () => {
  }, start = (all2) => {
    renew2 = all2, config.changes && (channel = "BroadcastChannel" in window ? new BroadcastChannel(`dm:${config.user}`) : null, channel && (channel.onmessage = ({ data }) => hear(data)), !navigator.locks || !channel ? lead() : navigator.locks.request(`dm:${config.user}:live`, () => new Promise(lead)).catch(lead), document.addEventListener("visibilitychange", wake), window.addEventListener("online", () => plan(0)), window.addEventListener("pagehide", () => stream?.abort()), window.addEventListener("pageshow", ({ persisted }) => persisted && plan(0)));
  }, lead = () => {
    leading = !0, plan(0);
  }, wake = () => {
    isSeen() && (missed.size && take([...missed]), missed.clear(), leading ? plan(0) : refreshThread());
  }, plan = (pause) => {
    clearTimeout(timer2), leading && (timer2 = window.setTimeout(poll, pause));
  }, poll = async () => {
    if (asking3) {
      again2 = !0;
      return;
    }
    asking3 = !0;
    let isFirst = !cursor, changes = await call(`${config.changes}?cursor=${encodeURIComponent(cursor)}`);
    if (asking3 = !1, !changes)
      return failures++, failures === 2 && say("lost"), plan(retryDelay(failures, Math.random()));
    failures > 1 && say("back"), failures = 0, cursor = changes.cursor;
    let news = { ids: (isFirst ? changes.conversations.filter(isNews) : changes.conversations).map((row) => row.id).concat(changes.gone), counters: changes.counters, full: changes.full && !isFirst };
    if (channel?.postMessage(news), hear(news), !stream && Date.now() >= streamAt && listen(), again2)
      return again2 = !1, plan(BREATH2);
    isOpen && Date.now() - heardAt > SILENCE && stream?.abort(), isOpen || plan(isSeen() ? SHOWN : HIDDEN);
  }, hear = ({ ids, counters, full, at: at2 }) => {
    if (at2) return hint(at2);
    if (counters && count(counters), full) return renew2();
    ids?.length && (isSeen() ? take(ids) : ids.forEach((id) => missed.add(id)));
  }, take = (ids) => {
    refreshRows(ids), ids.includes(openId()) && refreshThread();
  }, hint = (id) => {
    isSeen() && (refreshRows([id]), id === openId() && refreshThread());
  }, listen = async () => {
    if (!config.stream) return;
    let own = stream = new AbortController(), opened = !1;
    try {
      let answer = await fetch(config.stream, { credentials: "same-origin", signal: own.signal }), kind = answer.headers.get("Content-Type") || "";
      answer.ok && answer.body && kind.startsWith("text/event-stream") ? (opened = isOpen = !0, await read(answer.body)) : answer.ok && (refusals = 3);
    } catch {
    }
    isOpen = !1, stream = null, refusals = opened ? 0 : refusals + 1, streamAt = Date.now() + (refusals > 2 ? TEN_MINUTES : opened ? 0 : retryDelay(refusals, Math.random())), plan(opened ? 300 + 1500 * Math.random() : SHOWN);
  }, read = async (body) => {
    let reader = body.getReader(), decoder = new TextDecoder(), tell = makeReader((event, data) => event === "hint" && heed(JSON.parse(data)));
    for (heardAt = Date.now(), plan(0); ; ) {
      let { done: done2, value } = await reader.read();
      if (done2) return;
      heardAt = Date.now(), tell(decoder.decode(value, { stream: !0 }));
    }
  }, heed = ({ type, conversation }) => {
    type === "typing" || type === "presence" ? (channel?.postMessage({ at: conversation }), hint(conversation)) : asking3 ? again2 = !0 : plan(0);
  }, hurry = () => {
    leading && plan(0);
  };

  // src/panel/index.js
  var activeAt = Date.now(), lookedAt = "", bar = null, arrive2 = () => {
    lookedAt !== openId() && leave(lookedAt), lookedAt = openId(), one("#dm-scroll")?.addEventListener("scroll", onScroll, { passive: !0 }), arrive(), tickClocks(), openId() && refreshRows([openId()]);
  }, onSubmit = async (event) => {
    let form2 = (
      /** @type {HTMLFormElement} */
      event.target
    );
    if (form2.method === "dialog" || "dmPlain" in form2.dataset || !form2.closest("#dm-app, #dm-toasts")) return;
    event.preventDefault();
    let { submitter } = event;
    if (form2.method === "get") {
      let query = new URLSearchParams(
        /** @type {any} */
        new FormData(form2)
      );
      return go(`${form2.action.split("?")[0]}?${query}`, { focus: "#dm-q" });
    }
    if (form2.id === "dm-bulk" || (form2.getAttribute("action") || "").split("?")[0] === config.list) {
      let picked = all(".dm-row__check:checked");
      await act(form2, submitter);
      for (let box of picked) box.checked = !1;
      return refreshRows(picked.map((box) => box.value)), hurry();
    }
    let id = openId(), next = neighbour(1) || neighbour(-1), isUndo = "dmUndo" in form2.dataset;
    isUndo && form2.closest(".dm-toast")?.remove();
    let where = form2.id === "dm-composer" ? await submit(submitter) : await act(form2, submitter);
    where === "list" && id === openId() && !isUndo ? (await go(next || config.list), refreshRows([id])) : where && (refreshThread(), refreshRows([id])), hurry();
  }, onClick = (event) => {
    let target = (
      /** @type {Element} */
      event.target
    );
    for (let menu of all("details.dm-menu[open]")) menu.contains(target) || (menu.open = !1);
    let opener = (
      /** @type {?HTMLElement} */
      target.closest("[data-dm-open]")
    );
    if (opener) return open(opener.dataset.dmOpen || "");
    if (target.closest("#dm-news")) return showHeld();
    if (target.closest("#dm-below")) return toEnd();
    if (target.closest("[data-dm-pick]")) return openPicker();
    if (target instanceof HTMLDialogElement) return target.close();
    let link = (
      /** @type {?HTMLAnchorElement} */
      target.closest("a[href]")
    ), plain = !event.defaultPrevented && !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.target || !link.closest("#dm-app, .dm-rail")) return;
    let url = new URL(link.href);
    if (!(!isOurs(url) || url.hash && url.pathname === location.pathname)) {
      if (event.preventDefault(), link.closest("#dm-older")) return loadOlder();
      go(link.href, { focus: link.closest(".dm-views") ? ".dm-view[aria-current]" : "#dm-name" });
    }
  }, onKeydown = (event) => {
    if (activeAt = Date.now(), event.key === "Escape") {
      if (closePicker()) return event.preventDefault();
      let menu = one("details.dm-menu[open]");
      if (menu)
        return menu.open = !1, one("summary", menu).focus();
    }
    /** @type {Element} */
    event.target.id === "dm-text" && onKey(event) || onKey2(event);
  }, onTrouble = (why) => {
    bar?.isConnected && why !== "back" || (bar?.remove(), bar = why === "back" ? null : announce(word(why), !0, 0), why === "back" && announce(word("back")));
  }, settings = () => {
    for (let node of document.querySelectorAll("[data-dm-set]")) {
      let box = (
        /** @type {HTMLInputElement} */
        node
      ), name = box.dataset.dmSet || "";
      box.checked = kept.get(name) ?? box.defaultChecked, box.addEventListener("change", () => kept.set(name, box.checked));
    }
  };
  config && one("#dm-panes") && (document.documentElement.classList.add("dm-on"), onLost(onTrouble), document.addEventListener("submit", onSubmit), document.addEventListener("click", onClick), document.addEventListener("keydown", onKeydown), document.addEventListener("pointerdown", (event) => {
    activeAt = Date.now(), /** @type {Element} */
    event.target.closest("#dm-picker") && onPick(event);
  }), document.addEventListener("input", ({ target }) => {
    /** @type {Element} */
    target.closest("#dm-composer") && onInput();
  }), document.addEventListener("change", ({ target }) => {
    let node = (
      /** @type {HTMLSelectElement} */
      target
    );
    node.id === "dm-status" && node.form?.requestSubmit();
  }), window.addEventListener("popstate", () => {
    (!location.hash || location.hash === "#dm-talk") && go(location.href, { push: !1 });
  }), window.addEventListener("pagehide", () => leave(lookedAt)), setInterval(tickClocks, 15e3), setInterval(() => keepLooking(activeAt), 5e3), onArrival(arrive2), settings(), startPalette(), startCards(), arrive2(), start(renew));
})();
