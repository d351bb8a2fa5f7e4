/** Whether an inbox wants to know something before the first message. */
import { kept } from './page.js';
import { state } from './state.js';
import { about } from './wire.js';

/** What to ask. Nobody is asked twice: neither with a session nor with a verified name. */
export const asked = () => {
  const { session, visitor, claims } = kept();
  const isKnown = session || visitor || claims;
  const { fields = [], consent = null } = (!isKnown && state.config?.pre_chat) || {};
  return { fields: about.identity ? [] : fields, consent };
};

/** Whether there are questions. */
export const asksFirst = () => {
  const { fields, consent } = asked();
  return !!(fields.length || consent);
};

/** Whether the first message has to wait for answers, or for the questions. */
export const isAsking = () => {
  const { session, visitor } = kept();
  return asksFirst() || !(state.config || session || visitor);
};
