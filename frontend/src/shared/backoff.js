/** How long to wait, in milliseconds. Pure: chance and time come from outside. */

/**
 * After so many failures in a row, half of it fixed and half at random.
 *
 * @param {number} failures 1 or more
 * @param {number} chance from 0 to 1
 */
export const retryDelay = (failures, chance) =>
  (Math.min(60000, 1000 * 2 ** (failures - 1)) * (1 + chance)) / 2;

/**
 * Until the next question when nothing goes wrong.
 *
 * @param {{open: boolean, hidden: boolean, idle: number, chance: number}} tab `idle`: milliseconds
 *   since somebody said something
 */
export const pollDelay = ({ open, hidden, idle, chance }) => {
  const minutes = idle / 60000;
  let seconds = minutes < 5 ? 20 : 60;
  if (hidden) seconds = open ? 30 : 60;
  else if (open) seconds = minutes < 1 ? 3 : minutes < 5 ? 8 : 20;
  return seconds * (900 + 200 * chance);
};
