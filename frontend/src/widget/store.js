/**
 * Small state in `localStorage`, in memory where the browser or the page forbids that.
 *
 * @param {string} key
 * @returns {import('../shared/types.js').Store}
 */
export const makeStore = (key) => {
  let memory = '{}';
  let storable = true;

  const kept = () => {
    let found = {};
    try {
      found = JSON.parse((storable && localStorage.getItem(key)) || memory);
    } catch {
      storable = false;
      found = JSON.parse(memory);
    }
    return { seen: 0, out: [], ...found };
  };

  const write = (/** @type {string} */ text) => {
    memory = text;
    try {
      localStorage.setItem(key, memory);
    } catch {
      storable = false; // blocked or full: what is in memory must not be lost behind an older copy
    }
  };

  return {
    kept,
    keep: (changes) => write(JSON.stringify({ ...kept(), ...changes })),
    wipe: () => {
      memory = '{}';
      try {
        localStorage.removeItem(key);
      } catch {}
    },
    lasts: () => storable,
  };
};
