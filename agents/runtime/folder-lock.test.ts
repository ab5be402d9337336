import { afterEach, expect, it } from 'vitest';
import { aFolder, closeStages } from '../../test/fakes/stage.ts';
import { lockFolder } from './folder-lock.ts';

afterEach(closeStages);

it('lets one at a time into a folder, in one process too', async () => {
  const folder = await aFolder();
  const unlock = lockFolder(folder, 'one');
  expect(() => lockFolder(folder, 'one', 0)).toThrow(expect.objectContaining({ kind: 'DATA_FOLDER_IN_USE' }));
  unlock();
  lockFolder(folder, 'one', 0)();
});

it('is the folder of one agent for good', async () => {
  const folder = await aFolder();
  lockFolder(folder, 'one')();
  expect(() => lockFolder(folder, 'two')).toThrow(/belongs to the agent “one”/);
  // A refusal keeps nothing locked.
  lockFolder(folder, 'one', 0)();
});
