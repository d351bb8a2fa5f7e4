// Bundles the front end into src/django_messenger/static/: all of it, or the entries that are named.
// `--check` writes nothing and fails where what is committed is not what the sources make.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { minify } from 'terser';

const here = new URL('.', import.meta.url);
const output = new URL('../src/django_messenger/static/django_messenger/', here);
const check = process.argv.includes('--check');

/** Another tool that collects static files must find nothing to follow in them. */
const FORBIDDEN = /\b(?:import|export)\b\s*[{*(\w"']|import\.meta|sourceMappingURL|url\(|@import/;

const browsers = ['chrome111', 'firefox115', 'safari16.4'];
const entries = [
  { name: 'loader', target: ['es2021'] },
  // The chat, by language: its first file holds the words of one.
  // A loader of another protocol has nothing to offer: then the chunk does nothing.
  { name: 'widget', source: 'widget/en', target: browsers, guard: 'self.__djangoMessenger?.[1]&&' },
  { name: 'widget-ru', source: 'widget/ru', target: browsers, guard: 'self.__djangoMessenger?.[1]&&' },
  { name: 'widget-more', source: 'more/index', target: browsers, guard: 'self.__djangoMessenger?.[1]?.core&&' },
  { name: 'panel', target: browsers },
  { name: 'settings', target: browsers },
];

/** Styles as a text, minified. */
const styles = {
  name: 'styles',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const made = await build({
        entryPoints: [path],
        minify: true,
        write: false,
        charset: 'utf8',
        target: browsers,
      });
      // esbuild leaves custom properties as they are written.
      return { contents: made.outputFiles[0].text.trim().replace(/([:,]) /g, '$1'), loader: 'text' };
    }),
};

const bundle = async ({ name, source = `${name}/index`, target, guard = '' }) => {
  const made = await build({
    absWorkingDir: fileURLToPath(here),
    entryPoints: [`src/${source}.js`],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    charset: 'utf8',
    legalComments: 'none',
    metafile: true,
    target,
    plugins: [styles],
  });
  const bundled = made.outputFiles[0].text;
  const { code } = await minify(bundled, { ecma: 2020, compress: { passes: 4, unsafe_arrows: true, inline: 1, if_return: false } });
  const text = `${guard}${code.replace('"use strict";(()=>{', '(()=>{"use strict";')}\n`;
  const found = FORBIDDEN.exec(text);
  if (found) throw new Error(`${name}.js holds ${JSON.stringify(found[0])}`);
  console.log(`${name}.js ${text.length} characters, ${gzipSync(text, { level: 9 }).length} B gzip`);
  const sources = Object.keys(made.metafile.inputs).filter((path) => path.startsWith('src/'));
  const lines = await Promise.all(
    sources.sort().map(async (path) => `${digest(await readFile(new URL(path, here)))}  ${path}`),
  );
  lines.push(`${digest(text)}  ../src/django_messenger/static/django_messenger/${name}.js`);
  return [
    [new URL(`${name}.js`, output), text],
    // What it was made of, for those who have no Node.
    [new URL(`hashes/${name}.sha256`, here), `${lines.join('\n')}\n`],
  ];
};

const digest = (text) => createHash('sha256').update(text).digest('hex');

const named = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const wanted = entries.filter(({ name }) => !named.length || named.includes(name));
const files = (await Promise.all(wanted.map(bundle))).flat();
if (check) {
  for (const [url, text] of files) {
    if ((await readFile(url, 'utf8')) !== text) {
      console.error(`${url.pathname} is not what the sources make: npm run build`);
      process.exitCode = 1;
    }
  }
} else {
  await Promise.all(files.map(([url, text]) => writeFile(url, text)));
}
