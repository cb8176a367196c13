/** The command line as a program. */
import { join } from 'node:path';
import { isAdapterError } from '../adapter/errors.ts';
import { HELP, readCommand } from './args.ts';
import { Failure, FAILURE_EXIT_CODE, messageOf } from './failure.ts';
import { look } from './look.ts';
import { run } from './run.ts';
import { VERSION } from './version.ts';

const AGENT = join(__dirname, '..', 'agent', 'preload.cjs');

async function main(argv: readonly string[]): Promise<number> {
  try {
    const command = readCommand(argv);
    switch (command.command) {
      case 'help':
        process.stdout.write(HELP);
        return 0;
      case 'ps':
        return await look(command.options, AGENT);
      case 'version':
        process.stdout.write(`${VERSION}\n`);
        return 0;
      case 'run':
        return await run(command.options, AGENT);
    }
  } catch (error) {
    const detail =
      error instanceof Failure || isAdapterError(error) ? error.message : `unexpected failure: ${messageOf(error)}`;
    process.stderr.write(`async-lens: ${detail.replaceAll('\n', ' ')}\n`);
    return FAILURE_EXIT_CODE;
  }
}

// Whoever reads the report may leave early, as `head` does; the exit code must stay the program's.
process.stderr.on('error', () => undefined);
process.stdout.on('error', () => undefined);

void (async () => {
  process.exitCode = await main(process.argv.slice(2));
})();
