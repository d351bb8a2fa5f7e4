/** What every part of the panel's script needs: the page's settings, and ways to ask the server. */

const text = document.querySelector('#dm-config')?.textContent;

/** Addresses, limits and words of the page; null where the panel is not on it. @type {any} */
export const config = text ? JSON.parse(text) : null;

/** @param {string} name @param {string | number} [value] in the place of `{}` */
export const word = (name, value = '') => config.words[name].replace('{}', String(value));

/** @param {string} selector @param {ParentNode} [root] @returns {any} */
export const one = (selector, root = document) => root.querySelector(selector);

/** @param {string} selector @param {ParentNode} [root] @returns {any[]} */
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

export const talk = () => one('#dm-talk[data-dm-key]');

/** @returns {string} id of the open conversation, or nothing */
export const openId = () => talk()?.dataset.dmKey || '';

/** An address of the settings for a conversation. @param {string} name @param {string} id */
export const urlOf = (name, id) => config[name] && config[name].replace(config.any, id);

/** The list that the page shows, as the query of an address. */
export const listQuery = () => new URL(one('#dm-list')?.dataset.dmQuery || config.list, location.href).search;

/** Whether somebody looks at this tab. */
export const isSeen = () => !document.hidden;

/** @param {string} html @returns {DocumentFragment} inert until it is put into the page */
export const parse = (html) => {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
};

/**
 * Ask the panel for a part of a page.
 *
 * @param {string} url
 * @param {RequestInit & {part?: string}} [options]
 * @returns {Promise<{status: number, ok: boolean, url: string, left: boolean, html: DocumentFragment}>}
 *   `status` 0 stands for no answer; `left` says that it came from elsewhere, such as the login
 */
export const ask = async (url, { part = '', ...options } = {}) => {
  const headers = { 'X-Requested-With': 'fetch', ...(part && { 'Dm-Part': part }) };
  try {
    const answer = await fetch(url, { headers, credentials: 'same-origin', ...options });
    const asked = new URL(url, location.href).pathname;
    const left = answer.redirected && !new URL(answer.url).pathname.startsWith(config.list);
    if (left && asked) lost('login');
    return {
      status: answer.status,
      ok: answer.ok && !left,
      url: answer.url,
      left,
      html: parse(await answer.text()),
    };
  } catch {
    return { status: 0, ok: false, url, left: false, html: parse('') };
  }
};

/** @returns {string} what proves that a form is ours */
export const csrf = () => one('[name=csrfmiddlewaretoken]')?.value || '';

/**
 * Call the operators' API.
 *
 * @param {string} url empty where the host has not mounted it
 * @param {any} [body] makes it a POST
 * @param {boolean} [last] the page goes away
 * @returns {Promise<any>} null for anything but a good answer
 */
export const call = async (url, body, last = false) => {
  if (!url) return null;
  const post = body && {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf() },
    keepalive: last,
  };
  try {
    const answer = await fetch(url, { credentials: 'same-origin', ...post });
    if (answer.status === 401 || answer.status === 403) lost('login');
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
};

/** @type {(why: 'login' | 'lost' | 'back') => void} */
let lost = () => {};

/** @param {typeof lost} tell how to say that the server cannot be reached, or will not hear us */
export const onLost = (tell) => {
  lost = tell;
};

export const say = (/** @type {'login' | 'lost' | 'back'} */ why) => lost(why);

/** Small settings of this browser. */
export const kept = {
  /** @param {string} name @returns {any} */
  get: (name) => {
    try {
      return JSON.parse(localStorage.getItem(`dm:${config.user}:${name}`) ?? 'null');
    } catch {
      return null;
    }
  },
  /** @param {string} name @param {any} value null forgets it */
  set: (name, value) => {
    try {
      if (value === null) localStorage.removeItem(`dm:${config.user}:${name}`);
      else localStorage.setItem(`dm:${config.user}:${name}`, JSON.stringify(value));
    } catch {} // without storage it lives as long as the page
  },
};
