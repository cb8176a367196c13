/** From the line that runs to the line the user wrote, over real compilers' source maps and over broken ones. */
import assert from 'node:assert/strict';
import { transformSync } from 'esbuild';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { windowsPath } from '../../src/adapter/map-file.ts';
import { asLoaded, createSources } from '../../src/adapter/source-maps.ts';
import type { OriginalPosition } from '../../src/protocol/original-position.ts';

/** The types vanish, so that generated and original lines differ. */
const SOURCE = `interface Job {
  id: number;
}

export async function work(job: Job): Promise<void> {
  await Promise.resolve(job.id);
}
`;
const AWAIT = { line: 6, column: 3 };

interface Compiled {
  code: string;
  map: { sources: string[]; sourceRoot?: string; sourcesContent?: unknown; x_google_ignoreList?: number[] };
  at: { line: number; column: number };
}

function compile(source = SOURCE): Compiled {
  const { code, map } = transformSync(source, { loader: 'ts', sourcemap: true, sourcefile: 'job.ts' });
  const lines = code.split('\n');
  const line = lines.findIndex((text) => text.includes('await'));
  return { code, map: JSON.parse(map), at: { line: line + 1, column: (lines[line] ?? '').indexOf('await') + 1 } };
}

describe('source maps', () => {
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'lens maps ')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(name: string, text: string): string {
    const file = join(folder, ...name.split('/'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  const inline = (map: object) =>
    `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}\n`;

  function place(file: string, at: { line: number; column: number }, sources = createSources()): string {
    const found = sources.locate({ file, ...at, function: 'work' });
    return found === undefined ? 'nowhere' : `${found.file.replace(folder, '')}:${found.line}:${found.column}`;
  }

  const original = (file: string) => `${file}:${AWAIT.line}:${AWAIT.column}`;

  it('are found inside the file', () => {
    const { code, map, at } = compile();
    write('job.ts', SOURCE);
    assert.equal(place(write('job.js', code + inline(map)), at), original('/job.ts'));
  });

  it('are found in a file beside it, relative to the map and with a source root', () => {
    const { code, map, at } = compile();
    write('src/deep/job.ts', SOURCE);
    write('dist/maps/job.js.map', JSON.stringify({ ...map, sourceRoot: '../../src', sources: ['deep/job.ts'] }));
    const file = write('dist/job.js', `${code}//# sourceMappingURL=maps/job.js.map\n`);
    assert.equal(place(file, at), original('/src/deep/job.ts'));
  });

  it('may name their source by a path of Windows', function () {
    if (process.platform === 'win32') this.skip();
    const { code, map, at } = compile();
    const path = 'C:\\my app\\job.ts';
    write(path, SOURCE);
    const file = write('dist/job.js', code + inline({ ...map, sources: [path] }));
    const cwd = process.cwd();
    // Other systems take it for a name within the working directory.
    process.chdir(folder);
    try {
      assert.equal(place(file, at), original(path));
    } finally {
      process.chdir(cwd);
    }
  });

  const windows: [string, string | undefined][] = [
    ['file:///C:/app/dist/C:\\my app\\job.ts', 'C:\\my app\\job.ts'],
    ['file:///C:/app/dist/D:/src/50%.ts', 'D:\\src\\50%.ts'],
    ['file:///C:/app/dist/C:\\root\\/job.ts', 'C:\\root\\job.ts'],
    ['c:\\my app\\%C3%9C\\job.ts', 'c:\\my app\\Ü\\job.ts'],
    ['c:/src/50%.ts', 'c:\\src\\50%.ts'],
    ['webpack:///C:/src/job.ts', 'C:\\src\\job.ts'],
    ['webpack://app/./src/job.ts', undefined],
    ['file:///home/me/job.ts', undefined],
    ['file:///home/a:/b:c.ts', undefined],
  ];
  for (const [source, expected] of windows) {
    it(`name as a path of Windows in ${source}: ${expected ?? 'none'}`, () =>
      assert.equal(windowsPath(source), expected));
  }

  it('are found for file URLs with a query', () => {
    const { code, map, at } = compile();
    write('job.ts', SOURCE);
    const { href } = pathToFileURL(write('job.mjs', code + inline(map)));
    assert.equal(place(`${href}?version=2`, at), original('/job.ts'));
  });

  it('of webpack are resolved from the project folder above the bundle', () => {
    const { code, map, at } = compile();
    write('src/job.ts', SOURCE);
    const file = write(
      'dist/server/main.js',
      code + inline({ ...map, sources: ['webpack://my-app/./src/job.ts?a1b2'] }),
    );
    assert.equal(place(file, at), original('/src/job.ts'));
  });

  it('are not asked for a line that V8 does not know', () => {
    const { code, map } = compile();
    write('job.ts', SOURCE);
    const file = write('job.js', code + inline(map));
    assert.equal(place(file, { line: 0, column: 0 }), 'nowhere');
    assert.equal(createSources().isUser({ file, line: 0, column: 0, function: 'work' }), true);
  });

  it('count by the last comment of the file', () => {
    const { code, map, at } = compile();
    write('job.ts', SOURCE);
    const quoted = '//# sourceMappingURL=nothing.map\n';
    assert.equal(place(write('job.js', code + quoted + inline(map)), at), original('/job.ts'));
  });

  it('are read again when the file has changed', () => {
    const { code, map, at } = compile();
    write('job.ts', SOURCE);
    const file = write('job.js', code);
    const sources = createSources();
    assert.equal(place(file, at, sources), `/job.js:${at.line}:${at.column}`);
    write('job.js', code + inline(map));
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    assert.equal(place(file, at, sources), original('/job.ts'));
  });

  const broken: Record<string, (map: object) => string> = {
    'that is missing': () => '//# sourceMappingURL=missing.map\n',
    'that is no JSON': () => '//# sourceMappingURL=data:application/json;base64,bm9uc2Vuc2U=\n',
    'without mappings': () => inline({ version: 3, sources: ['job.ts'] }),
    'with nonsense for mappings': (map) => inline({ ...map, mappings: '!!!,,;%' }),
    'whose source is not on this machine': (map) => inline({ ...map, sources: ['elsewhere.ts'] }),
    'on a server': () => '//# sourceMappingURL=https://example.com/job.js.map\n',
    'with a malformed address': () => '//# sourceMappingURL=http://[\n',
  };
  for (const [name, comment] of Object.entries(broken)) {
    it(`${name} leaves the position in the generated file`, () => {
      const { code, map, at } = compile();
      write('job.ts', SOURCE);
      assert.equal(place(write('job.js', code + comment(map)), at), `/job.js:${at.line}:${at.column}`);
    });
  }

  describe('of a loader inside the program', () => {
    const written = { line: 40, column: 5 };

    function found(file: string, told: Partial<OriginalPosition>, at = written) {
      const sources = createSources();
      const frame = {
        file,
        line: 1,
        column: 1,
        function: '',
        original: { file: pathToFileURL(file).href, ...at, ...told },
      };
      const { line, column, file: path } = sources.locate(frame) ?? { file: '' };
      return { place: `${path.replace(folder, '')}:${line}:${column}`, isUser: sources.isUser(frame) };
    }

    it('count, in the file itself or another', () => {
      const file = write('job.ts', SOURCE);
      const { href } = pathToFileURL(write('template.vue', ''));
      assert.deepEqual(found(file, {}), { place: '/job.ts:40:5', isUser: true });
      assert.deepEqual(found(file, { file: href }), { place: '/template.vue:40:5', isUser: true });
    });

    it('say what is not the user’s', () => {
      const file = write('job.ts', SOURCE);
      const { href } = pathToFileURL(write('node_modules/lib/index.ts', ''));
      assert.equal(found(file, { ignored: true }).isUser, false);
      assert.equal(found(file, { file: href }).isUser, false);
    });

    it('are not followed by those of another file, which has been translated', () => {
      const { code, map, at } = compile();
      const { href } = pathToFileURL(write('job.ts', SOURCE + inline({ ...map, sources: ['job.js'] })));
      const { place: once } = found(write('job.js', code + inline(map)), { file: href }, at);
      assert.equal(once, `/job.ts:${at.line}:${at.column}`);
    });

    it('are followed by those of the same file, which was compiled before', () => {
      const { code, map, at } = compile();
      write('job.ts', SOURCE);
      assert.equal(found(write('job.js', code + inline(map)), {}, at).place, original('/job.ts'));
    });

    it('do not count when their source is not on this machine', () => {
      const file = write('job.js', '');
      for (const source of [
        'file:///gone/job.ts',
        'file://host/job.ts',
        'job.ts',
        'http://[',
        'webpack://app/gone.ts',
      ]) {
        assert.equal(found(file, { file: source }).place, '/job.js:1:1', source);
      }
    });
  });

  it('give an installed package away as no code of the user, also inside a bundle', () => {
    const { code, map, at } = compile();
    write('node_modules/lib/job.ts', SOURCE);
    write('src/job.ts', SOURCE);
    const sources = createSources();
    const isUser = (file: string) => sources.isUser({ file, ...at, function: '' });
    assert.equal(isUser(write('lib.js', code + inline({ ...map, sources: ['node_modules/lib/job.ts'] }))), false);
    assert.equal(
      isUser(write('ignored.js', code + inline({ ...map, sources: ['src/job.ts'], ignoreList: [0] }))),
      false,
    );
    assert.equal(isUser(write('own.js', code + inline({ ...map, sources: ['src/job.ts'] }))), true);
  });
});

describe('frames without a source map', () => {
  const sources = createSources();
  const frame = (file: string, name = 'f') => ({ file, line: 3, column: 7, function: name });

  it('of Node and of evaluated code are nowhere', () => {
    for (const file of ['node:fs', 'node:internal/timers', 'evalmachine.<anonymous>', '<anonymous>', '', 'native']) {
      assert.equal(sources.locate(frame(file)), undefined, file);
      assert.equal(sources.isUser(frame(file)), false, file);
    }
  });

  it('of a file that is gone stay as they are', () => {
    assert.deepEqual(sources.locate(frame('/gone/a.js')), { file: '/gone/a.js', line: 3, column: 7, function: 'f' });
    assert.deepEqual(sources.locate(frame('/gone/a.js', '')), { file: '/gone/a.js', line: 3, column: 7 });
  });

  it('have one spelling of a drive letter', () => {
    const paths = ['c:\\app\\a b.js', 'C:\\app\\a b.js', 'file:///c:/app/a%20b.js', 'file:///C:/app/a%20b.js'];
    assert.deepEqual(
      paths.map((path) => sources.locate(frame(path))?.file),
      paths.map(() => 'C:\\app\\a b.js'),
    );
  });

  it('of a file whose map could not be read yet have no line, but are the user’s', () => {
    const unmapped = { ...frame('/app/server.ts'), isUnmapped: true } as const;
    assert.equal(sources.locate(unmapped), undefined);
    assert.equal(sources.isUser(unmapped), true);
  });

  it('of malformed file URLs are nowhere', () => {
    assert.equal(sources.locate(frame('file:///a%2Fb.js')), undefined);
    assert.equal(sources.locate(frame('file://%')), undefined);
  });

  it("below node_modules are not the user's, on any platform", () => {
    assert.equal(sources.isUser(frame('/app/node_modules/pg/lib/client.js')), false);
    assert.equal(sources.isUser(frame('C:\\app\\node_modules\\pg\\client.js')), false);
    assert.equal(sources.isUser(frame('/app/my_node_modules/pg.js')), true);
  });
});

describe('the text of a source', () => {
  it('that was edited since the program started is none that its lines belong to', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lens text '));
    const file = join(folder, 'a.js');
    try {
      writeFileSync(file, 'one();');
      const startTime = Date.now();
      const sources = asLoaded(createSources(), () => startTime);
      assert.equal(sources.textOf?.(file), 'one();');
      writeFileSync(file, 'edited();');
      const editedAt = new Date(startTime + 60_000);
      utimesSync(file, editedAt, editedAt);
      assert.equal(sources.textOf?.(file), undefined);
      assert.equal(sources.currentTextOf?.(file), 'edited();');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
