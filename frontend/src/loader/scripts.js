export const world = /** @type {any} */ (window);

/** One policy per page, for pages that name it in their `trusted-types`. */
const trusted = (/** @type {string} */ url) => {
  const shared = world.__djangoMessenger;
  shared.policy ||= world.trustedTypes?.createPolicy('django-messenger', {
    createScriptURL: (/** @type {string} */ text) => text,
  });
  return shared.policy?.createScriptURL(url) || url;
};

/**
 * Run a script that trusts what the page trusts: a classic one, which needs no CORS.
 *
 * @param {string} url
 * @param {string} nonce
 * @param {DOMStringMap} [data] attributes for it
 * @returns {Promise<unknown>} rejected where it does not come, or the page's policy forbids it
 */
export const addScript = async (url, nonce, data) => {
  const script = document.createElement('script');
  script.nonce = nonce;
  Object.assign(script.dataset, data);
  script.src = trusted(url);
  return new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = reject;
    document.documentElement.append(script);
  }).finally(() => script.remove());
};
