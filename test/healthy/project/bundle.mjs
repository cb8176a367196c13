/** Bundles the sources with esbuild, again and again as a server of a developer does. */
import { context } from 'esbuild';

const build = await context({ entryPoints: ['src/main.ts'], bundle: true, format: 'esm', write: false });
for (let i = 0; i < 3; i++) console.log((await build.rebuild()).outputFiles.length);
await build.dispose();
