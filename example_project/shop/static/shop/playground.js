// The playground: puts the chat on the page as the forms say, and writes down what it tells.
'use strict';

(() => {
  const own = document.currentScript.dataset;
  const find = (selector) => document.querySelector(selector);
  const tag = find('#tag');
  const look = find('#look');
  const log = find('#log');
  const EVENTS = ['ready', 'open', 'close', 'unread', 'send', 'sent', 'failed', 'message', 'error'];
  let script = null;

  /** Write a line into the log, the newest first. */
  const note = (name, detail) => {
    const line = document.createElement('li');
    const word = document.createElement('b');
    word.textContent = name;
    const text = detail === undefined ? '' : ` ${JSON.stringify(detail)}`;
    line.append(new Date().toLocaleTimeString(), ' ', word, text);
    log.prepend(line);
    while (log.children.length > 200) log.lastChild.remove();
  };

  /** What the form says, as the tag's data attributes. */
  const wishes = () => {
    const data = {};
    for (const field of tag.elements) {
      if (!field.name) continue;
      if (field.type === 'checkbox') {
        if (field.checked) data[field.name] = field.value === 'on' ? '' : field.value;
      } else if (field.value.trim()) data[field.name] = field.value.trim();
    }
    return data;
  };

  const dashed = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const escaped = (text) => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;');

  /** Show the tag as one would write it. */
  const show = (data) => {
    const parts = Object.entries(data).map(([name, value]) =>
      value ? `data-${dashed(name)}="${escaped(value)}"` : `data-${dashed(name)}`,
    );
    const src = new URL(own.loader, location.href).href;
    find('#code').textContent = `<script async src="${src}" ${parts.join(' ')}></scr${'ipt'}>`;
    find('#hosted').href = own.chat.replace('TOKEN', encodeURIComponent(data.widgetToken));
  };

  /** Put the chosen properties on the chat's element. */
  const dress = () => {
    const host = find('django-messenger');
    if (!host) return;
    for (const field of look.elements) {
      if (!field.name.startsWith('--')) continue;
      const value = field.type === 'range' ? `${field.value}px` : field.value;
      if (field.dataset.touched && value) host.style.setProperty(field.name, value);
      else host.style.removeProperty(field.name);
    }
  };

  const report = () => {
    const api = window.DjangoMessenger;
    find('#unread').textContent = api ? api.unread : '–';
    find('#is-open').textContent = api ? api.isOpen : '–';
    find('#version').textContent = api ? api.v : '–';
  };

  /** Take the chat off the page and put it there anew. */
  const embed = () => {
    const data = wishes();
    window.DjangoMessenger?.destroy?.();
    script?.remove();
    script = document.createElement('script');
    script.async = true;
    Object.assign(script.dataset, data);
    script.src = own.loader;
    script.onload = () => {
      dress();
      report();
    };
    script.onerror = () => note('loader.js', 'not loaded');
    document.head.append(script);
    show(data);
  };

  const call = (name, ...values) => {
    const api = window.DjangoMessenger;
    note(`DjangoMessenger.${name}()`, values[0]);
    if (!api) return;
    try {
      api(name, ...values);
    } catch (error) {
      note('error', String(error));
    }
    report();
  };

  for (const name of EVENTS) {
    document.addEventListener(`messenger:${name}`, ({ detail }) => {
      note(name, detail);
      report();
    });
  }

  tag.addEventListener('submit', (event) => {
    event.preventDefault();
    embed();
  });
  tag.addEventListener('input', () => {
    const texts = tag.elements.strings;
    texts.setCustomValidity('');
    try {
      JSON.parse(texts.value || '{}');
    } catch (error) {
      texts.setCustomValidity(error.message);
    }
    show(wishes());
  });

  look.addEventListener('input', ({ target }) => {
    if (target.name === 'dir') document.documentElement.dir = target.value;
    target.dataset.touched = 'yes';
    dress();
  });
  look.addEventListener('reset', () => {
    for (const field of look.elements) delete field.dataset.touched;
    document.documentElement.dir = 'ltr';
    dress();
  });

  find('#calls').addEventListener('click', ({ target }) => {
    const button = target.closest('[data-call]');
    if (button) call(button.dataset.call);
  });
  for (const form of document.querySelectorAll('[data-with]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const field = form.elements.value;
      let value = field.value;
      try {
        if ('json' in field.dataset) value = JSON.parse(value);
      } catch (error) {
        note('error', String(error));
        return;
      }
      call(form.dataset.with, form.dataset.with === 'identify' ? { token: value } : value);
    });
  }
  find('#clear').addEventListener('click', () => log.replaceChildren());

  embed();
})();
