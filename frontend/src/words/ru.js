/** Russian: what stands in every chat, and what is said without a connection. */
import { learn } from './table.js';

/** @type {Record<keyof typeof import('./en.js').en, import('../shared/types.js').Text>} */
export const ru = {
  title: 'Чат',
  greeting: 'Здравствуйте! Чем помочь?',
  online: 'Ответим прямо здесь',
  open: 'Открыть чат',
  close: 'Закрыть чат',
  log: 'Сообщения',
  write: 'Напишите сообщение',
  send: 'Отправить',
  emoji: 'Эмодзи',
  you: 'Вы',
  team: 'Поддержка',
  sending: 'Отправляется…',
  waiting: 'Уйдёт позже',
  sent: 'Отправлено',
  seen: 'Прочитано',
  failed: 'Не отправлено',
  newer: 'Новые сообщения',
  older: 'Более ранние сообщения',
  loading: 'Загрузка…',
  typing: '# печатает…',
  offline: 'Нет связи. Сообщения уйдут, когда она появится.',
  settings: 'Звук и уведомления',
};
learn('ru', ru);
