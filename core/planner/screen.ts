// What never becomes a plan, found before anything else is read: empty or oversized text, control characters, templates,
// command lines, attempts to get around approval, small talk, questions about the bot.
import type { Stop } from './draft.ts';
import { refuse } from './draft.ts';
import { hasTemplate } from './matching/read-value.ts';

const longestRequest = 4000;

/** The refusal of a request that is no request, or null. `text` is normalised. */
export function screen(raw: string, text: string, talkToo = true): Stop | null {
  if (raw.length > longestRequest)
    return refuse(
      'MESSAGE_TOO_LONG',
      `The message has ${raw.length} characters; a request may have ${longestRequest}. Say what should be done, without logs or files.`,
    );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/.test(raw))
    return refuse(
      'MESSAGE_CONTROL_CHARACTERS',
      'The message holds control characters, which no request needs. Type it again as plain text.',
    );
  if (!/[\p{L}\p{N}]/u.test(text))
    return refuse(
      'NOTHING_FITS',
      'The message asks for nothing. Say what should be done, for example `deploy grafana on nas`.',
    );
  if (hasTemplate(text))
    return refuse(
      'UNSAFE_INPUT',
      'The request holds a template (`{{`, `{%` or `{#`), which Ansible would execute. Give plain values.',
    );
  if (isCommandLine(text))
    return refuse(
      'UNSAFE_REQUEST',
      'Chiffon runs no command lines, only actions of the catalogue. Ask for what should be achieved, for example `restart grafana`.',
    );
  if (isBypass(text))
    return refuse(
      'UNSAFE_REQUEST',
      'Nothing runs without an approval by somebody whom the policy names; a request cannot change that. Ask for the change itself, and approve the plan.',
    );
  const talk = talkToo ? smallTalk(text) : null;
  return talk === null ? null : refuse('NOTHING_FITS', talk);
}

const commands =
  'rm|curl|wget|bash|sh|zsh|sudo|dd|mkfs\\S*|chmod|chown|nc|ncat|python3?|perl|ruby|node|eval|exec|ssh|scp|systemctl|apt|apt-get|yum|dnf|pip|npm|docker|kubectl|podman|iptables|ansible|ansible-playbook|cat|echo|kill|killall|pkill|nmap|crontab|useradd|usermod|passwd|mount|umount|shutdown|reboot|git|make|cp|mv|ln|tar|mysql|psql|sed|awk|find|tee|touch|mkdir|rmdir|service';
const commandStart = new RegExp(
  `(?:^|[;&|\`]\\s*|\\b(?:run|execute|exec|type|do|invoke|call|start|command|commands?|shell|terminal|running|executing)(?:\\s+(?:the|this|following|command|a|shell|line|script))*[\\s:]+["'\`]?)(?:sudo\\s+)?(?:${commands})\\s+(?:-{1,2}[a-z]|[/~.$]|"|'|https?:|[a-z0-9_-]+\\s+-{1,2}[a-z])`,
  'i',
);

