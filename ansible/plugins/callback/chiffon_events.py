# Copyright: Chiffon contributors
from __future__ import annotations

DOCUMENTATION = """
    name: chiffon_events
    type: stdout
    short_description: the default screen output, and numbered events on a file descriptor
    description:
        - Prints exactly what the C(default) callback prints.
        - Beside it, it writes what happens to an inherited file descriptor, as JSON, one event a line, numbered from 1
          without gaps, so that a reader can follow a run while it goes on and notice when something got lost.
          Loop items have events of their own.
        - The name of a C(no_log) task is used as it is written in the playbook, before templating; else
          the name would show what C(no_log) hides.
        - What Ansible decrypts with a vault password is announced on the same descriptor, in lines with a C(secret),
          before Ansible can print it, so that the reader can keep it out of what it stores and shows.
        - A line is shorter than 4096 bytes, so that lines which worker processes write do not mix.
    extends_documentation_fragment:
      - default_callback
      - result_format_callback
    requirements:
      - set as stdout callback in the configuration
    options:
      events_fd:
        description: The file descriptor to write to. Without one that is open nothing is written.
        type: int
        default: 3
        env:
          - name: CHIFFON_EVENTS_FD
"""

import contextlib
import functools
import json
import os
import re
import time

import yaml

from ansible import constants as C
from ansible.parsing.vault import VaultLib
from ansible.plugins.callback.default import CallbackModule as DefaultCallback

# A write of at most PIPE_BUF bytes to a pipe is atomic.
LINE_BYTES = 4000
TEMPLATE = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)


class Events:
    """The event descriptor. Never raises: a run must not fail because nobody listens."""

    def __init__(self, fd):
        self.fd = fd
        self.number = 0
        self.pid = os.getpid()
        self.announced = set()

    def send(self, kind, **fields):
        if os.getpid() != self.pid:
            return  # a worker process; numbers are the main process's own
        self.number += 1
        event = {"n": self.number, "at": round(time.time() * 1000), "kind": kind}
        event.update((key, value) for key, value in fields.items() if value is not None)
        self.write(event)

    def secrets(self, values):
        """From any process of the run: values that must not be shown, in pieces that fit into a line each."""
        for value in set(values) - self.announced:
            self.announced.add(value)
            for start in range(0, len(value), 600):
                self.write({"secret": [value[start:start + 600]]})

    def write(self, event):
        try:
            line = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
            if len(line) >= LINE_BYTES:  # only texts of a task's result are that long
                event = {key: value[:400] if isinstance(value, str) else value for key, value in event.items()}
                line = json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
            os.write(self.fd, line + b"\n")
        except OSError:
            pass


def watch_vault(events):
    """Announces every plaintext that Ansible decrypts: single values, whole files, in workers too."""
    decrypt = VaultLib.decrypt_and_get_vault_id
    if hasattr(decrypt, "__wrapped__"):
        return

    @functools.wraps(decrypt)
    def announced(self, *args, **kwargs):
        result = decrypt(self, *args, **kwargs)
        with contextlib.suppress(Exception):
            events.secrets(secret_texts(bytes(result[0])))
            events.secrets(bytes(secret.bytes).decode() for _, secret in self.secrets)
        return result

    VaultLib.decrypt_and_get_vault_id = announced


def secret_texts(plaintext):
    """A vaulted file holds variables: each value is a secret. What is no mapping or list is one secret as a whole."""
    text = plaintext[:262144].decode("utf-8", "replace")
    with contextlib.suppress(yaml.YAMLError):
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if isinstance(root, (yaml.MappingNode, yaml.SequenceNode)):
            return list(scalars(root))
    return [text.strip()]


def scalars(node):
    if isinstance(node, yaml.ScalarNode):
        if node.tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null") and node.value.strip():
            yield node.value.strip()
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from scalars(item)
    else:
        for _, value in node.value:
            yield from scalars(value)


