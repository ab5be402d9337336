// The catalogue as `npm start -- catalogue --json` prints it: plain data, the same names as in the model.
import type { JsonValue } from '../json.ts';
import type { Action, Catalogue, ConfigTarget, Input } from './model.ts';

/** Actions with inputs, aliases, selection and sources; hosts, groups, portals, configuration targets, findings. */
export function catalogueJson(catalogue: Catalogue): { readonly [key: string]: JsonValue } {
  return {
    commit: catalogue.commit,
    actions: catalogue.actions.map(actionJson),
    hosts: catalogue.hosts.map((host) => ({ ...host })),
    groups: catalogue.groups.map((group) => ({ ...group })),
    portals: catalogue.portals.map((portal) => ({ ...portal })),
    configs: catalogue.configs.map(configJson),
    inventories: catalogue.inventories,
    ansibleConfig: catalogue.ansibleConfig ?? null,
    findings: catalogue.findings.map((finding) => ({ ...finding })),
  };
}

function actionJson(action: Action): JsonValue {
  return {
    id: action.id,
    kind: action.kind,
    title: action.title,
    description: action.description,
    subject: action.subject,
    aliases: action.aliases,
    verbs: action.verbs,
    agent: action.agent,
    selection: {
      playbook: action.playbook,
      tags: action.tags,
      skipTags: action.skipTags,
      enables: action.enables,
      pattern: action.pattern,
      hosts: action.hosts,
      limit: action.limit ?? null,
    },
    inputs: action.inputs.map(inputJson),
    configs: action.configs.map((config) => config.name),
    risk: action.risk,
    idempotent: action.idempotent,
    estimatedMs: action.estimatedMs ?? null,
    timeoutMs: action.timeoutMs ?? null,
    reads: action.reads,
    sources: action.sources.map((source) => ({ ...source })),
  };
}

function inputJson(input: Input): JsonValue {
  return {
    name: input.name,
    type: input.type,
    ...(input.elements === undefined ? {} : { elements: input.elements }),
    required: input.required,
    ...(input.default === undefined ? {} : { default: input.default }),
    ...(input.choices === undefined ? {} : { choices: input.choices }),
    description: input.description,
    aliases: input.aliases,
    secret: input.secret,
    ...(input.hostPattern === undefined ? {} : { hostPattern: true }),
    source: { ...input.source },
  };
}

function configJson(config: ConfigTarget): JsonValue {
  return { ...config, from: config.from ?? null, source: { ...config.source } };
}
