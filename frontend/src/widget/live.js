/** Hearing from the server: a stream of hints where there is one, questions everywhere. */
import { pollDelay } from '../shared/backoff.js';
import { mayStream, opened, pollOnly, unopened, well } from './connection.js';
import { ask, isLeading, join, leave, listen, tell } from './leader.js';
import { keep, kept, kit, now, ui } from './page.js';
import { makeReader } from '../shared/sse.js';
import {
  arrived,
  follow,
  idleTime,
  note,
  noteTyping,
  restart,
  state,
  take,
  takeNewest,
  takeOlder,
  turn,
} from './state.js';
import { form, talk } from './wire.js';

/** A stream sends something every 25 s; what says nothing for longer is dead. */
const SILENCE = 60000;
/** Hints may come in numbers, and the server counts questions by the minute. */
const BREATH = 1000;
/** A shown "is typing" is looked after, for it ends without a hint. */
const GLANCE = 4000;
const NEWEST = 2 ** 31 - 1;

/** @type {number | undefined} */
let timer;
/** @type {?AbortController} */
let stream = null;
let lastByte = 0;
let lastPoll = -BREATH;
let nextAt = 0; // the server asks to be spared until then
let quietUntil = 0; // or insists
let polling = false;
let due = false;
let met = false; // what the first answer brings is old
let fetching = false;
let livelyUntil = 0; // somebody needs to hear at once, here or in another tab

const hasSession = () => !!(kept().session || kept().visitor);

const isLively = () => (state.isOpen && !document.hidden) || idleTime() < 300000;

const plan = (/** @type {number} */ pause) => {
  clearTimeout(timer);
  if (!state.gone) timer = setTimeout(tick, Math.max(0, pause));
};

const planNext = () => {
  const { isOpen: open, typing } = state;
  const usual = pollDelay({ open, hidden: document.hidden, idle: idleTime(), chance: Math.random() });
  plan(typing ? GLANCE : Math.max(usual, earliest() - now()));
};

const earliest = () => Math.max(quietUntil, stream ? lastPoll + BREATH : nextAt);

/** What is due now. Every tab has its own clock, for those of hidden tabs are slow. */
const tick = () => {
  if (state.gone || !hasSession()) return;
  join();
  planNext();
  if (isLeading()) attend(isLively());
  else ask({ is: 'ask', lively: isLively() });
};

const tellState = () => tell({ is: 'here', cursor: state.cursor, link: state.link });

/** The leader's turn: a look at the stream, or a question. */
const attend = (/** @type {boolean} */ lively) => {
  if (lively) livelyUntil = now() + 90000;
  if (stream && now() - lastByte > SILENCE) stream.abort();
  // Timers may be early by a fraction of a millisecond.
  if ((due || !stream || state.typing) && now() + 9 > earliest()) poll();
  else tellState();
};

/** Ask as soon as that is allowed: there is something new, or there may be. */
export const pollSoon = () => {
  due = true;
  if (!polling) plan(earliest() - now());
};

const poll = async () => {
  if (polling) return;
  polling = true;
  due = false;
  lastPoll = now();
  const { round, cursor: after } = state;
  const answer = await talk('poll/', { after });
  polling = false;
  if (state.gone) return;
  if (answer.ok) hearAnswer({ ...answer.data, after, id: state.conversation }, round);
  else {
    if (answer.status === 429) quietUntil = now() + answer.wait;
    tellState();
    if (answer.status !== 401) plan(answer.wait);
  }
  ui.render();
};

const hearAnswer = (/** @type {any} */ news, /** @type {number} */ round) => {
  nextAt = now() + 1000 * news.next_in;
  if (round !== state.round) return plan(0);
  if (news.cursor < news.after) {
    // Another device has moved this session to a new conversation.
    state.era++;
    restart();
    keep({ seen: 0 });
    return plan(0);
  }
  learn(news);
  tell({ is: 'news', news, link: state.link });
  if (news.has_more) return plan(0);
  if (due) pollSoon();
  else planNext();
  if (state.isOpen) loadNewest();
  if (isLeading() && !stream && now() < livelyUntil && mayStream(state.link, now())) listenIn();
};

const learn = (/** @type {any} */ news) => {
  state.cursor = Math.max(state.cursor, news.cursor);
  state.operatorRead = Math.max(state.operatorRead, news.operator_read_seq);
  note(news.conversation);
  noteTyping(news.typing);
  const fresh = take(news.messages);
  if (met && fresh.length) ui.heard(fresh);
  met = true;
};

/** Hold a stream of hints as long as it lasts. */
const listenIn = async () => {
  const { session } = kept();
  if (!session) return;
  const own = (stream = new AbortController());
  let open = false;
  try {
    const response = await fetch(`${kit.base}stream/`, {
      method: 'POST',
      body: form({ widget_session_token: session, after: state.cursor }),
      credentials: 'omit',
      signal: own.signal,
    });
    if (/^text\/event-stream/.test(response.headers.get('Content-Type') || '') && response.body) {
      open = true;
      turn(opened);
      await readHints(response.body);
    } else if (response.status === 429 || (await response.json()).mode === 'poll') {
      turn(pollOnly);
    }
  } catch {}
  if (stream === own) stream = null;
  if (!open) turn(unopened);
  else if (isLeading()) plan(300 + 2000 * Math.random());
};

const readHints = async (/** @type {ReadableStream<Uint8Array>} */ body) => {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const read = makeReader((event) => event === 'hint' && pollSoon());
  lastByte = now();
  pollSoon(); // what came before the stream
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    lastByte = now();
    read(decoder.decode(value, { stream: true }));
  }
};

const hearTab = (/** @type {any} */ message) => {
  const { is, link, cursor, news } = message;
  if (is === 'sent') {
    if (message.data.conversation.id === kept().conversation) arrived(message.data);
    return ui.render();
  }
  if (isLeading()) return is === 'ask' && attend(message.lively);
  if (link) state.link = link;
  if (news && news.id === kept().conversation) {
    follow(news.id);
    if (state.cursor < news.after) poll(); // this tab has missed something
    else learn(news);
  } else if (cursor > state.cursor) poll();
  ui.render();
};

listen(hearTab, () => {
  if (!isLeading()) return stream?.abort();
  plan(0);
});

/** The tab was shown, the network is back, the panel was opened: look at once. */
export const resume = () => {
  turn(well);
  if (state.isOpen) loadNewest();
  due = true;
  plan(earliest() - now());
};

/** The page goes away, perhaps into the back/forward cache. */
export const rest = () => {
  clearTimeout(timer);
  leave();
};

/** The newest messages, for a panel that opens on a conversation of another day. */
const loadNewest = () => {
  if (!state.loaded && hasSession()) return fetchHistory(NEWEST);
};

/** Messages before those that are shown. */
export const loadOlder = () => {
  if (state.hasOlder && state.loaded) return fetchHistory(state.oldest);
};

export const isFetching = () => fetching;

const fetchHistory = async (/** @type {number} */ before) => {
  if (fetching) return;
  fetching = true;
  const { round } = state;
  const { ok, data } = await talk('history/', { before });
  fetching = false;
  if (!ok || round !== state.round) return ui.render();
  const { messages, has_older: hasOlder } = data;
  if (before === NEWEST) takeNewest(messages, hasOlder);
  else takeOlder(messages, hasOlder);
  ui.render();
};
