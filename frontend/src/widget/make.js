/**
 * Set a property, or an attribute where there is no such property.
 *
 * @param {any} node @param {string} name @param {any} value
 */
export const put = (node, name, value) => {
  if (name in node) node[name] = value;
  else node.setAttribute(name, value);
};

/**
 * Make an element. No text ever becomes markup.
 *
 * @param {string} tag
 * @param {Record<string, any>} [values] properties or attributes
 * @param {(Node | string)[]} children
 * @returns {any}
 */
export const make = (tag, values = {}, ...children) => {
  const node = document.createElement(tag);
  for (const name in values) put(node, name, values[name]);
  node.append(...children);
  return node;
};
