// `npm start`: the bot, with whatever it needs on this machine.
import { launch } from './launch.mjs';

await launch('bot/main.ts', { runsPlaybooks });

/** Commands that only read need no Ansible, nor does a bot whose agents are processes of their own. @type {(words: readonly string[], env: NodeJS.ProcessEnv) => boolean} */
function runsPlaybooks(words, env) {
  if (words.some((word) => ['--help', '-h', '--version', '-V'].includes(word))) return false;
  if (env.RABBITMQ_URL || env.RABBITMQ_URL_FILE) return false;
  const command = words.find((word) => !word.startsWith('-'));
  return !['plan', 'catalogue', 'audit', 'agents', 'doctor', 'help'].includes(command ?? '');
}
