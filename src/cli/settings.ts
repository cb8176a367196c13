/** Reads the settings file of `async-lens run`. */
import { readFileSync } from 'node:fs';
import { completeSettings, customArguments } from '../adapter/arguments.ts';
import { DEFAULT_SETTINGS, type LensSettings } from '../protocol/settings.ts';
import { Failure, messageOf } from './failure.ts';

/** The settings in that file, completed with the defaults; without a file the defaults. Throws a {@link Failure} that says what is wrong. */
export function readSettings(file: string | undefined): LensSettings {
  if (file === undefined) return DEFAULT_SETTINGS;
  try {
    const settings: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return completeSettings(customArguments('asyncLens/settings', { settings }).settings);
  } catch (error) {
    throw new Failure(`--settings ${file}: ${messageOf(error)}`);
  }
}
