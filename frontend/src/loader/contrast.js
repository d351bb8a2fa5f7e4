const DIGITS = /^#[\da-f]{6}$/i;

/** @param {any} color @returns {color is string} whether it is written as `#rrggbb` */
export const isColor = (color) => DIGITS.test(color);

/**
 * Black or white, whichever stands out more: always at least 4.58:1.
 *
 * @param {string} color `#rrggbb`
 */
export const onColor = (color) => {
  const [r, g, b] = [1, 3, 5]
    .map((place) => parseInt(color.slice(place, place + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  // Both stand out alike where (luminance + 0.05)² = 1.05 · 0.05.
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.1791 ? '#000' : '#fff';
};
