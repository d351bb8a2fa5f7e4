const SVG = 'http://www.w3.org/2000/svg';

/** @param {string} d path in a square of 24 */
export const icon = (d) => {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', d);
  svg.append(path);
  return svg;
};

/**
 * Add styles to a shadow root without breaking a strict policy of the page.
 *
 * @param {ShadowRoot} root
 * @param {string} css
 * @param {string} nonce for browsers without constructable style sheets
 */
export const style = (root, css, nonce) => {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    const node = document.createElement('style');
    node.nonce = nonce;
    node.textContent = css;
    root.append(node);
  }
};
