// The Matrix homeserver that tests speak to: Synapse, which lies on PyPI, in a virtual environment of the checkout's data folder.
import path from 'node:path';
import { findPython } from './ansible.mjs';
import { makeVenv, venvIsComplete } from './venv.mjs';

const folder = path.join(import.meta.dirname, '../.chiffon/synapse-venv');
const python = path.join(folder, 'bin', 'python');
/** @type {import('./venv.mjs').Venv} */
const venv = {
  folder,
  requirements: path.join(import.meta.dirname, 'requirements-synapse.txt'),
  package: 'matrix-synapse',
  name: 'Synapse',
  proof: { program: python, args: ['-m', 'synapse.app.homeserver', '--help'] },
  otherwise: 'then start the tests again.',
};

export function synapseIsThere() {
  return venvIsComplete(venv);
}

/** @param {import('./progress.mjs').Progress} progress @returns {Promise<string>} a Python that has Synapse */
export async function provideSynapse(progress) {
  if (!synapseIsThere()) await makeVenv(venv, { python: await findPython(), progress });
  return python;
}
