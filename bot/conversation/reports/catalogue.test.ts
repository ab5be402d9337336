// What `catalogue` lists, and what of it has to do with some words.
import { describe, expect, it } from 'vitest';
import { homelab } from '../../../core/planner/corpus/homelab.ts';
import { catalogueReport } from './catalogue.ts';

const titles = (filter: string) => catalogueReport(homelab, filter, 'homelab').rows.map(({ text }) => text);

describe('the catalogue', () => {
  it('lists the actions, 20 at most, and says how many there are besides', () => {
    const [action] = homelab.actions;
    if (action === undefined) throw new Error('no action');
    const many = { ...homelab, actions: Array.from({ length: 33 }, () => action) };
    const view = catalogueReport(many, '', 'homelab');
    expect(view.rows).toHaveLength(20);
    expect(view.more).toBe(13);
    expect(view.note).toMatch(/^33 actions of homelab at [0-9a-f]{8}\. Name what you look for/);
  });

  it('shows what has to do with all of the words: a name, a verb, a host, the playbook', () => {
    expect(titles('uptime')).toEqual(['Deploy Uptime Kuma']);
    expect(titles('status page')).toEqual(['Deploy Uptime Kuma']);
    expect(titles('for kuma on the pi')).toEqual(['Deploy Uptime Kuma']);
    expect(titles('kuma nas')).toEqual([]);
  });

  it('tells other names and hosts beside the title', () => {
    const [row] = catalogueReport(homelab, 'uptime kuma', 'homelab').rows;
    expect(row?.aside).toMatch(/^also: .*status page.* · on .*pi/);
  });

  it('says so when nothing has to do with them', () => {
    const view = catalogueReport(homelab, 'dragons', 'homelab');
    expect(view).toMatchObject({ title: 'Catalogue: dragons', rows: [], more: 0 });
    expect(view.note).toMatch(/^None of the \d+ actions of homelab at [0-9a-f]{8} has to do with that/);
  });
});
