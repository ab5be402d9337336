// The agent as `npm run agent` runs it, with fault points.
import { existsSync, readFileSync } from 'node:fs';
import { openAgentLog } from '../../agents/agent-log.ts';
import { startAgentProgram } from '../../agents/compose.ts';
import { readAgentSettings } from '../../agents/settings.ts';
import { openFaultPoints } from './fault-points.ts';

/** How far its clock is off: a test may change it while the agent runs. */
function clockOffsetMs(): number {
  const file = process.env.CLOCK_OFFSET_FILE;
  return file === undefined || !existsSync(file) ? 0 : Number(readFileSync(file, 'utf8'));
}

const settings = readAgentSettings(process.env, process.cwd());
const lost = (): void => process.exit(3);
const running = await startAgentProgram(settings, openAgentLog(settings), lost, {
  ...openFaultPoints(process.env.FAULT_POINT),
  clock: { now: () => new Date(Date.now() + clockOffsetMs()) },
});
process.stdout.write('ready\n');
process.once('SIGTERM', () => void running.close().then(() => process.exit(0)));
