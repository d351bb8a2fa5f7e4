/** English: what is said now and then; it comes with the second file. */
import { learn } from './table.js';

export const enMore = {
  edited: 'edited',
  removed: 'Message deleted',
  unanswered: 'Your messages will go out after an answer.',
  busy: {
    one: 'Too many messages at once. Next try in # second.',
    other: 'Too many messages at once. Next try in # seconds.',
  },
  left: { one: '# character left', other: '# characters left' },
  over: { one: 'Too long by # character', other: 'Too long by # characters' },
  unread: { one: '# unread message', other: '# unread messages' },
  retry: 'Try again',
  drop: 'Delete',
  ended: 'This conversation is finished.',
  again: 'Write again',
  rate: 'How did we do?',
  star: { one: '# star out of 5', other: '# stars out of 5' },
  comment: 'Anything to add?',
  rated: 'Thank you for your rating!',
  intro: 'Before we begin',
  name: 'Name',
  email: 'E-mail',
  phone: 'Phone',
  optional: 'optional',
  consent: 'I agree to the processing of my data.',
  policy: 'Privacy policy',
  required: 'Fill in this field.',
  invalid: 'Check this field.',
  agree: 'We need your consent to begin.',
  sound: 'Sound',
  notify: 'Notifications',
};
learn('en', enMore);
