/** The page in the preview's frame: the real widget, and a server that is not there. */
import { onColor } from '../loader/contrast.js';

/** @typedef {{loader: string, token: string, config: any, lang: string}} Stage */

const world = /** @type {any} */ (window);
const CONVERSATION = '00000000-0000-4000-8000-000000000000';

/** @type {any} */
let config = null;
let revision = 0;
let written = '';

const conversation = () => ({ id: CONVERSATION, status: 'open', rating: null });

/** @param {URLSearchParams} form */
const stored = (form) => ({
  id: form.get('client_id') || String(revision),
  seq: revision,
  revision,
  kind: 'visitor',
  body: form.get('body') || '',
  author: null,
  created_at: new Date().toISOString(),
  edited_at: null,
  removed: false,
  attachments: [],
  client_id: form.get('client_id'),
});

/** What the server would answer. @type {Record<string, (form: URLSearchParams) => any>} */
const answers = {
  config: () => config,
  bootstrap: () => ({
    widget_session_token: 'preview',
    visitor_token: 'preview',
    expires_in: 3600,
    conversation: conversation(),
    contact: { name: '', email: '', trust: 'anonymous' },
    messages: [],
    cursor: revision,
    has_older: false,
    config,
  }),
  send: (form) => {
    revision++;
    return { message: stored(form), conversation: conversation(), cursor: revision };
  },
  poll: () => ({
    messages: [],
    cursor: revision,
    has_more: false,
    conversation: conversation(),
    operator_read_seq: revision,
    typing: null,
    next_in: 60,
  }),
  history: () => ({ messages: [], has_older: false }),
  read: () => ({ visitor_read_seq: revision }),
  stream: () => ({ mode: 'poll', next_in: 60 }),
  identify: () => ({ contact: { name: '', email: '', trust: 'anonymous' } }),
  rate: () => ({ conversation: conversation() }),
};

/** @param {string} base address of the widget's calls */
const standIn = (base) => {
  const real = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input), location.href);
    if (!url.href.startsWith(base)) return real(input, init);
    const answer = answers[url.pathname.slice(new URL(base).pathname.length).replace('/', '')];
    const form = init?.body instanceof URLSearchParams ? init.body : new URLSearchParams();
    return answer ? Response.json(answer(form)) : new Response(null, { status: 204 });
  };
};

/**
 * Put the widget on the page anew. It opens by itself, as on every next page of a visitor who had it
 * open: then it leaves the focus where somebody is writing.
 *
 * @param {Stage} stage
 */
const mount = ({ loader, token, lang, config: { appearance } }) => {
  document.querySelector('django-messenger')?.remove(); // closing gives the focus to what is there
  world.DjangoMessenger?.destroy?.();
  const kept = { visitor: 'preview', open: true, look: appearance };
  localStorage.setItem(`dm:${token}`, JSON.stringify(kept));
  const script = document.createElement('script');
  Object.assign(script.dataset, { widgetToken: token, lang });
  script.src = loader;
  script.onload = () => script.remove();
  document.head.append(script);
};

/** @param {Stage} stage @param {import('./preview.js').Wish} wish @returns {Stage} */
export const wished = (stage, { look, texts, lang }) => {
  const { appearance, texts: own } = stage.config;
  const merged = { ...own };
  for (const [key, entered] of Object.entries(texts)) {
    const said = Object.entries({ ...own[key], ...entered }).filter(([, text]) => text.trim());
    merged[key] = Object.fromEntries(said);
  }
  const color = look.color || appearance.color;
  const fresh = { ...appearance, ...look, color, on_color: onColor(color) };
  return { ...stage, lang: lang || stage.lang, config: { ...stage.config, appearance: fresh, texts: merged } };
};

/** @param {Stage} stage */
export const startStage = (stage) => {
  standIn(new URL('.', stage.loader).href);
  const perform = (/** @type {Stage} */ next) => {
    const described = JSON.stringify([next.config, next.lang]);
    if (described === written) return;
    written = described;
    ({ config } = next);
    mount(next);
  };
  addEventListener('message', ({ source, origin, data }) => {
    if (source === parent && origin === location.origin && data?.is === 'dm-wish') perform(wished(stage, data));
  });
  if (parent === window) perform(stage);
  else parent.postMessage('dm-stage', location.origin);
};
