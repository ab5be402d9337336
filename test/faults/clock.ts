// An agent's clock that a test sets, also while the agent runs.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FaultPoint } from '../services/fault-points.ts';
import type { ProcessOptions } from '../services/lab.ts';
import type { Scene } from './scene.ts';

export const hours = 3_600_000;

export function clockOf(scene: Scene) {
  const file = () => join(scene.lab().folder, 'clock-offset');
  return {
    /** How far it is off, in ms. */
    set: (offsetMs: number) => writeFile(file(), String(offsetMs)),
    /** For the agent that goes by it. */
    options: (fault?: FaultPoint): ProcessOptions => ({
      env: { CLOCK_OFFSET_FILE: file() },
      ...(fault && { fault }),
    }),
  };
}
