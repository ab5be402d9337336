// `npm run agent`: an agent, with whatever it needs on this machine.
import { launch } from './launch.mjs';

await launch('agents/main.ts', {
  runsPlaybooks: (words) => !words.some((word) => ['--help', '-h', '--version', '-V'].includes(word)),
});
