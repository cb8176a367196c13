/** Checks that the file for the report can be written. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Failure, messageOf } from './failure.ts';

/** Before the program starts, because its run may be long or hard to repeat. */
export function checkWritable(file: string): void {
  const path = resolve(file);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) throw new Failure(`--json ${file} is a folder, not a file`);
  try {
    accessSync(stats === undefined ? dirname(path) : path, constants.W_OK);
  } catch (error) {
    throw new Failure(`--json ${file} cannot be written: ${messageOf(error)}`);
  }
}
