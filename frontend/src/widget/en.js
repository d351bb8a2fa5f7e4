/** The chat in English. */
import '../words/en.js';
import './index.js';
