/** The chat in Russian. */
import '../words/ru.js';
import './index.js';
