/**
 * The agent's entry, loaded by the gate into every process and worker thread. The imports are static on purpose: in a bundle of modules that are loaded later,
 * all that they share is a variable of a wrapper's, and the hooks that run for every promise take 10 % more.
 */
import { start } from './start.ts';

// `start` reports its own failures.
start();
