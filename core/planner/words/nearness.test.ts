import { describe, expect, it } from 'vitest';
import { compact, editDistance, nearness, slipNearness, wordsOf } from './nearness.ts';

describe('nearness', () => {
  it.each([
    ['graphana', 'grafana'],
    ['jelyfin', 'jellyfin'],
    ['nextclod', 'nextcloud'],
    ['trafeik', 'traefik'],
    ['promethius', 'prometheus'],
    ['gitae', 'gitea'],
  ])('forgives %s for %s', (said, known) => {
    expect(slipNearness(said, known)).toBeGreaterThan(0.85);
  });

  it.each([
    ['web1', 'web2'],
    ['nas', 'nos'],
    ['mars', 'nas'],
    ['radarr', 'sonarr'],
    ['db01', 'db02'],
    ['gitlab', 'gitea'],
  ])('never takes %s for %s', (said, known) => {
    expect(slipNearness(said, known)).toBe(0);
  });

  it('takes a plural for its singular', () => {
    expect(nearness('monitors', 'monitor')).toBe(0.98);
  });

  it('counts a swap of neighbours as one slip', () => {
    expect(editDistance('atals', 'atlas', 2)).toBe(1);
  });

  it('gives up beyond the limit', () => {
    expect(editDistance('abcdef', 'uvwxyz', 2)).toBe(3);
  });

  it('sees one name however it is written', () => {
    expect(['Uptime Kuma', 'uptime-kuma', 'uptime_kuma', 'UptimeKuma'].map(compact)).toEqual(
      Array(4).fill('uptimekuma'),
    );
    expect(wordsOf('uptimeKuma_port')).toEqual(['uptime', 'kuma', 'port']);
  });
});
