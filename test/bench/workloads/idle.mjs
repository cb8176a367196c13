/** Workload: nothing at all, for a while. */
import { setTimeout as delay } from 'node:timers/promises';
import { answerCommands, cpuCommands } from './commands.mjs';

answerCommands({ ...cpuCommands(), wait: ({ ms }) => delay(ms) });
