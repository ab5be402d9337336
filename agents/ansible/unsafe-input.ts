// Which inputs may reach Ansible: only plain values under names that do not steer Ansible itself. The last gate before the file.
import type { Refusal } from '../../core/error.ts';
import { refusal } from '../../core/error.ts';
import type { JsonValue } from '../../core/json.ts';

/** Names that Ansible itself gives a meaning, beside everything that begins with `ansible_`. Source: its "Special Variables" page and the keywords of plays, roles, blocks and tasks. */
const reserved = new Set(
  `action any_errors_fatal args async become become_exe become_flags become_method become_user changed_when check_mode
  collections connection debugger delay delegate_facts delegate_to diff environment failed_when fact_path force_handlers
  gather_facts gather_subset gather_timeout group_names groups handlers hosts hostvars ignore_errors ignore_unreachable
  inventory_dir inventory_file inventory_hostname inventory_hostname_short item listen local_action loop loop_control
  lookup max_fail_percentage module_defaults name no_log notify omit order play_hosts playbook_dir poll port post_tasks
  pre_tasks q query register remote_user retries role_name role_names role_path roles run_once serial strategy tags tasks
  template throttle timeout undef until vars vars_files vars_prompt when with_`.split(/\s+/),
);

const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const template = /\{\{|\{%|\{#/;
const deepest = 20;

/** Null when the input may be given to Ansible. A message never holds the value, which may be secret. */
export function unsafeInput(name: string, value: JsonValue): Refusal | null {
  if (!variableName.test(name))
    return refusal('UNSAFE_INPUT', `“${name}” is no name for a variable. Nothing was done.`);
  if (/^_?ansible_/i.test(name) || reserved.has(name))
    return refusal('UNSAFE_INPUT', `“${name}” steers Ansible itself and cannot be an input. Nothing was done.`);
  return unsafeValue(name, value, 0);
}

function unsafeValue(name: string, value: JsonValue, depth: number): Refusal | null {
  if (depth > deepest) return refusal('UNSAFE_INPUT', `The value of “${name}” is nested too deeply. Nothing was done.`);
  if (typeof value === 'string')
    return template.test(value)
      ? refusal('UNSAFE_INPUT', `The value of “${name}” holds a Jinja template; give a plain value. Nothing was done.`)
      : null;
  if (value === null || typeof value !== 'object') return null;
  const parts: readonly JsonValue[] = isList(value) ? value : Object.entries(value).flat();
  for (const part of parts) {
    const no = unsafeValue(name, part, depth + 1);
    if (no !== null) return no;
  }
  return null;
}

/** Array.isArray does not narrow readonly arrays. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
