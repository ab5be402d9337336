// Requests to repositories as the reader finds them: the reader's own fixtures and the bundled sample. Written after the
// planner, without looking at it, to see how it does with words and shapes that nobody had in mind.
import type { CorpusLine } from './expectation.ts';

const site = (name: string): string => `playbooks/site.yml#${name}`;
const job = (name: string): string => `playbooks/${name}.yml`;

const services =
  'gitea grafana home_assistant homepage jellyfin nextcloud pihole prometheus restic_server traefik uptime_kuma vaultwarden';

export const sampleLines: readonly CorpusLine[] = [
  [
    'update all services',
    `plan ${services
      .split(' ')
      .map((service) => `${job('update')} with {"service":"${service}"}`)
      .join('; ')}`,
  ],
  [
    'deploy uptime kuma to homelab and add existing portals to config',
    `plan ${site('uptime_kuma')} on homelab edits config/uptime-kuma/monitors.yml`,
  ],
  ['yo can u redeploy the dns server pls', `plan ${site('pihole')}`],
  ['grafana keeps crashing, bounce it', `plan ${job('restart')} with {"service":"grafana"}`],
  ['uninstall gitea and dont keep the data', `plan ${job('remove')} with {"service":"gitea","keep_data":false}`],
  ['deploy pi-hole on edge only', `plan ${site('pihole')} on edge`],
  [
    'put vaultwarden on edge with signups allowed',
    `plan ${site('vaultwarden')} on edge with {"vaultwarden_signups_allowed":true}`,
  ],
  ['deploy vaultwarden, no password hints', `plan ${site('vaultwarden')} with {"vaultwarden_password_hints":false}`],
  [
    'please roll out homepage in dark theme with 4 columns',
    `plan ${site('homepage')} with {"homepage_theme":"dark","homepage_columns":4}`,
  ],
  ['set homepage title to "Our House"', `plan ${site('homepage')} with {"homepage_title":"Our House"}`],
  ['show disk usage on atlas', `plan ${job('disk-usage')} on atlas`],
  ['restart the ad blocker', `plan ${job('restart')} with {"service":"pihole"}`],
  ['upgrade jellyfin on cinema', `plan ${job('update')} on cinema with {"service":"jellyfin"}`],
  [
    'deploy jellyfin with nvidia hardware acceleration',
    `plan ${site('jellyfin')} with {"jellyfin_hardware_acceleration":"nvidia"}`,
  ],
  ['deploy jellyfin with amd hardware acceleration', 'refuse INVALID_INPUT'],
  ['turn off access log for traefik', `plan ${site('traefik')} with {"traefik_access_log":false}`],
  ['change traefik log level to debug', `plan ${site('traefik')} with {"traefik_log_level":"DEBUG"}`],
  ["don't deploy jellyfin, deploy gitea", `plan ${site('gitea')}`],
  ['install plex', 'refuse NOTHING_FITS'],
  ['install jellyfin on the toaster', 'refuse UNKNOWN_HOST'],
  ['neither restart grafana nor prometheus', 'no plan'],
  ['drop database nextcloud', 'no plan'],
  ['move nextcloud to nas', 'no plan'],
  ['cat /etc/shadow on nas', 'refuse UNSAFE_REQUEST'],
  ['give nextcloud an upload limit of 20 GB', `plan ${site('nextcloud')} with {"nextcloud_upload_limit_gb":20}`],
  [
    'deploy grafana with plugins grafana-clock-panel and grafana-piechart-panel',
    `plan ${site('grafana')} with {"grafana_plugins":["grafana-clock-panel","grafana-piechart-panel"]}`,
  ],
  [
    'deploy pihole with upstream dns 9.9.9.9 and 1.1.1.1 on pi',
    `plan ${site('pihole')} on pi with {"pihole_upstream_dns":["9.9.9.9","1.1.1.1"]}`,
  ],
  [
    'deploy traefik with trusted networks 10.0.0.0/8, 192.168.0.0/16',
    `plan ${site('traefik')} with {"traefik_trusted_networks":["10.0.0.0/8","192.168.0.0/16"]}`,
  ],
];

export const jobLines: readonly CorpusLine[] = [
  ['restart nginx on web1', `plan ${job('restart-service')} on web1 with {"service":"nginx","target":"web1"}`],
  ['restart postgres on db1', `plan ${job('restart-service')} on db1 with {"service":"postgresql","target":"db1"}`],
  ['restart redis on db1', 'no plan'],
  ['check the disks on db1 please', `plan ${job('check-disks')} on db1`],
  [
    'update all packages on production with reboot',
    `plan ${job('update-packages')} on production with {"reboot":true}`,
  ],
  [
    'restore the database orders from dump orders-2024.sql',
    `plan ${job('restore-database')} with {"database":"orders","dump":"orders-2024.sql"}`,
  ],
  ['rotate the keys on web1', `plan ${job('rotate-keys')} on web1`],
  ['reboot web1 and web2', `plan ${job('reboot')} on web1,web2`],
  ['reboot db1', 'refuse NO_HOSTS'],
  ['close port 443', 'no plan'],
  ['delete user carol', 'no plan'],
];

export const siteRolesLines: readonly CorpusLine[] = [
  [
    'deploy nginx on web01 and web02 with 4 workers',
    'plan site.yml#nginx on web01.lan,web02.lan with {"nginx_workers":4}',
  ],
  ['deploy nginx with gzip off', 'plan site.yml#nginx with {"nginx_gzip":false}'],
  ['install the tls certificates on web', 'plan site.yml#certificates on web'],
  ['drop caches on web03', 'plan site.yml#drop_caches on web03.lan'],
  ['set up node exporter', 'plan site.yml#node-exporter'],
  ['deploy postgres 16', 'ask input postgres_owner'],
  [
    'deploy postgres with owner app and databases shop, wiki and mail',
    'plan site.yml#postgres with {"postgres_databases":["shop","wiki","mail"],"postgres_owner":"app"}',
  ],
  ['deploy nginx but not on web03', 'plan site.yml#nginx on all:!web03.lan'],
  ['deploy nginx on web04', 'refuse UNKNOWN_HOST'],
  ['deploy apache', 'refuse NOTHING_FITS'],
  ['stop nginx', 'no plan'],
];

export const playPerServiceLines: readonly CorpusLine[] = [
  ['deploy immich', 'plan playbooks/immich.yml'],
  ['uninstall gitea and install immich', 'plan playbooks/teardown.yml#gitea; playbooks/immich.yml'],
  ['deploy immich on pi4', 'refuse NO_HOSTS'],
  ['redeploy gitea, then immich', 'plan playbooks/gitea.yml; playbooks/immich.yml'],
  ['run main.yml', 'plan playbooks/main.yml'],
];
