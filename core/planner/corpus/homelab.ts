// A lab like the sample: a playbook for each service, a few for the machines, a proxy with portals, Uptime Kuma's monitors.
import type { ConfigTarget } from '../../catalogue/model.ts';
import { buildCatalogue, buildSnapshot } from './catalogue-builder.ts';

const monitors: ConfigTarget = {
  name: 'monitors',
  aliases: ['monitor', 'uptime monitors'],
  path: 'config/uptime-kuma/monitors.yml',
  list: ['monitors'],
  key: 'url',
  from: 'portals',
  item: { name: '{{ name }}', url: '{{ url }}', interval: 60 },
  source: { path: 'config/uptime-kuma/monitors.yml', line: 2 },
};

const homepage: ConfigTarget = {
  name: 'services',
  aliases: ['homepage', 'homepage services', 'dashboard', 'bookmarks'],
  path: 'config/homepage/services.yml',
  list: ['services'],
  key: 'href',
  from: 'portals',
  item: { title: '{{ name }}', href: '{{ url }}' },
  source: { path: 'config/homepage/services.yml', line: 1 },
};

export const homelab = buildCatalogue({
  groups: {
    homelab: ['atlas', 'media', 'nas', 'pi'],
    proxy: ['pi'],
    monitoring: ['pi'],
    storage: ['nas'],
    docker: ['atlas', 'media', 'pi'],
  },
  hostAliases: { pi: ['raspberry'], nas: ['truenas'] },
  portals: [
    ['Jellyfin', 'jellyfin.home.lab', 'https://jellyfin.home.lab'],
    ['Nextcloud', 'cloud.home.lab', 'https://cloud.home.lab'],
    ['Gitea', 'git.home.lab', 'https://git.home.lab'],
    ['Home Assistant', 'ha.home.lab', 'https://ha.home.lab'],
  ],
  actions: [
    {
      playbook: 'playbooks/uptime-kuma.yml',
      title: 'Deploy Uptime Kuma',
      description: 'A status page and monitor for the lab.',
      aliases: ['kuma', 'status page'],
      pattern: 'monitoring',
      configs: [monitors],
      inputs: {
        uptime_kuma_port: { type: 'int', default: 3001, description: 'Port of the web interface' },
        uptime_kuma_version: { default: '1', description: 'Image tag' },
      },
    },
    {
      playbook: 'playbooks/jellyfin.yml',
      title: 'Deploy Jellyfin',
      description: 'Media server for films and series.',
      aliases: ['media server'],
      pattern: 'docker',
      inputs: {
        jellyfin_port: { type: 'int', default: 8096 },
        jellyfin_version: { default: 'latest' },
        jellyfin_media_path: { type: 'path', default: '/srv/media' },
        jellyfin_hardware_transcoding: { type: 'bool', default: false },
      },
    },
    {
      playbook: 'playbooks/nextcloud.yml',
      title: 'Deploy Nextcloud',
      description: 'Files, calendars and contacts. Uses PostgreSQL and Redis.',
      pattern: 'docker',
      inputs: {
        nextcloud_version: { default: '29' },
        nextcloud_admin_password: { secret: true },
        nextcloud_memory_limit: { default: '512m' },
        nextcloud_trusted_domains: { type: 'list', elements: 'str' },
      },
    },
    {
      playbook: 'playbooks/gitea.yml',
      title: 'Deploy Gitea',
      description: 'Git hosting.',
      pattern: 'docker',
      inputs: {
        gitea_port: { type: 'int', default: 3000 },
        gitea_ssh_port: { type: 'int', default: 2222 },
        gitea_registration: { type: 'bool', default: false },
      },
    },
    {
      playbook: 'playbooks/home-assistant.yml',
      title: 'Deploy Home Assistant',
      description: 'Home automation.',
      pattern: 'pi',
    },
    {
      playbook: 'playbooks/grafana.yml',
      title: 'Deploy Grafana',
      description: 'Dashboards.',
      pattern: 'docker',
      inputs: {
        grafana_port: { type: 'int', default: 3000 },
        grafana_log_level: { choices: ['debug', 'info', 'warn', 'error'], default: 'info' },
        grafana_anonymous_access: { type: 'bool' },
      },
    },
    {
      playbook: 'playbooks/prometheus.yml',
      title: 'Deploy Prometheus',
      description: 'Metrics store.',
      pattern: 'docker',
      inputs: {
        prometheus_retention_days: { type: 'int', default: 15 },
        prometheus_scrape_interval: { default: '15s' },
      },
    },
    {
      playbook: 'playbooks/traefik.yml',
      title: 'Deploy Traefik',
      description: 'Reverse proxy with TLS.',
      aliases: ['reverse proxy'],
      pattern: 'proxy',
    },
    {
      playbook: 'playbooks/homepage.yml',
      title: 'Deploy Homepage',
      description: 'A dashboard of all services.',
      aliases: ['dashboard'],
      pattern: 'proxy',
      configs: [homepage],
    },
    {
      playbook: 'playbooks/vaultwarden.yml',
      title: 'Deploy Vaultwarden',
      description: 'Password manager.',
      aliases: ['password manager', 'bitwarden'],
      pattern: 'docker',
    },
    {
      playbook: 'playbooks/restart.yml',
      title: 'Restart a service',
      subject: 'service',
      verbs: ['restart'],
      description: 'Restarts one service.',
      pattern: 'homelab',
      risk: 'medium',
      inputs: {
        service: {
          required: true,
          choices: [
            'jellyfin',
            'nextcloud',
            'gitea',
            'grafana',
            'prometheus',
            'traefik',
            'uptime-kuma',
            'homepage',
            'vaultwarden',
            'home-assistant',
          ],
          description: 'Which service',
        },
      },
    },
    {
      playbook: 'playbooks/backup.yml',
      title: 'Back up a host with restic',
      subject: 'restic',
      verbs: ['back up'],
      description: 'Backs up the data folders of a host.',
      pattern: 'homelab',
      inputs: {
        keep_days: { type: 'int', default: 14, description: 'Days to keep a snapshot' },
        compress: { type: 'bool', default: true },
      },
    },
    {
      playbook: 'playbooks/restore.yml',
      title: 'Restore a host from backup',
      subject: 'host',
      verbs: ['restore'],
      pattern: 'homelab',
      risk: 'high',
      inputs: { snapshot: { required: true, description: 'Snapshot to restore' } },
    },
    {
      playbook: 'playbooks/update.yml',
      title: 'Update packages',
      subject: 'packages',
      verbs: ['update'],
      description: 'Installs package updates on the hosts.',
      pattern: 'homelab',
      risk: 'medium',
      inputs: { reboot: { type: 'bool', default: false, description: 'Reboot when needed' } },
    },
    {
      playbook: 'playbooks/reboot.yml',
      title: 'Reboot hosts',
      subject: 'hosts',
      verbs: ['reboot'],
      pattern: 'homelab',
      risk: 'high',
    },
    {
      playbook: 'playbooks/ping.yml',
      title: 'Check that hosts answer',
      subject: 'hosts',
      verbs: ['check'],
      description: 'Pings every host.',
      pattern: 'all',
    },
    {
      playbook: 'playbooks/prune.yml',
      title: 'Clean up Docker',
      subject: 'docker',
      verbs: ['clean up'],
      description: 'Removes unused images and volumes.',
      aliases: ['docker images', 'unused images'],
      pattern: 'docker',
    },
    {
      playbook: 'playbooks/users.yml',
      title: 'Create a user',
      subject: 'user',
      verbs: ['create'],
      pattern: 'homelab',
      inputs: {
        username: { required: true, description: 'Login name' },
        shell: { choices: ['/bin/bash', '/bin/zsh', '/bin/sh'], default: '/bin/bash' },
        groups: { type: 'list', elements: 'str' },
        password: { secret: true },
      },
    },
    {
      playbook: 'playbooks/rotate-password.yml',
      title: 'Rotate a password',
      subject: 'password',
      verbs: ['rotate'],
      pattern: 'docker',
      risk: 'medium',
      inputs: {
        service: { required: true, choices: ['gitea', 'nextcloud', 'grafana'] },
        new_password: { required: true, secret: true },
      },
    },
    {
      playbook: 'playbooks/remove.yml',
      title: 'Remove a service',
      subject: 'service',
      verbs: ['remove'],
      pattern: 'homelab',
      risk: 'high',
      inputs: {
        service: {
          required: true,
          choices: ['jellyfin', 'nextcloud', 'gitea', 'grafana', 'prometheus', 'homepage', 'vaultwarden'],
        },
        keep_data: { type: 'bool', default: true, description: 'Keep the data folder' },
      },
    },
    {
      playbook: 'site.yml',
      title: 'Deploy everything',
      subject: 'everything',
      verbs: ['deploy'],
      description: 'The whole lab.',
      pattern: 'homelab',
    },
  ],
});

export const homelabFiles = {
  'config/proxy.yml': 'http:\n  routers:\n    jellyfin:\n      rule: Host(`jellyfin.home.lab`)\n',
  'config/uptime-kuma/monitors.yml': `# What Uptime Kuma watches.
monitors:
  # the proxy itself
  - name: Traefik
    url: https://traefik.home.lab
    interval: 60
  - name: Gitea
    url: https://git.home.lab/
    interval: 30 # seconds
`,
  'config/homepage/services.yml': 'services: []\n',
};

export const homelabSnapshot = buildSnapshot(homelabFiles);