class CallbackModule(DefaultCallback):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "chiffon_events"

    def __init__(self):
        super().__init__()
        self.events = Events(-1)

    def set_options(self, task_keys=None, var_options=None, direct=None):
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        self.events = Events(self.get_option("events_fd"))
        with contextlib.suppress(Exception):
            watch_vault(self.events)

    # What happened

    def v2_playbook_on_start(self, playbook):
        with contextlib.suppress(Exception):
            self._decrypt_inventories(playbook._loader)
        super().v2_playbook_on_start(playbook)

    def v2_playbook_on_play_start(self, play):
        self._tell("play", name=lambda: play.get_name().strip())
        super().v2_playbook_on_play_start(play)

    def v2_playbook_on_task_start(self, task, is_conditional):
        with self._as_written(task):
            self._tell("task", name=lambda: task.get_name().strip())
            super().v2_playbook_on_task_start(task, is_conditional)

    def v2_playbook_on_handler_task_start(self, task):
        with self._as_written(task):
            self._tell("handler", name=lambda: task.get_name().strip())
            super().v2_playbook_on_handler_task_start(task)

    def v2_playbook_on_no_hosts_matched(self):
        self._tell("no-hosts", name=lambda: self._play.get_name().strip())
        super().v2_playbook_on_no_hosts_matched()

    def v2_runner_on_ok(self, result):
        with self._as_written(result._task):
            self._tell_result("changed" if result._result.get("changed") else "ok", result)
            super().v2_runner_on_ok(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        with self._as_written(result._task):
            self._tell_result("failed", result, ignored=bool(ignore_errors) or None)
            super().v2_runner_on_failed(result, ignore_errors)

    def v2_runner_on_skipped(self, result):
        with self._as_written(result._task):
            self._tell_result("skipped", result)
            super().v2_runner_on_skipped(result)

    def v2_runner_on_unreachable(self, result):
        with self._as_written(result._task):
            self._tell_result("unreachable", result, ignored=bool(getattr(result._task, "ignore_unreachable", False)) or None)
            super().v2_runner_on_unreachable(result)

    def v2_runner_item_on_ok(self, result):
        with self._as_written(result._task):
            self._tell_item("changed" if result._result.get("changed") else "ok", result)
            super().v2_runner_item_on_ok(result)

    def v2_runner_item_on_failed(self, result):
        with self._as_written(result._task):
            self._tell_item("failed", result)
            super().v2_runner_item_on_failed(result)

    def v2_runner_item_on_skipped(self, result):
        with self._as_written(result._task):
            self._tell_item("skipped", result)
            super().v2_runner_item_on_skipped(result)

    def v2_runner_retry(self, result):
        with self._as_written(result._task, result):
            self._tell_result("retry", result, left=result._result.get("retries", 0) - result._result.get("attempts", 0))
            super().v2_runner_retry(result)

    def v2_playbook_on_stats(self, stats):
        for host in sorted(stats.processed):
            counts = stats.summarize(host)
            self._tell("recap", host=lambda: host, ok=lambda: counts["ok"], changed=lambda: counts["changed"],
                       failed=lambda: counts["failures"], unreachable=lambda: counts["unreachable"],
                       skipped=lambda: counts["skipped"], rescued=lambda: counts["rescued"], ignored=lambda: counts["ignored"])
        self._tell("end")
        super().v2_playbook_on_stats(stats)

    # How it is told

    def _tell(self, kind, **fields):
        """Fields come as functions, so that whatever goes wrong in making one ends here and not in Ansible."""
        try:
            values = {key: make() for key, make in fields.items()}
        except Exception:
            values = {}
        self.events.send(kind, **values)

    def _tell_result(self, kind, result, **more):
        self._tell(kind, host=lambda: result._host.get_name(), name=lambda: result._task.get_name().strip(),
                   msg=lambda: self._message(kind, result),
                   note=lambda: True if kind == "ok" and self._is_note(result) else None,
                   **{key: functools.partial(lambda value: value, value) for key, value in more.items()})

    def _tell_item(self, kind, result):
        self._tell("item", host=lambda: result._host.get_name(), name=lambda: result._task.get_name().strip(),
                   item=lambda: str(self._get_item_label(result._result))[:200], status=lambda: kind,
                   msg=lambda: self._message(kind, result),
                   note=lambda: True if kind == "ok" and self._is_note(result) else None)

    def _is_note(self, result):
        return result._task.action in C._ACTION_DEBUG and "results" not in result._result

    def _message(self, kind, result):
        """What a failure or a debug task says; nothing of a no_log result, which Ansible has censored by now."""
        data = result._result
        if "censored" in data or data.get("_ansible_no_log"):
            return "hidden by no_log" if kind in ("failed", "unreachable") else None
        if kind not in ("failed", "unreachable") and result._task.action not in C._ACTION_DEBUG:
            return None
        said = data.get("msg")
        if isinstance(said, (list, tuple)):  # a debug task with a list of lines
            said = "\n".join(line for line in said if isinstance(line, str))
        parts = [said, data.get("module_stderr"), data.get("stderr") or data.get("stdout")]
        return "\n".join(part[:1000] for part in parts if isinstance(part, str) and part) or None

    def _handle_warnings_and_exception(self, result):
        """Since 2.19 the error text of a failed no_log task is printed whatever no_log says. It is not printed here."""
        if "censored" not in result._result:
            super()._handle_warnings_and_exception(result)

    @contextlib.contextmanager
    def _as_written(self, task, result=None):
        """Within it, a no_log task has the name that stands in the playbook, and what templating put in is announced."""
        shown, fields = task.name, getattr(result, "_task_fields", None)
        with contextlib.suppress(Exception):
            written = task._ds.get("name") if task.no_log and task._ds else None
            if isinstance(written, str) and TEMPLATE.search(written):
                for name in {str(shown), str((fields or {}).get("name", shown))}:
                    self.events.secrets(filled_in(written, name))
                task.name = written
                if fields:
                    result._task_fields["name"] = task.get_name()
        try:
            yield
        finally:
            task.name = shown

    def _decrypt_inventories(self, loader):
        """Inventories were read before this plugin was loaded: read the vaulted ones once more, to announce them."""
        from ansible import context
        for source in context.CLIARGS.get("inventory") or C.DEFAULT_HOST_LIST or ():
            files = [os.path.join(source, name) for name in os.listdir(source)] if os.path.isdir(source) else [source]
            for path in files:
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        content = file.read() if file.read(14) == b"$ANSIBLE_VAULT" else None
                    if content:
                        loader._vault.decrypt(b"$ANSIBLE_VAULT" + content)


def filled_in(written, shown):
    """The texts that templating put in the place of the templates of a name."""
    pattern = "(.*)".join(re.escape(part) for part in TEMPLATE.split(written))
    match = re.fullmatch(pattern, shown, re.DOTALL)
    return [value for value in (match.groups() if match else [shown]) if value and not TEMPLATE.search(value)]
