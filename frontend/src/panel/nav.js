/** Going from one conversation or list to another without a new page; history and focus stay right. */
import { all, ask, config, listQuery, one } from './page.js';
import { markRows, resetRows } from './rows.js';

/** @type {(() => void)[]} */
const arrivals = [];
let turn = 0;

/** @param {() => void} job after each arrival */
export const onArrival = (job) => arrivals.push(job);

/** Whether an address is one of ours that can be shown in place. @param {URL} url */
export const isOurs = (url) =>
  url.origin === location.origin &&
  url.pathname.startsWith(config.list) &&
  /^([\da-f-]{36}\/)?$/.test(url.pathname.slice(config.list.length));

/**
 * Show an address.
 *
 * @param {string} href
 * @param {{push?: boolean, focus?: string}} [options] `focus`: what gets the focus, if it is there
 */
export const go = async (href, { push = true, focus = '#dm-name' } = {}) => {
  const url = new URL(href, location.href);
  const own = ++turn;
  const isTalk = url.pathname !== config.list;
  const sameList = isTalk && one('#dm-rows') && queryOf(url) === queryOf(new URL(listQuery(), location.href));
  const answer = await ask(url.href, { part: sameList ? 'talk' : '' });
  if (own !== turn) return; // somewhere else by now
  if (!answer.ok || !one('#dm-panes', answer.html)) return location.assign(url);
  if (push) history.pushState(null, '', answer.url);
  place(answer.html, !!sameList);
  if (one(':target')) location.replace('#dm-talk'); // the drawer of the former conversation
  const target = one(focus) || one('#dm-name') || one('#dm-list-scroll');
  target?.focus({ preventScroll: true });
};

/** What an address says of the list. @param {URL} url */
const queryOf = ({ searchParams }) =>
  [...searchParams]
    .filter(([name, value]) => value && name !== 'before' && !(name === 'view' && value === 'all'))
    .sort()
    .join('&');

/** @param {ParentNode} html @param {boolean} keepsList */
const place = (html, keepsList) => {
  document.title = one('title', html)?.textContent || document.title;
  const panes = one('#dm-panes');
  const fresh = one('#dm-panes', html);
  panes.className = fresh.className;
  if (!keepsList) {
    one('#dm-list').replaceWith(one('#dm-list', fresh));
    resetRows();
  }
  all('#dm-talk, #dm-side', panes).forEach((node) => node.remove());
  panes.append(...all('#dm-talk, #dm-side', fresh));
  markRows();
  arrivals.forEach((job) => job());
};

/** Exchange everything for what the server has now; what is being written stays. */
export const renew = () => go(location.href, { push: false, focus: document.activeElement?.id ? `#${document.activeElement.id}` : '' });

/** The rows around the open one. @param {number} step @returns {string} address, or nothing */
export const neighbour = (step) => {
  const links = all('#dm-rows .dm-row__link');
  const at = links.findIndex((link) => link.hasAttribute('aria-current'));
  const next = at < 0 ? links[step > 0 ? 0 : links.length - 1] : links[at + step];
  return next?.href || '';
};
