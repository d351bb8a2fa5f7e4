/** English: what stands in every chat, and what is said without a connection. */
import { learn } from './table.js';

export const en = {
  title: 'Chat',
  greeting: 'Hello! How can we help?',
  online: 'We answer right here',
  open: 'Open chat',
  close: 'Close chat',
  log: 'Messages',
  write: 'Write a message',
  send: 'Send',
  emoji: 'Emoji',
  you: 'You',
  team: 'Support',
  sending: 'Sending…',
  waiting: 'Will be sent later',
  sent: 'Sent',
  seen: 'Seen',
  failed: 'Not sent',
  newer: 'New messages',
  older: 'Earlier messages',
  loading: 'Loading…',
  typing: '# is typing…',
  offline: 'No connection. Messages will go out when it is back.',
  settings: 'Sound and notifications',
};
learn('en', en);
