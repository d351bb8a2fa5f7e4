/**
 * The shapes that several modules share. Types only.
 *
 * @typedef {string | Record<string, string>} Text one text, or one per plural form
 * @typedef {{cid: string, body: string,
 *   state: import('./message.js').State}} Unsent
 * @typedef {{name?: string, email?: string, phone?: string, external_id?: string,
 *   consent?: 'on'}} Claims what visitors say about themselves
 *
 * @typedef {object} Kept what outlives the page; all tabs of a browser share it
 * @property {string} [session] session token
 * @property {string} [visitor] visitor token
 * @property {string} [conversation] id of the conversation that the session is in
 * @property {string} [sub] who the signed identity says the visitor is
 * @property {boolean} [open] whether the panel was open
 * @property {number} [active] when something was last said, in milliseconds since 1970
 * @property {boolean} [silent] no sound, please
 * @property {boolean} [discreet] no notifications, please
 * @property {Look} [look] how the inbox wants the widget to look, for the next page
 * @property {Claims} [claims] what the first call has to tell the server
 * @property {number} seen number of the last message the visitor has seen
 * @property {Unsent[]} out messages on their way
 *
 * @typedef {{kept: () => Kept, keep: (changes: Partial<Kept>) => void, wipe: () => void,
 *   lasts: () => boolean}} Store
 *
 * @typedef {{color?: string, on_color?: string, position?: string, theme?: string}} Look
 *
 * @typedef {object} Message as the widget API describes it
 * @property {string} id
 * @property {number} seq
 * @property {number} revision
 * @property {string} kind
 * @property {string} body
 * @property {?{name: string}} author
 * @property {string} [client_id]
 * @property {string} created_at
 * @property {?string} edited_at
 * @property {boolean} removed
 *
 * @typedef {Message & {era: number}} Known `era` counts conversations: each numbers its messages
 *   from 1
 *
 * @typedef {object} Config the public settings of an inbox; absent parts are switched off
 * @property {string} name
 * @property {string} [locale]
 * @property {Look} [appearance]
 * @property {Record<string, Record<string, Text>>} [texts] by key, then by language
 * @property {{state: string}} [availability]
 * @property {{fields: {name: 'name' | 'email' | 'phone', required: boolean}[],
 *   consent: ?{url: string}}} [pre_chat]
 * @property {{typing?: boolean, rating?: boolean, emoji?: boolean, sound?: boolean}} [features]
 * @property {{max_message_length: number, max_comment_length?: number}} limits
 * @property {string} [honeypot_field]
 *
 * @typedef {{status: number, ok: boolean, data: any, wait: number}} Answer `status` 0 stands for no
 *   answer, or none of ours; `wait` in milliseconds
 *
 * @typedef {object} App what the chunk offers to the loader
 * @property {() => void} open
 * @property {() => void} close
 * @property {() => void} toggle
 * @property {(text: string) => Promise<void>} send
 * @property {(who: Claims & {token?: string}) => void} identify
 * @property {(attributes: Record<string, unknown>) => void} setAttributes
 * @property {() => void} reset
 * @property {() => void} destroy
 * @property {() => number} unread
 * @property {() => boolean} isOpen
 *
 * @typedef {object} Kit what the loader hands to the chunk
 * @property {string} token public token of the inbox
 * @property {string} base address of the widget API, with a slash at its end
 * @property {string} key name of what is kept
 * @property {string} nonce
 * @property {DOMStringMap} data attributes of the tag
 * @property {Record<string, Text>} strings texts of the page, by key
 * @property {HTMLElement} host
 * @property {ShadowRoot} root
 * @property {HTMLElement} frame
 * @property {HTMLButtonElement} launcher
 * @property {(look: Look) => void} dress
 * @property {(d: string) => SVGElement} icon
 * @property {(root: ShadowRoot, css: string, nonce: string) => void} style
 * @property {(name: string, detail?: any) => void} emit
 * @property {AbortController} leaving for listeners outside of the widget
 * @property {() => void} vanish take everything off the page
 * @property {(which: string) => Promise<unknown>} fetch another file of the chat
 * @property {App} [app] set by the chunk
 * @property {import('../widget/core.js').Core} [core] set by the chunk
 * @property {import('../more/index.js').Extras} [extras] set by the second file
 */

export {};
