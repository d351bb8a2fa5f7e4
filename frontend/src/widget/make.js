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
 * Make an element. No text ever becomes markup; no button sends a form unless it is told to.
 *
 * @param {string} kind a tag with its classes: `p.text`
 * @param {Record<string, any>} [values] properties or attributes
 * @param {(Node | string)[]} children
 * @returns {any}
 */
export const make = (kind, values = {}, ...children) => {
  const [tag, ...names] = kind.split('.');
  const node = document.createElement(tag);
  node.className = names.join(' ');
  if (tag === 'button') node.setAttribute('type', tag);
  for (const key in values) put(node, key, values[key]);
  node.append(...children);
  return node;
};