/** A command line, or a piece of one that has no other meaning in a sentence. */
function isCommandLine(text: string): boolean {
  if (
    /\$\(|\$\{|\|\s*(?:sudo\s+)?(?:sh|bash|zsh|python\d?|perl|tee|xargs)\b|>\s*\/(?:etc|dev|root|home|var|tmp)|<\(|\brm\s+-[a-z]*[rf]|:\(\)\s*\{|\b(?:mkfs|dd\s+if=)|\/bin\/(?:ba|z|da)?sh\s+-c|\bbash\s+-c\b|\beval\s*\(|&&\s*(?:rm|curl|wget|sh|bash|sudo|reboot)\b|;\s*(?:rm|curl|wget|drop\s+table|sudo|cat\s+\/|shutdown\s+-)/i.test(
      text,
    )
  )
    return true;
  if (commandStart.test(text)) return true;
  if (
    /\b(?:run|execute|exec|invoke|issue|type)\s+(?:(?:this|the|a|an|following|some|my|arbitrary|any|custom)\s+)*(?:shell|bash|terminal|console|root|arbitrary|raw|linux|unix|ad-?hoc)?\s*(?:commands?|command\s*lines?|shell\s*scripts?|one-?liners?|code|sql|quer(?:y|ies))\b/i.test(
      text,
    )
  )
    return true;
  if (
    /\b(?:open|give|get|start|spawn)\s+(?:me\s+)?(?:a\s+|an\s+)?(?:root\s+|reverse\s+|interactive\s+|remote\s+)*(?:shell|terminal|ssh session|console)\b/i.test(
      text,
    )
  )
    return true;
  return (
    /\b(?:run|execute|exec)\s+["'`]?(?:sudo\s+)?(?:rm|curl|wget|bash|sudo|chmod|chown|dd|nc|eval|systemctl|apt|apt-get|docker|kubectl|iptables|useradd|passwd|cat|echo|ls|whoami|id|uname|ps|df|uptime|env|printenv)(?:\s|["'`]|$)/i.test(
      text,
    ) && !/\b(?:playbook|role|action)\b/i.test(text)
  );
}

/** Words that ask to be let around approval, policy or rules. */
function isBypass(text: string): boolean {
  return [
    /\b(?:ignore|disregard|forget|override|bypass|circumvent|disable|turn off|skip|suspend|get around)\b[^.;\n]{0,40}\b(?:rules?|instructions?|polic(?:y|ies)|approvals?|approvers?|safety|guardrails?|restrictions?|system prompt|safeguards?|confirmation)\b/i,
    /\bwithout\s+(?:(?:asking|waiting|needing|requiring|getting|any|my|an|for|human|further|manual)\s+)*(?:approvals?|confirmation|permission|review|asking)\b/i,
    /\b(?:auto-?|self-?)approv(?:e|al|ed|ing)\b/i,
    /\b(?:and|then|also|,)\s*(?:just\s+|please\s+|immediately\s+)*approve(?:\s+(?:it|this|that|them|everything|the plan|yourself|automatically|for me|on my behalf))?\b/i,
    /\bapprove\s+(?:it|this|that|everything|all|the plan|your own)\b[^.;\n]*\b(?:yourself|automatically|for me|on my behalf|without)\b/i,
    /\b(?:no|don'?t\s+(?:need|ask\s+for|wait\s+for|require))\s+(?:any\s+|an\s+|for\s+)*(?:approvals?|confirmation|permission)\b/i,
    /\byou are now\b|\bpretend (?:to be|you(?:'re| are))\b|\bact as (?:root|admin|an? (?:unrestricted|different))\b|\bdeveloper mode\b|\bjailbreak\b|\bsystem prompt\b/i,
    /\b(?:make|add|set|grant)\s+(?:me|myself|yourself)\s+(?:as\s+)?(?:an?\s+)?(?:approver|admin|root)\b/i,
    /\b(?:skip|bypass|ignore|disable)\s+(?:the\s+)?(?:plan card|hash check|signature|audit)\b/i,
  ].some((pattern) => pattern.test(text));
}

function smallTalk(text: string): string | null {
  const plain = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s']/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (
    /^(hi|hey|hello|hallo|yo|good (morning|evening|afternoon|day|night)|howdy|greetings|hiya|sup|moin|servus)( (there|chiffon|bot|all|everyone|mate))*$/.test(
      plain,
    )
  )
    return 'Hello. Say what should be done, for example `deploy grafana on nas`; `help` lists the commands.';
  if (
    /^(thanks|thank you|thx|ty|cheers|great|nice|cool|awesome|perfect|good job|well done|ok|okay|k|lol|haha|yes|no|yep|nope|sure|never ?mind|nothing|stop it|forget it)( .{0,20})?$/.test(
      plain,
    ) &&
    plain.split(' ').length <= 4 &&
    !/\b(deploy|restart|install)\b/.test(plain)
  ) {
    return 'There is nothing to do in that. Say what should be done, for example `restart grafana`.';
  }
  if (
    /^(how are you|how is it going|hows it going|how's it going|what'?s up|whats up|who are you|what are you|are you (there|alive|ok|a bot|human|sentient)|tell me a joke|do you (like|love|know|have|think|dream)\b.*|i love you|what is your name|what'?s your name)\b.*$/.test(
      plain,
    )
  )
    return 'I plan changes to your infrastructure and run them once they are approved. Say what should be done, for example `deploy grafana on nas`.';
  if (
    /^(help|help me|what can you do|what do you do|what can i (do|ask|say)|what (actions|commands|playbooks|services) (are there|do you have|can you|exist|are available)|which (actions|playbooks) .*|how do i use (this|you)|list (actions|commands)|show (me )?(your |the )?(actions|commands|help|catalogue|catalog)|usage|commands|options|menu)\b.{0,40}$/.test(
      plain,
    )
  )
    return 'I run the actions of your infrastructure repository: `catalogue` lists them all, `help` lists the commands.';
  return null;
}
