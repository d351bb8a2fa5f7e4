/**
 * Read server-sent events from pieces of text. Pure but for what it has not yet seen the end of.
 *
 * @param {(event: string, data: string) => void} tell
 * @returns {(piece: string) => void}
 */
export const makeReader = (tell) => {
  let rest = '';
  let event = '';
  /** @type {string[]} */
  let data = [];

  const read = (/** @type {string} */ line) => {
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) || [];
    if (field === 'data') data.push(value);
    if (field === 'event') event = value;
    if (line) return;
    if (data.length) tell(event || 'message', data.join('\n'));
    event = '';
    data = [];
  };

  return (piece) => {
    rest += piece;
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() || '';
    lines.forEach(read);
  };
};
